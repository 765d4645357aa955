import { unbroken } from "./non-breaking-spaces.ts";

/** Between two columns. */
const gap = "  ";

/**
 * A table of plain text. Where it is wider than `columns`, the widest columns are narrowed and their cells go on in the
 * next line, broken between words; a word is never broken, so that a very narrow terminal is overrun.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[] | string)[],
  columns: number,
  { align = "", indent = 0, rule = true }: Look = {},
): string {
  const cells = rows.filter((row) => typeof row !== "string");
  const widths = fitted([head, ...cells], columns - indent);
  const line = (row: readonly string[]) => lines(row, widths, align, " ".repeat(indent));
  return [
    line(head),
    ...(rule ? [line(widths.map((width) => "-".repeat(width)))] : []),
    ...rows.map((row) => (typeof row === "string" ? `${row}\n` : line(row))),
  ].join("");
}

/** How a table of plain text looks. A row that is a string stands between the others as it is. */
interface Look {
  /** One letter a column, l or r; the left where there is none. */
  readonly align?: string;
  /** Spaces before each row. */
  readonly indent?: number;
  /** Whether a line of dashes stands below the head. */
  readonly rule?: boolean;
}

/** Text broken between words; lines after the first begin with `indent` spaces. */
export function wrapped(text: string, columns: number, indent: number): string {
  return words(text, columns - indent).join(`\n${" ".repeat(indent)}`);
}

function fitted(rows: readonly (readonly string[])[], columns: number): number[] {
  const cellsOf = (i: number) => rows.map((row) => row[i] ?? "");
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...cellsOf(i).map((cell) => cell.length)));
  const least = widths.map((_, i) =>
    Math.max(...cellsOf(i).flatMap((c) => c.split(" ").map((w) => w.length))),
  );
  const room = columns - gap.length * (widths.length - 1);
  for (let over = widths.reduce((sum, w) => sum + w, 0) - room; over > 0; over -= 1) {
    const widest = widths.reduce((best, width, i) => {
      if (width <= (least[i] ?? 0)) return best;
      return best === -1 || width > (widths[best] ?? 0) ? i : best;
    }, -1);
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** One row, as many lines high as its highest cell. */
function lines(row: readonly string[], widths: readonly number[], align: string, indent: string): string {
  const cells = row.map((cell, i) => words(cell, widths[i] ?? 0));
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, n) => {
    const padded = cells.map((cell, i) => {
      const [text, width] = [cell[n] ?? "", widths[i] ?? 0];
      return align[i] === "r" ? text.padStart(width) : text.padEnd(width);
    });
    return `${indent}${padded.join(gap)}`.trimEnd().concat("\n");
  }).join("");
}

/** A number and its unit stay in one line where the width allows it. */
function words(text: string, width: number): string[] {
  const wrap = (of: string) =>
    Bun.wrapAnsi(of, Math.max(1, width), { wordWrap: true, hard: false, trim: true }).split("\n");
  const joined = wrap(unbroken(text)).map((line) => line.replaceAll("\u00a0", " "));
  return joined.some((line) => line.length > width) ? wrap(text) : joined;
}
