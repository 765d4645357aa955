import { hodgesLehmann } from "./hodges-lehmann.ts";
import { median } from "./moments.ts";

/** A table of rows by columns; null where it has a gap. All rows have the same number of columns. */
export type Table = readonly (readonly (number | null)[])[];

/** Sweeps at most; with the tables of a run the effects stand still after four or five. */
const sweeps = 20;

/**
 * One figure a row, of a table whose columns differ by more than its rows: Tukey's median polish (Exploratory Data Analysis, 1977,
 * chapter 11) finds what each column adds to all rows, so that a row which lacks a column is neither better nor worse for it. A
 * row's figure is the level of the middle column plus the pseudo-median (Hodges and Lehmann, 1963) of what the row's values are
 * beyond their columns; the first `levelled` columns alone, all unless given, are asked for that level. Null for a row without a value. In the unit of the values: for a ratio of rows, give logarithms.
 */
export function rowFigures(table: Table, levelled = Number.POSITIVE_INFINITY): (number | null)[] {
  const width = Math.max(0, ...table.map((row) => row.length));
  const rows = table.map(() => 0);
  const columns = Array.from({ length: width }, () => 0);
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    let moved = 0;
    for (let c = 0; c < width; c += 1) {
      const beyond = table.flatMap((row, r) => less(row[c], rows[r]));
      const effect = beyond.length === 0 ? Number.NaN : median(beyond);
      moved = Math.max(moved, Math.abs(effect - (columns[c] ?? 0)) || 0);
      columns[c] = effect;
    }
    for (const [r, row] of table.entries()) {
      const beyond = row.flatMap((value, c) => less(value, columns[c]));
      if (beyond.length > 0) rows[r] = median(beyond);
    }
    if (moved === 0) break;
  }
  const level = median(columns.slice(0, levelled).filter((effect) => !Number.isNaN(effect)));
  return table.map((row) => {
    const beyond = row.flatMap((value, c) => less(value, columns[c]));
    return beyond.length === 0 ? null : level + hodgesLehmann(beyond).estimate;
  });
}

function less(value: number | null | undefined, effect: number | undefined): number[] {
  return value == null || effect === undefined || Number.isNaN(effect) ? [] : [value - effect];
}
