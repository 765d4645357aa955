import type { ChartFile } from "../charts/file.ts";

/** Text from outside the renderer, safe inside a line or a table cell: markup is escaped, line breaks are spaces. */
export function text(raw: string): string {
  return raw
    .replace(/\s*[\r\n]+\s*/g, " ")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/[\\`*_[\]|~]/g, "\\$&");
}

/** A code span that any text fits in. A pipe inside is escaped, as tables split at pipes before code spans. */
export function code(raw: string): string {
  const line = raw.replace(/\s*[\r\n]+\s*/g, " ").replace(/\|/g, "\\|");
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return longest > 0 ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}

/** A fenced block whose fence is longer than any in the content. */
export function block(content: string, language = ""): string {
  const longest = Math.max(2, ...(content.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${content}\n${fence}`;
}

/** A table; `align` has one letter a column: l or r. Cells are Markdown already. */
export function table(heads: readonly string[], align: string, rows: readonly (readonly string[])[]): string {
  const rule = [...align].map((side) => (side === "r" ? "--:" : ":--"));
  const lines = [heads, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  // A sign that wraps away from its number reads as a cell of its own.
  return lines.replace(/(\d) (?=[%×])/g, "$1\u00a0").replace(/× (?=\d)/g, "×\u00a0");
}

/** Content behind a click. */
export function folded(summary: string, content: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${content}\n\n</details>`;
}

/** Blocks that exist, with a blank line between them. */
export function blocks(...parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== "").join("\n\n");
}

/** A part of a report under a heading of its own. */
export interface Section {
  readonly heading: string;
  /** The heading in as few words as a list of sections has room for. */
  readonly name: string;
  /** Markdown without the heading. */
  readonly body: string;
}

/** A section, or null when it has nothing to say; a heading may end with what its figures are, which its name leaves out. */
export function section(
  heading: string | readonly [name: string, rest: string],
  ...parts: readonly (string | null)[]
): Section | null {
  const body = blocks(...parts);
  const [name, rest] = typeof heading === "string" ? [heading, ""] : heading;
  return body === "" ? null : { heading: `${name}${rest}`, name, body };
}

/** A section as a part of report.md. */
export const headed = ({ heading, body }: Section): string => `## ${heading}\n\n${body}`;

/** A list, one line an entry. */
export const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join("\n");

/** A chart that follows the reader's theme; a page has a place of its own for it. */
export function picture({ name, alt, place }: ChartFile): string {
  if (place !== undefined) return place;
  const quoted = alt.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");
  return [
    "<picture>",
    `  <source media="(prefers-color-scheme: dark)" srcset="charts/${name}-dark.svg">`,
    `  <img alt="${quoted}" src="charts/${name}-light.svg">`,
    "</picture>",
  ].join("\n");
}
