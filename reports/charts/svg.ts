import type { Report } from "../../schemas/report.ts";
import { builtModule } from "../build-cache.ts";
import type { ChartFile } from "./file.ts";
import { type ChartSpec, chartSpecs, dark, light, type Theme } from "./options.ts";
import { anyTheme, inTheme } from "./palette.ts";

export type { ChartFile } from "./file.ts";

const { init } = await builtModule(
  {
    name: "charts",
    entry: "reports/charts/engine.ts",
    sources: ["reports/charts/engine.ts"],
    config: { target: "bun", format: "esm", define: { "process.env.NODE_ENV": '"production"' } },
  },
  () => import("./engine.ts"),
);

const escaped = (raw: string): string =>
  raw.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** ECharts styles what the pointer is over; a picture has no pointer, and without them it is smaller. */
const withoutHover = (svg: string): string =>
  svg.replace(/<style\b[^>]*>.*?<\/style>\s*/gs, "").replace(/ class="[^"]*"/g, "");

/**
 * ECharts numbers ids and classes by a counter of the process. Named by chart and theme and in order of
 * appearance they are the same in every run, and do not meet when several charts share a page.
 */
function withStableIds(svg: string, prefix: string): string {
  const names = new Map<string, string>();
  return svg.replace(/\bzr\d+-[\w-]+/g, (id) => {
    const name = names.get(id) ?? `${prefix}-${names.size}`;
    names.set(id, name);
    return name;
  });
}

/** A chart laid out once, for any theme: most of what a report costs is this. */
function layOut(spec: ChartSpec): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: spec.width, height: spec.height });
  try {
    chart.setOption(spec.option(anyTheme));
    return withoutHover(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}

function coloured(spec: ChartSpec, drawn: string, theme: Theme): string {
  const svg = withStableIds(inTheme(drawn, theme), `${spec.name}-${theme.name}`);
  const named = svg.replace(/^(<svg[^>]*)>/, (_, open: string) => {
    return `${open} role="img">\n<title>${escaped(spec.title)}</title>\n<desc>${escaped(spec.alt)}</desc>`;
  });
  return `${named}\n`;
}

/** Latency charts of one workload that are drawn as files. Its further cells have their tables, and their charts in the page. */
const latencyChartsMax = 8;

/** The charts of a report as SVG text, for light and for dark pages. Nothing is written. */
export function renderCharts(report: Report): ChartFile[] {
  const drawn = new Map<ChartSpec["workload"], number>();
  const isShown = ({ kind, workload }: ChartSpec): boolean => {
    const before = drawn.get(workload) ?? 0;
    if (kind === "latency") drawn.set(workload, before + 1);
    return kind !== "latency" || before < latencyChartsMax;
  };
  return chartSpecs(report).filter(isShown).map(drawChart);
}

/** Charts drawn before, of reports at hand: the slides show some of those that are files. */
const drawnBefore = new WeakMap<ChartSpec, ChartFile>();

/** One chart as SVG text, for light and for dark pages. Nothing is written. */
export function drawChart(spec: ChartSpec): ChartFile {
  const file = drawnBefore.get(spec) ?? draw(spec);
  drawnBefore.set(spec, file);
  return file;
}

function draw(spec: ChartSpec): ChartFile {
  const { name, kind, workload, cell, title, alt } = spec;
  const drawn = layOut(spec);
  return {
    ...{ name, kind, workload, cell, title, alt },
    svgLight: coloured(spec, drawn, light),
    svgDark: coloured(spec, drawn, dark),
  };
}
