import { expect, test } from "bun:test";
import fc from "fast-check";
import { table, wrapped } from "./text-table.ts";

const word = fc.stringMatching(/^[a-z0-9/]{1,12}$/);
const cell = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(" "));
const shape = fc.integer({ min: 1, max: 5 }).chain((columns) => {
  const row = fc.array(cell, { minLength: columns, maxLength: columns });
  return fc.tuple(row, fc.array(row, { maxLength: 5 }));
});

const sorted = (text: string): string[] =>
  text
    .split(/\s+/)
    .filter((w) => /[^-]/.test(w))
    .toSorted();

test("a table keeps every word, and keeps to the width where its words leave it any room", () => {
  fc.assert(
    fc.property(shape, fc.integer({ min: 70, max: 130 }), ([head, rows], columns) => {
      const text = table(head, rows, columns);
      expect(sorted(text)).toEqual(sorted([head, ...rows].flat().join(" ")));
      // Five columns of words of twelve characters fit 70.
      for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(columns);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("only what does not fit is broken, the widest column first", () => {
  const rows = [
    ["node/ws", "one two three four"],
    ["bun/serve", "one"],
  ];
  expect(table(["id", "what"], rows, 80)).toBe(
    "id         what\n---------  ------------------\nnode/ws    one two three four\nbun/serve  one\n",
  );
  expect(table(["id", "what"], rows, 20)).toBe(
    "id         what\n---------  ---------\nnode/ws    one two\n           three\n           four\nbun/serve  one\n",
  );
});

test("lines after the first are indented", () => {
  expect(wrapped("one two three four", 11, 2)).toBe("one two\n  three\n  four");
});

test("a number keeps its unit in its line where the width allows it", () => {
  expect(wrapped("at rates of 21.0 k/s", 14, 0)).toBe("at rates of\n21.0 k/s");
  expect(wrapped("it is 19 % here", 8, 0).split("\n")).toEqual(["it is", "19 %", "here"]);
});
