import type { EChartsOption } from "echarts";
import { type CellSpec, cellId, type Workload } from "../../schemas/cell.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import { formatFigure } from "../format.ts";
import { cellsOf, flagged, leadMeasure, marked, ranked, resultsOf } from "../view.ts";
import { cellTitle, wordsOf } from "../workloads/index.ts";
import { base, type ChartSpec, chartWidth, heading, inkText, textWidth } from "./base.ts";
import { looks, type Theme } from "./palette.ts";

interface Panel {
  readonly spec: CellSpec;
  readonly rows: readonly CellResult[];
  readonly top: number;
}

const rowHeight = 26;
const panelHeading = 24;
const panelGap = 16;
const firstPanel = 54;

/** A bar panel for each cell, below one another, each with a scale of its own. */
function panelsOf(report: Report, specs: readonly CellSpec[]): { panels: Panel[]; height: number } {
  let top = firstPanel;
  const panels = specs.flatMap((spec) => {
    const rows = ranked(resultsOf(report, cellId(spec)), "throughputHz").filter(
      (r) => r.metrics.throughputHz !== undefined,
    );
    if (rows.length === 0) return [];
    const panel = { spec, rows, top };
    top += panelHeading + rows.length * rowHeight + panelGap;
    return [panel];
  });
  return { panels, height: top };
}

const words = (result: CellResult): string =>
  formatFigure("throughputHz", result, result.metrics.throughputHz!);

/** A bar for each median, a whisker for its interval, and the figure behind the whisker's end. */
function panelSeries({ rows }: Panel, index: number, theme: Theme, colorOf: (id: string) => string) {
  const place = { xAxisIndex: index, yAxisIndex: index, silent: true } as const;
  const figures = rows.map((r) => r.metrics.throughputHz!);
  const ends = figures.map((m) => [m.ciLow ?? m.median, m.ciHigh ?? m.median] as const);
  const cap = { symbol: "rect", symbolSize: [1.5, 9], itemStyle: { color: theme.ink } };
  const whiskers = ends.map(([low, high], i) => ({
    coords: [
      [low, i],
      [high, i],
    ],
  }));
  const stroke = (color: string, width: number) => ({
    type: "lines" as const,
    coordinateSystem: "cartesian2d" as const,
    ...place,
    z: 3,
    lineStyle: { color, width, opacity: 1 },
    data: whiskers,
  });
  return [
    {
      type: "bar" as const,
      ...place,
      barWidth: 15,
      data: rows.map((r, i) => ({ value: figures[i]!.median, itemStyle: { color: colorOf(r.candidate) } })),
    },
    // The rim of background keeps a whisker apart from a bar of any shade.
    stroke(theme.background, 4.5),
    stroke(theme.ink, 1.5),
    { type: "scatter" as const, ...place, z: 3, ...cap, data: ends.map(([low], i) => [low, i]) },
    {
      type: "scatter" as const,
      ...place,
      z: 3,
      ...cap,
      data: ends.map(([, high], i) => ({
        value: [high, i],
        label: {
          show: true,
          position: "right" as const,
          distance: 8,
          formatter: words(rows[i]!),
          ...inkText(theme),
        },
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
  return {
    ...shared,
    title: [
      ...titles,
      ...panels.map(({ spec, top }) => ({
        ...heading(theme, cellTitle(spec), top, false),
        textStyle: { ...inkText(theme), fontWeight: "bold" as const },
      })),
    ],
    grid: panels.map(({ top, rows }) => ({
      left,
      right: 120,
      top: top + panelHeading,
      height: rows.length * rowHeight,
    })),
    xAxis: panels.map(({ rows }, gridIndex) => ({
      type: "value" as const,
      gridIndex,
      min: 0,
      max: Math.max(...rows.map(({ metrics: { throughputHz: m } }) => m!.ciHigh ?? m!.median)),
      axisLabel: { show: false },
      splitLine: { show: false },
    })),
    yAxis: panels.map(({ rows }, gridIndex) => ({
      type: "category" as const,
      gridIndex,
      inverse: true,
      data: rows.map(marked),
      axisLine: { lineStyle: { color: theme.grid } },
      axisTick: { show: false },
      axisLabel: { ...inkText(theme), interval: 0 },
    })),
    series: panels.flatMap((panel, i) => panelSeries(panel, i, theme, (id) => look(id).color)),
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
