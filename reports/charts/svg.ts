import { init } from "echarts";
import type { Report } from "../../schemas/report.ts";
import type { ChartFile } from "./file.ts";
import { type ChartSpec, chartSpecs, dark, light, type Theme } from "./options.ts";

export type { ChartFile } from "./file.ts";

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

function draw(spec: ChartSpec, theme: Theme): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: spec.width, height: spec.height });
  try {
    chart.setOption(spec.option(theme));
    const svg = withStableIds(withoutHover(chart.renderToSVGString()), `${spec.name}-${theme.name}`);
    const named = svg.replace(/^(<svg[^>]*)>/, (_, open: string) => {
      return `${open} role="img">\n<title>${escaped(spec.title)}</title>\n<desc>${escaped(spec.alt)}</desc>`;
    });
    return `${named}\n`;
  } finally {
    chart.dispose();
  }
}

/** Every chart of a report as SVG text, for light and for dark pages. Nothing is written. */
export const renderCharts = (report: Report): ChartFile[] => drawAll(chartSpecs(report));

/** Each chart as SVG text, for light and for dark pages. Nothing is written. */
export function drawAll(specs: readonly ChartSpec[]): ChartFile[] {
  return specs.map((spec) => ({
    name: spec.name,
    kind: spec.kind,
    workload: spec.workload,
    cell: spec.cell,
    title: spec.title,
    alt: spec.alt,
    svgLight: draw(spec, light),
    svgDark: draw(spec, dark),
  }));
}
