import type { Report } from "../schemas/report.ts";
import {
  type ExporterName,
  exporterNames,
  exporters,
  isExporterName,
  type Layout,
  renderEach,
} from "./exporters.ts";
import type { ReportFile } from "./file.ts";

/** Forms that a browser makes of another: the one thing here that starts a program. */
const browserForms = {
  pdf: "slides.pdf, made with a Chromium of this machine",
  png: "card.png, made with the same",
} as const;
type BrowserForm = keyof typeof browserForms;
/** Whether a form is made by a browser. */
export const isBrowserForm = (name: string): name is BrowserForm => Object.hasOwn(browserForms, name);

/** Every form that `--report` takes. */
export type FormName = ExporterName | BrowserForm;
export const formNames: readonly FormName[] = [
  ...exporterNames,
  ...(Object.keys(browserForms) as BrowserForm[]),
];

/** What a form writes, for a usage text. */
export const formWrites = (name: FormName): string =>
  isExporterName(name) ? exporters[name].writes : browserForms[name];

/** The form of those named that this machine has no browser for; null where it has one, or none is needed. */
export async function withoutBrowser(names: readonly FormName[]): Promise<FormName | null> {
  const needing = names.find(isBrowserForm);
  if (needing === undefined) return null;
  const { findChromium } = await import("./slides/chromium.ts");
  return findChromium() === null ? needing : null;
}

/** The files of a report in the forms named, one form held at a time. Throws PdfError where a browser is missing or fails. */
export async function* renderForms(
  report: Report,
  names: readonly FormName[],
  how: Layout,
): AsyncGenerator<ReportFile, void, void> {
  yield* renderEach(report, names.filter(isExporterName), how);
  if (names.includes("pdf")) {
    const { renderSlides } = await import("./slides/slides.ts");
    const { printPdf } = await import("./slides/pdf.ts");
    yield { path: "slides.pdf", content: await printPdf(renderSlides(report), run) };
  }
  if (names.includes("png")) {
    const { cardSize, cardSvg } = await import("./card.ts");
    const { drawPng } = await import("./slides/pdf.ts");
    yield { path: "card.png", content: await drawPng(cardSvg(report), cardSize, run) };
  }
}

/** Longest that printing a few slides may take, in ms. */
const patience = 60_000;

async function run(argv: readonly string[]): Promise<number> {
  const quiet = { stdin: "ignore", stdout: "ignore", stderr: "ignore" } as const;
  return Bun.spawn([...argv], { ...quiet, timeout: patience }).exited;
}
