import { expect, test } from "bun:test";
import { markup, trusted } from "./markup.ts";

test("a value is text, and markup stays what it is", () => {
  const name = `<b a='1'>"R&D"</b>`;
  expect(String(markup`<p>${name}</p>`)).toBe("<p>&lt;b a=&#39;1&#39;&gt;&quot;R&amp;D&quot;&lt;/b&gt;</p>");
  expect(String(markup`<p>${markup`<i>${"&"}</i>`}${trusted("<br>")}</p>`)).toBe("<p><i>&amp;</i><br></p>");
});

test("lists are written one after the other, numbers as they read, and nothing for what is not there", () => {
  const items = [markup`<li>a</li>`, ["<", [0, 1.5]]];
  expect(String(markup`<ul>${items}${null}${undefined}${false}${true}</ul>`)).toBe(
    "<ul><li>a</li>&lt;01.5</ul>",
  );
});
