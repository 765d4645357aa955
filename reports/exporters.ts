import type { Report } from "../schemas/report.ts";
import type { ReportFile } from "./file.ts";

/** A form that a report can be written in. */
export interface Exporter {
  /** What it writes, for a usage text. */
  readonly writes: string;
  render(report: Report, how: Layout): Promise<readonly ReportFile[]>;
}

/** How files are laid out whose reader may be a program or a person. */
export interface Layout {
  /** Indent report.json. */
  readonly indent: boolean;
}

const one = (path: string, content: string): ReportFile[] => [{ path, content }];

/**
 * Every form by the name that `--report` takes, in the order they are written. Each is loaded when it is asked for: the
 * command's help should not wait for a charting engine.
 */
export const exporters = {
  json: {
    writes: "report.json, and summary.json of 2 kB at most",
    render: async (r, how) => [
      { path: "report.json", content: (await import("./json.ts")).reportJson(r, how) },
      { path: "summary.json", content: (await import("./summary.ts")).summaryJson(r) },
    ],
  },
  md: {
    writes: "report.md, details.md and charts/*.svg",
    render: async (r) => (await import("./markdown/markdown.ts")).markdownFiles(r),
  },
  html: {
    writes: "report.html",
    render: async (r) => one("report.html", await (await import("./html/html.ts")).renderHtml(r)),
  },
  slides: {
    writes: "slides.html",
    render: async (r) => one("slides.html", (await import("./slides/slides.ts")).renderSlides(r)),
  },
  csv: {
    writes: "results.csv (a row per figure and round), ratios.csv (per comparison)",
    render: async (r) => {
      const { csvParts, renderRatiosCsv } = await import("./csv.ts");
      return [
        { path: "results.csv", content: () => csvParts(r) },
        { path: "ratios.csv", content: renderRatiosCsv(r) },
      ];
    },
  },
  hlog: { writes: "latency/*.hlog", render: async (r) => (await import("./hlog.ts")).renderHlogs(r) },
  adr: { writes: "adr.md", render: async (r) => one("adr.md", (await import("./adr.ts")).renderAdr(r)) },
  card: {
    writes: "card.svg, a picture to share; the form png makes card.png",
    render: async (r) => one("card.svg", (await import("./card.ts")).cardSvg(r)),
  },
  ci: {
    writes: "benchmark-*.json (github-action-benchmark), bencher.json (Bencher)",
    render: async (r) => {
      const { bencherMetricFormat, githubActionBenchmark } = await import("./ci.ts");
      return [
        { path: "benchmark-smaller-is-better.json", content: githubActionBenchmark(r, "lower") },
        { path: "benchmark-bigger-is-better.json", content: githubActionBenchmark(r, "higher") },
        { path: "bencher.json", content: bencherMetricFormat(r) },
      ];
    },
  },
} as const satisfies Record<string, Exporter>;

export type ExporterName = keyof typeof exporters;
export const exporterNames = Object.keys(exporters) as ExporterName[];

/** Whether a report can be written in a form of that name. */
export const isExporterName = (name: string): name is ExporterName => Object.hasOwn(exporters, name);

/**
 * The files of a report in the forms named, each form once and in the table's order, whatever the order of names. One form is rendered
 * when the files of the one before have been taken, so that no more than one is held.
 */
export async function* renderEach(
  report: Report,
  names: readonly ExporterName[],
  how: Layout,
): AsyncGenerator<ReportFile, void, void> {
  for (const name of exporterNames) {
    if (names.includes(name)) yield* await exporters[name].render(report, how);
  }
}
