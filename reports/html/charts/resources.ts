import type { EChartsOption } from "echarts";
import { type CellSpec, cellId } from "../../../schemas/cell.ts";
import { type MetricName, metricKinds } from "../../../schemas/metric.ts";
import type { CellResult, Report } from "../../../schemas/report.ts";
import {
  base,
  type ChartSpec,
  cellChart,
  panelGrids,
  panelHeading,
  rowAxis,
  rowLabel,
  textWidth,
} from "../../charts/base.ts";
import { looks, type Theme } from "../../charts/palette.ts";
import { formatFigure, formatInterval, formatMetric } from "../../format.ts";
import { cellsOf, marked, ranked, resultsOf, workloadsOf } from "../../view.ts";
import { cellTitle } from "../../workloads/index.ts";

const metrics = ["cpuNsPerMessage", "rssBytesPeak", "startupNs"] as const satisfies readonly MetricName[];

interface Panel {
  readonly metric: MetricName;
  readonly rows: readonly CellResult[];
  readonly top: number;
}

const [rowHeight, headingHeight, panelGap, firstPanel] = [26, 24, 16, 54];

function panelsOf(report: Report, spec: CellSpec): { panels: Panel[]; height: number } {
  let top = firstPanel;
  const panels = metrics.flatMap((metric) => {
    const rows = ranked(resultsOf(report, cellId(spec)), metric).filter(
      (r) => r.metrics[metric] !== undefined,
    );
    if (rows.length === 0) return [];
    const panel = { metric, rows, top };
    top += headingHeight + rows.length * rowHeight + panelGap;
    return [panel];
  });
  return { panels, height: top };
}

function words(result: CellResult, metric: MetricName): string {
  const found = result.metrics[metric];
  if (found === undefined) return "";
  const interval = formatInterval(metric, found);
  return `${formatFigure(metric, result, found)}${interval === null ? "" : `  ${interval}`}`;
}

function option(report: Report, spec: CellSpec, title: string, theme: Theme): EChartsOption {
  const look = looks(report, theme);
  const { panels } = panelsOf(report, spec);
  const { titles, ...shared } = base(
    theme,
    title,
    `${cellTitle(spec)} · median and 95 % interval, lower is better`,
  );
  const widest = (texts: readonly string[]) => Math.max(...texts.map(textWidth));
  const left = 14 + widest(panels.flatMap((p) => p.rows.map(marked)));
  const right = 20 + widest(panels.flatMap((p) => p.rows.map((r) => words(r, p.metric))));
  return {
    ...shared,
    title: [
      ...titles,
      ...panels.map(({ metric, top }) => panelHeading(theme, metricKinds[metric].label, top)),
    ],
    grid: panelGrids(panels, { left, right }, [headingHeight, rowHeight]),
    xAxis: panels.map((_, gridIndex) => ({
      type: "value" as const,
      gridIndex,
      min: 0,
      axisLabel: { show: false },
      splitLine: { show: false },
    })),
    yAxis: panels.map(({ rows }, gridIndex) => ({
      ...rowAxis(theme, rows.map(marked), { gridIndex }),
      axisLine: { lineStyle: { color: theme.grid } },
    })),
    series: panels.map(({ rows, metric }, i) => ({
      type: "bar" as const,
      xAxisIndex: i,
      yAxisIndex: i,
      silent: true,
      barWidth: 15,
      data: rows.map((r) => ({
        value: r.metrics[metric]?.median ?? 0,
        itemStyle: { color: look(r.candidate).color },
        label: rowLabel(theme, words(r, metric)),
        short: formatMetric(metric, r.metrics[metric]?.median ?? 0),
      })),
    })),
  };
}

/** CPU, memory and start-up of the first open-loop cell, where all candidates do the same work; null without one. */
export function resourcesChart(report: Report): ChartSpec | null {
  const spec = cellsOf(report, ...workloadsOf(true)).find((s) => panelsOf(report, s).panels.length > 0);
  if (spec === undefined) return null;
  const { panels, height } = panelsOf(report, spec);
  const title = "Resource use at the same offered rate";
  const texts = panels.map(
    ({ metric, rows }) =>
      `${metricKinds[metric].label}: ${rows.map((r) => `${r.candidate} ${words(r, metric)}`).join(", ")}`,
  );
  return cellChart(spec, "resources", {
    kind: "throughput",
    title,
    alt: `${title}, ${cellTitle(spec)}. ${texts.join(". ")}.`,
    height,
    option: (theme) => option(report, spec, title, theme),
  });
}
