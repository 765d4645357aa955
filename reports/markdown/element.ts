/** Text as Markdown, safe inside a line or a table cell: markup is escaped, line breaks are spaces. */
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
  return [heads, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Blocks with a blank line between them. */
export const blocks = (...parts: readonly string[]): string => parts.join("\n\n");

/** A list, one line an entry. */
export const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join("\n");
