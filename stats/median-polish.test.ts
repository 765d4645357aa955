import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { rowFigures } from "./median-polish.ts";
import { createRandom } from "./random.ts";

describe("figures of rows beside columns", () => {
  test("an additive table gives its rows' differences exactly, at the level of the middle column", () => {
    const rows = [0, 0.3, -0.2];
    const columns = [1, 5, 2];
    const table = rows.map((row) => columns.map((column) => row + column));
    const figures = rowFigures(table);
    for (const [i, row] of rows.entries()) expect(figures[i]).toBeCloseTo(2 + row, 12);
  });

  test("a row that lacks the dearest column is no better for it", () => {
    const columns = [1, 5, 2, 3];
    const table = [0, 0.3, -0.2].map((row) => columns.map((column): number | null => row + column));
    table[1] = (table[1] ?? []).map((value, c) => (c === 1 ? null : value));
    const [a, b, c] = rowFigures(table);
    expect((b ?? 0) - (a ?? 0)).toBeCloseTo(0.3, 12);
    expect((c ?? 0) - (a ?? 0)).toBeCloseTo(-0.2, 12);
  });

  test("one wild value of a row moves it little", () => {
    const table = [
      [1, 5, 2, 3],
      [1, 5, 2, 30],
    ];
    const [a, b] = rowFigures(table);
    expect(Math.abs((b ?? 0) - (a ?? 0))).toBeLessThan(0.01);
  });

  test("a row alone, and a table of one column, keep their own values", () => {
    expect(rowFigures([[4, 1, 2]])).toEqual([2]);
    expect(rowFigures([[4], [7], [null]])).toEqual([4, 7, null]);
    expect(rowFigures([])).toEqual([]);
  });

  test("the level is that of the columns that are asked for it", () => {
    const table = [0, 0.3].map((row) => [1, 5, 2, 40].map((column) => row + column));
    const [a, b] = rowFigures(table, 3);
    expect(a).toBeCloseTo(2, 12);
    expect(b).toBeCloseTo(2.3, 12);
  });

  test("what is added to a column is added to nobody's difference", () => {
    const value = fc.double({ min: -5, max: 5, noNaN: true });
    const table = fc.array(fc.array(value, { minLength: 4, maxLength: 4 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(table, fc.array(value, { minLength: 4, maxLength: 4 }), (rows, added) => {
        const before = rowFigures(rows);
        const after = rowFigures(rows.map((row) => row.map((v, c) => v + (added[c] ?? 0))));
        const apart = (figures: (number | null)[]) => figures.map((v) => (v ?? 0) - (figures[0] ?? 0));
        for (const [i, difference] of apart(after).entries())
          expect(difference).toBeCloseTo(apart(before)[i] ?? Number.NaN, 6);
      }),
    );
  });

  test("where columns differ widely it spreads far less than the rows' medians do", () => {
    const random = createRandom(7);
    const squares = [0, 0];
    for (let run = 0; run < 400; run += 1) {
      const columns = Array.from({ length: 4 }, () => 1.5 * random.normal());
      const table = Array.from({ length: 5 }, () => columns.map((column) => column + 0.3 * random.normal()));
      const middle = (row: readonly number[] = []) => {
        const [, b = 0, c = 0] = row.toSorted((x, y) => x - y);
        return (b + c) / 2;
      };
      const [one = 0, other = 0] = rowFigures(table).map((figure) => figure ?? 0);
      squares[0] = (squares[0] ?? 0) + (one - other) ** 2;
      squares[1] = (squares[1] ?? 0) + (middle(table[0]) - middle(table[1])) ** 2;
    }
    expect(Math.sqrt((squares[0] ?? 0) / (squares[1] ?? 1))).toBeLessThan(0.85);
  });
});
