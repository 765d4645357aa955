import { unbroken } from "../non-breaking-spaces.ts";
import { type Block, type Inline, isHead, isMark, type Row, type Section } from "../sections/document.ts";
import { intervalMark, scaleOf } from "./interval.ts";
import { type Markup, markup } from "./markup.ts";

/** What the page puts in the place of a chart. */
export type Place = (name: string) => Markup;

/** A quarter to four times; what lies beyond stands at the end. */
const octaves = scaleOf([{ ratio: 1, ciLow: 0.25, ciHigh: 4 }]);

/** Text with marks as HTML. */
export function inline(of: Inline): Markup {
  if (typeof of === "string") return markup`${unbroken(of)}`;
  if (!isMark(of)) return markup`${of.map(inline)}`;
  switch (of.kind) {
    case "break":
      return markup`<br>`;
    case "code":
      return markup`<code>${of.text}</code>`;
    case "strong":
      return markup`<strong>${inline(of.of)}</strong>`;
    case "em":
      return markup`<em>${inline(of.of)}</em>`;
    case "small":
      return markup`<small>${inline(of.of)}</small>`;
    case "link":
      return markup`<a href="#${of.section}">${inline(of.of)}</a>`;
    case "interval":
      return markup`<span class="interval ${of.tone}">${intervalMark(of, octaves)}</span>`;
  }
}

function rowOf(row: Row, align: string): Markup {
  if (isHead(row)) {
    return markup`<tr class="head"><th scope="rowgroup" colspan="${align.length}"><span>${inline(row.head)}</span></th></tr>`;
  }
  const cells = row.map((cell, i) =>
    i === 0
      ? markup`<th scope="row">${inline(cell)}</th>`
      : markup`<td${align[i] === "r" ? markup` class="num"` : ""}>${inline(cell)}</td>`,
  );
  return markup`<tr>${cells}</tr>`;
}

/** A table scrolls by itself, so that a phone's page does not; a keyboard can reach it. */
function tableOf({ heads, align, rows }: Block & { kind: "table" }, label: string): Markup {
  const head = heads.map((of, i) =>
    of === ""
      ? markup`<td></td>`
      : markup`<th scope="col"${align[i] === "r" ? markup` class="num"` : ""}>${inline(of)}</th>`,
  );
  return markup`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table><thead><tr>${head}</tr></thead>
<tbody>${rows.map((row) => markup`${rowOf(row, align)}\n`)}</tbody></table></div>
`;
}

/** Blocks as HTML; `label` names the tables in them for who cannot see where they stand. */
export function blocksOf(blocks: readonly Block[], place: Place, label: string): Markup {
  let tables = 0;
  const one = (of: Block): Markup => {
    switch (of.kind) {
      case "paragraph":
        return markup`<p>${inline(of.of)}</p>\n`;
      case "note":
        return markup`<p class="note">${inline(of.of)}</p>\n`;
      case "alarm":
        return markup`<p class="alarm">${inline(of.of)}</p>\n`;
      case "list":
        return markup`<ul>${of.items.map((item) => markup`<li>${inline(item)}</li>`)}</ul>\n`;
      case "pre":
        return markup`<pre tabindex="0"><code>${of.text}</code></pre>\n`;
      case "chart":
        return place(of.chart.name);
      case "folded":
        return markup`<details><summary>${inline(of.summary)}</summary>\n${of.of.map(one)}</details>\n`;
      case "table":
        tables += 1;
        // The section has the heading's name already, and two landmarks of one name cannot be distinguished.
        return tableOf(of, `${label}, table ${tables}`);
    }
  };
  return markup`${blocks.map(one)}`;
}

/** A section of the page under its heading. */
export function sectionOf({ id, heading, blocks, folds }: Section, place: Place): Markup {
  const head = markup`<h2 id="${id}-h">${heading}</h2>`;
  const body = blocksOf(blocks, place, heading);
  return markup`<section id="${id}" aria-labelledby="${id}-h">${
    folds === true
      ? markup`<details class="fold"><summary>${head}</summary>
${body}</details>`
      : markup`${head}
${body}`
  }</section>
`;
}
