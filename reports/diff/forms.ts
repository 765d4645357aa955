import type { Report } from "../../schemas/report.ts";
import type { ReportFile } from "../file.ts";
import { htmlDocument } from "../html/html-document.ts";
import { markup } from "../html/markup.ts";
import { blocksOf, sectionOf } from "../html/render.ts";
import { markdownOf, sectionText } from "../markdown/render.ts";
import { type DiffDocument, diffDocument } from "./document.ts";
import { type DiffForm, diffFormNames } from "./form-names.ts";
import type { RunComparison } from "./runs.ts";

const writers = {
  md: (document: DiffDocument): ReportFile => ({ path: "diff.md", content: markdown(document) }),
  html: (document: DiffDocument): ReportFile => ({ path: "diff.html", content: html(document) }),
} as const satisfies Record<DiffForm, (document: DiffDocument) => ReportFile>;

/** The files of a comparison, in the forms named. */
export function renderDiff(
  a: Report,
  b: Report,
  comparison: RunComparison,
  names: readonly DiffForm[],
): ReportFile[] {
  const document = diffDocument(a, b, comparison);
  return diffFormNames.filter((name) => names.includes(name)).map((name) => writers[name](document));
}

function markdown({ title, first, sections }: DiffDocument): string {
  const href = (id: string) => `#${id}`;
  return `${[`# ${title}`, markdownOf(first, href), ...sections.map((s) => sectionText(s, href))].join("\n\n")}\n`;
}

/** One file that needs neither network nor program. */
function html({ title, first, sections }: DiffDocument): string {
  const noCharts = () => markup``;
  return htmlDocument(
    title,
    markup`<header><h1>${title}</h1>
${blocksOf(first, noCharts, "Read this first")}</header>
<main>${sections.map((s) => sectionOf(s, noCharts))}</main>`,
  );
}
