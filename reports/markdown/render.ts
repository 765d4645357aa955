import type { ChartRef } from "../charts/file.ts";
import { unbrokenSigns } from "../non-breaking-spaces.ts";
import { type Block, type Inline, isHead, isMark, type Row, type Section } from "../sections/document.ts";
import { block, bullets, code, table, text } from "./element.ts";

/** Where a link to a section leads: into the same file, or into the one beside it. */
export type Href = (section: string) => string;

/** Text with marks as Markdown. */
export function inline(of: Inline, href: Href): string {
  if (typeof of === "string") return text(of);
  if (!isMark(of)) return of.map((part) => inline(part, href)).join("");
  switch (of.kind) {
    case "break":
      return "<br>";
    case "code":
      return code(of.text);
    case "strong":
      return `**${inline(of.of, href)}**`;
    case "em":
      return `*${inline(of.of, href)}*`;
    case "small":
      return `<sub>${inline(of.of, href)}</sub>`;
    case "link":
      return `[${inline(of.of, href)}](${href(of.section)})`;
    case "interval":
      return "";
  }
}

function rowCells(row: Row, columns: number, href: Href): string[] {
  if (isHead(row)) return [`*${inline(row.head, href)}*`, ...Array<string>(columns - 1).fill("")];
  return row.map((cell) => unbrokenSigns(inline(cell, href)));
}

/** A chart that follows the reader's theme. */
export function picture({ name, alt }: Pick<ChartRef, "name" | "alt">, folder = "charts"): string {
  const quoted = alt.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");
  return [
    "<picture>",
    `  <source media="(prefers-color-scheme: dark)" srcset="${folder}/${name}-dark.svg">`,
    `  <img alt="${quoted}" src="${folder}/${name}-light.svg">`,
    "</picture>",
  ].join("\n");
}

/** One block as Markdown. */
export function blockText(of: Block, href: Href, folder?: string): string {
  switch (of.kind) {
    case "paragraph":
      return inline(of.of, href);
    case "note":
      return `<sub>${inline(of.of, href)}</sub>`;
    case "alarm":
      return `> ⚠ ${inline(of.of, href)}`;
    case "list":
      return bullets(of.items.map((item) => inline(item, href)));
    case "pre":
      return block(of.text, of.language);
    case "chart":
      return picture(of.chart, folder);
    case "folded":
      return `<details>\n<summary>${inline(of.summary, href)}</summary>\n\n${markdownOf(of.of, href, folder)}\n\n</details>`;
    case "table":
      return table(
        of.heads.map((head) => unbrokenSigns(inline(head, href))),
        of.align,
        of.rows.map((row) => rowCells(row, of.heads.length, href)),
      );
  }
}

/** Blocks as Markdown, a blank line between them; charts are files in `folder`. */
export const markdownOf = (blocks: readonly Block[], href: Href, folder?: string): string =>
  blocks.map((of) => blockText(of, href, folder)).join("\n\n");

/** A section under its heading. */
export const sectionText = ({ heading, blocks }: Section, href: Href): string =>
  `## ${text(heading)}\n\n${markdownOf(blocks, href)}`;
