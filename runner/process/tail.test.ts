import { expect, test } from "bun:test";
import fc from "fast-check";
import { Tail } from "./tail.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("keeps the last lines, however the stream was cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-zé ]{1,9}x$/), { maxLength: 12 }),
      fc.nat(20),
      (lines, step) => {
        const all = bytes(lines.map((line) => `${line}\n`).join(""));
        const tail = new Tail(5, 1000);
        for (let i = 0; i < all.length; i += step + 1) tail.push(all.subarray(i, i + step + 1));
        expect(tail.lines()).toEqual(lines.slice(-5));
      },
    ),
    { seed: 1 },
  );
});

test("keeps no more bytes than allowed", () => {
  const tail = new Tail(5, 10);
  tail.push(bytes("y".repeat(1_000_000)));
  tail.push(bytes("\nlast"));
  expect(tail.lines()).toEqual(["yyyyy", "last"]);
});

test("leaves empty lines out", () => {
  const tail = new Tail();
  tail.push(bytes("\r\none\r\n\n  \ntwo"));
  expect(tail.lines()).toEqual(["one", "two"]);
});
