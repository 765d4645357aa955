import type { EChartsOption } from "echarts";
import { type CellSpec, cellId, type Workload } from "../../schemas/cell.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import { formatFigure } from "../format.ts";
import { cellsOf, flagged, leadMeasure, marked, ranked, resultsOf } from "../view.ts";
import { cellTitle, wordsOf } from "../workloads/index.ts";
import { base, type ChartSpec, chartWidth, panelHeading, rowAxis, rowLabel, textWidth } from "./base.ts";
import { looks, type Theme } from "./palette.ts";

/** The bars of one cell, and the first of the chart's rows that they stand in. */
interface Panel {
  readonly spec: CellSpec;
  readonly rows: readonly CellResult[];
  readonly first: number;
}

const rowHeight = 26;
/** Rows without a bar above those of a panel, for its heading. */
const headingRows = 2;
const firstPanel = 54;
const headingHeight = 24;

/** A panel of bars for each cell, below one another, each with its own scale. */
function panelsOf(report: Report, specs: readonly CellSpec[]): { panels: Panel[]; height: number } {
  let first = 0;
  const panels = specs.flatMap((spec) => {
    const rows = ranked(resultsOf(report, cellId(spec)), "throughputHz").filter(
      (r) => r.metrics.throughputHz !== undefined,
    );
    if (rows.length === 0) return [];
    const panel = { spec, rows, first };
    first += rows.length + headingRows;
    return [panel];
  });
  // The first panel's heading follows the chart's own at once.
  return { panels, height: firstPanel + Math.max(0, first - headingRows) * rowHeight + headingHeight + 16 };
}

const words = (result: CellResult): string =>
  formatFigure("throughputHz", result, result.metrics.throughputHz!);

/** A row's figures as shares of its panel's largest. */
function sharesOf({ rows, first }: Panel) {
  const figures = rows.map((r) => r.metrics.throughputHz!);
  const max = Math.max(...figures.map((m) => m.ciHigh ?? m.median));
  const share = (hz: number): number => (max > 0 ? Number((hz / max).toPrecision(5)) : 0);
  return figures.map(({ median, ciLow, ciHigh }, i) => ({
    result: rows[i]!,
    row: first + i,
    median: share(median),
    low: share(ciLow ?? median),
    high: share(ciHigh ?? median),
  }));
}

/**
 * A bar for each median, a whisker for its interval, and the figure behind the whisker's end. The panels share their series: with some
 * for each panel, and a grid, a chart of fifty cells took a second to lay out.
 */
function seriesOf(panels: readonly Panel[], theme: Theme, colorOf: (id: string) => string) {
  const bars = panels.flatMap(sharesOf);
  const cap = { symbol: "rect", symbolSize: [1.5, 9], itemStyle: { color: theme.ink } };
  const whiskers = bars.map(({ low, high, row }) => ({
    coords: [
      [low, row],
      [high, row],
    ],
  }));
  const stroke = (color: string, width: number) => ({
    type: "lines" as const,
    coordinateSystem: "cartesian2d" as const,
    silent: true,
    z: 3,
    lineStyle: { color, width, opacity: 1 },
    data: whiskers,
  });
  return [
    {
      type: "bar" as const,
      silent: true,
      barWidth: 15,
      data: bars.map(({ result, median, row }) => ({
        value: [median, row],
        itemStyle: { color: colorOf(result.candidate) },
      })),
    },
    // The rim of background keeps a whisker apart from a bar of any shade.
    stroke(theme.background, 4.5),
    stroke(theme.ink, 1.5),
    { type: "scatter" as const, silent: true, z: 3, ...cap, data: bars.map(({ low, row }) => [low, row]) },
    {
      type: "scatter" as const,
      silent: true,
      z: 3,
      ...cap,
      data: bars.map(({ result, high, row }) => ({
        value: [high, row],
        label: rowLabel(theme, words(result)),
      })),
    },
  ];
}

function option(report: Report, panels: readonly Panel[], title: string, theme: Theme): EChartsOption {
  const look = looks(report, theme);
  const { titles, ...shared } = base(
    theme,
    title,
    `messages per second, median and 95 % interval${panels.length > 1 ? " · each panel has its own scale" : ""}`,
  );
  const longest = Math.max(...panels.flatMap(({ rows }) => rows.map((r) => textWidth(marked(r)))));
  const left = 14 + longest;
  const names = panels.flatMap(({ rows }, i) => [
    ...Array.from({ length: i === 0 ? 0 : headingRows }, () => ""),
    ...rows.map(marked),
  ]);
  return {
    ...shared,
    title: [
      ...titles,
      ...panels.map(({ spec, first }) =>
        panelHeading(theme, cellTitle(spec), firstPanel + first * rowHeight),
      ),
    ],
    // In an array, as of every chart that has its names beside its rows: a page fits those in another way than lines.
    grid: [{ left, right: 120, top: firstPanel + headingHeight, height: names.length * rowHeight }],
    xAxis: { type: "value", min: 0, max: 1, axisLabel: { show: false }, splitLine: { show: false } },
    yAxis: rowAxis(theme, names),
    series: seriesOf(panels, theme, (id) => look(id).color),
  };
}

/** Throughput of every cell of a workload; null where it has no ceiling to show, or none was measured. */
export const throughputChart = (report: Report, workload: Workload): ChartSpec | null =>
  chartOf(report, workload, cellsOf(report, workload));

/** The same of the cell that a reader asks for first, which can be read from the back of a room where the candidates are many. */
export function throughputLead(report: Report, workload: Workload): ChartSpec | null {
  const specs = cellsOf(report, workload);
  const rates = specs.map((spec) => ({ cell: cellId(spec), metric: "throughputHz" as const }));
  const declared = rates.filter(({ cell }) =>
    report.comparisons.some((c) => c.declared && c.cell === cell && c.metric === "throughputHz"),
  );
  const lead = leadMeasure(report, declared.length > 0 ? declared : rates);
  return chartOf(
    report,
    workload,
    specs.filter((spec) => cellId(spec) === lead?.cell),
  );
}

function chartOf(report: Report, workload: Workload, specs: readonly CellSpec[]): ChartSpec | null {
  const { panels, height } = panelsOf(report, specs);
  const title = wordsOf[workload].throughput?.chart;
  if (title === undefined || panels.length === 0) return null;
  const alt = panels.map(
    ({ spec, rows }) => `${cellTitle(spec)}: ${rows.map((r) => `${flagged(r)} ${words(r)}`).join(", ")}`,
  );
  return {
    name: `throughput-${workload}`,
    kind: "throughput",
    workload,
    cell: null,
    title,
    alt: `${title}. ${alt.join(". ")}.`,
    width: chartWidth,
    height,
    option: (theme) => option(report, panels, title, theme),
  };
}
