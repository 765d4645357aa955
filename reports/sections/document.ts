import type { ChartRef } from "../charts/file.ts";

/**
 * What a report says, before it has a form: sections of blocks. Markdown and the page are two renderers of it, which alone
 * know how their form escapes text. A string is always text, whatever it holds.
 */
export type Inline = string | Mark | readonly Inline[];

export type Mark =
  | { readonly kind: "break" }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "strong" | "em" | "small"; readonly of: Inline }
  | { readonly kind: "link"; readonly section: string; readonly of: Inline }
  /** A ratio drawn with its interval, beside the same in words: a form without pictures leaves it out. An open end is null. */
  | {
      readonly kind: "interval";
      readonly ratio: number;
      readonly ciLow: number | null;
      readonly ciHigh: number | null;
      readonly tone: "better" | "worse" | "unshown";
    };

export const isMark = (of: Inline): of is Mark => typeof of === "object" && "kind" in of;

/** Cells of a row, or one head for all rows below it. */
export type Row = readonly Inline[] | { readonly head: Inline };

export const isHead = (row: Row): row is { readonly head: Inline } => !Array.isArray(row);

export type Block =
  | { readonly kind: "paragraph" | "note" | "alarm"; readonly of: Inline }
  | { readonly kind: "list"; readonly items: readonly Inline[] }
  | { readonly kind: "pre"; readonly text: string; readonly language: string }
  | { readonly kind: "chart"; readonly chart: ChartRef }
  | { readonly kind: "folded"; readonly summary: Inline; readonly of: readonly Block[] }
  | {
      readonly kind: "table";
      readonly heads: readonly Inline[];
      /** A letter a column: l or r. */
      readonly align: string;
      readonly rows: readonly Row[];
    };

/** Blocks, or none where there is nothing to say. */
export type Part = Block | null | readonly Part[];

/** A part of a report under its own heading. */
export interface Section {
  readonly id: string;
  readonly heading: string;
  /** The heading in as few words as a list of sections has room for. */
  readonly name: string;
  /** Where a form can fold a section away, this one is: it is looked up, and not read through. */
  readonly folds?: true;
  readonly blocks: readonly Block[];
}

const isList = (part: Part): part is readonly Part[] => Array.isArray(part);

/** The blocks that there are, in order. */
export function blocks(...parts: readonly Part[]): Block[] {
  return parts.flatMap((part) => (part === null ? [] : isList(part) ? blocks(...part) : [part]));
}

/** A section, or null when it has nothing to say; a heading may end with what its figures are, which its name leaves out. */
export function section(
  heading: string | readonly [name: string, rest: string],
  ...parts: readonly Part[]
): Section | null {
  const all = blocks(...parts);
  const [name, rest] = typeof heading === "string" ? [heading, ""] : heading;
  const whole = `${name}${rest}`;
  return all.length === 0 ? null : { id: idOf(whole), heading: whole, name, blocks: all };
}

/** A section that is looked up, and not read through. */
export const folding = (of: Section | null): Section | null => (of === null ? null : { ...of, folds: true });

/** A heading as GitHub makes an anchor of it, so that a link means the same in Markdown and in the page. */
export const idOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, "")
    .replaceAll(" ", "-");

/** Text with marks in it: what stands between the marks is text, and so is each string that is put in. */
export const line = (texts: TemplateStringsArray, ...values: readonly (Inline | number)[]): Inline =>
  texts.flatMap((text, i) => {
    const value = values[i];
    return [text, value === undefined ? "" : typeof value === "number" ? String(value) : value];
  });

export const br: Mark = { kind: "break" };
export const code = (text: string): Mark => ({ kind: "code", text });
export const strong = (of: Inline): Mark => ({ kind: "strong", of });
export const em = (of: Inline): Mark => ({ kind: "em", of });
export const small = (of: Inline): Mark => ({ kind: "small", of });
export const link = (sectionId: string, of: Inline): Mark => ({ kind: "link", section: sectionId, of });

/** Parts with something between each two. */
export const joined = (parts: readonly Inline[], between: Inline): Inline =>
  parts.flatMap((part, i) => (i === 0 ? [part] : [between, part]));

/** Lines below one another, as a cell of a table has them; null ones are left out. */
export const stacked = (...parts: readonly (Inline | null)[]): Inline =>
  joined(
    parts.flatMap((part) => (part === null || part === "" ? [] : [[part]])),
    br,
  );

export const paragraph = (of: Inline): Block => ({ kind: "paragraph", of });
/** Small print below a table or a chart. */
export const note = (of: Inline): Block => ({ kind: "note", of });
/** What a reader must not miss. */
export const alarm = (of: Inline): Block => ({ kind: "alarm", of });
export const list = (items: readonly Inline[]): Block | null =>
  items.length === 0 ? null : { kind: "list", items };
export const pre = (text: string, language = ""): Block => ({ kind: "pre", text, language });
export const picture = (chart: ChartRef): Block => ({ kind: "chart", chart });
export const table = (heads: readonly Inline[], align: string, rows: readonly Row[]): Block => ({
  kind: "table",
  heads,
  align,
  rows,
});
/** Content behind a click; nothing where there is none. */
export function folded(summary: Inline, ...parts: readonly Part[]): Block | null {
  const all = blocks(...parts);
  return all.length === 0 ? null : { kind: "folded", summary, of: all };
}
