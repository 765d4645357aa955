/** Between two columns. */
const gap = "  ";

/**
 * A table of plain text. Where it is wider than `columns`, the widest columns are narrowed and their cells go on in the
 * next line, broken between words; a word is never broken, so that a very narrow terminal is overrun.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
): string {
  const widths = fitted([head, ...rows], columns);
  const rule = widths.map((width) => "-".repeat(width));
  return [head, rule, ...rows].map((row) => lines(row, widths)).join("");
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
function lines(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, i) => words(cell, widths[i] ?? 0));
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, n) => {
    const line = cells.map((cell, i) => (cell[n] ?? "").padEnd(widths[i] ?? 0)).join(gap);
    return `${line.trimEnd()}\n`;
  }).join("");
}

function words(text: string, width: number): string[] {
  return Bun.wrapAnsi(text, Math.max(1, width), { wordWrap: true, hard: false, trim: true }).split("\n");
}
