import type { EChartsOption } from "echarts";
import { type CellSpec, cellId, factsOf } from "../../schemas/cell.ts";
import { correctShare } from "../../schemas/delivery.ts";
import type { Report } from "../../schemas/report.ts";
import { formatNs, scaleFor } from "../format.ts";
import { marked, ranked, rateOf, resultsOf, sharedRate } from "../view.ts";
import { cellTitle, wordsOf } from "../workloads/index.ts";
import {
  axisText,
  base,
  type ChartSpec,
  cellChart,
  chartWidth,
  logAxis,
  namedLine,
  textWidth,
} from "./base.ts";
import { curveOf, namedPercentiles, whiskers } from "./curve.ts";
import { looks, type Theme } from "./palette.ts";

function curves(report: Report, spec: CellSpec) {
  return ranked(resultsOf(report, cellId(spec)), "latencyNsP99")
    .map((result) => ({ result, points: curveOf(result) }))
    .filter(({ points }) => points.length > 1);
}

/** Moves a line's points a little to its side of a percentile, so that intervals of several lines do not cover each other. */
const besides = (x: number, line: number, lines: number): number =>
  x * 10 ** (0.018 * (line - (lines - 1) / 2));

function option(
  report: Report,
  spec: CellSpec,
  title: string,
  subtitle: string,
  theme: Theme,
): EChartsOption {
  const look = looks(report, theme);
  const lines = curves(report, spec).map(({ result, points }, i, all) => ({
    result,
    points: points.map((point) => ({ ...point, x: besides(point.x, i, all.length) })),
  }));
  const ns = lines.flatMap(({ points }) => points.flatMap((p) => [p.ns, p.low ?? p.ns, p.high ?? p.ns]));
  const scale = scaleFor("latencyNsP50", Math.sqrt(Math.min(...ns) * Math.max(...ns)));
  const lossy = lines.some(({ result }) => correctShare(result) < 1) ? " · ⚠ not ranked" : "";
  const { titles, ...shared } = base(
    theme,
    title,
    `${subtitle} · ${scale.symbol}, log scale, medians, 95 % intervals${lossy}`,
  );
  const longest = Math.max(...lines.map(({ result }) => textWidth(marked(result))));
  const last = Math.max(...lines.flatMap(({ points }) => points.map((p) => p.x)));
  const right = longest + 24;
  return {
    ...shared,
    title: titles,
    grid: { left: 52, right, top: 58, bottom: 30 },
    xAxis: {
      type: "log",
      min: besides(2, 0, lines.length),
      max: last,
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { show: false },
      splitLine: { show: false },
    },
    yAxis: logAxis(
      theme,
      ns.map((value) => value / scale.per),
      1.12,
    ),
    series: [
      {
        type: "line",
        name: "percentiles",
        silent: true,
        data: [],
        markLine: {
          silent: true,
          symbol: "none",
          animation: false,
          lineStyle: { color: theme.grid, type: "solid", width: 1 },
          data: namedPercentiles
            .filter(({ x }) => besides(x, lines.length - 1, lines.length) <= last)
            .map(({ x, label }) => ({
              xAxis: x,
              label: { ...axisText(theme), position: "start", formatter: label },
            })),
        },
      },
      ...lines.map(({ result, points }) => {
        const { color } = look(result.candidate);
        return whiskers(marked(result), points, scale.per, color);
      }),
      ...lines.map(({ result, points }) => {
        const { color, symbol } = look(result.candidate);
        return {
          ...namedLine(theme, marked(result), color),
          symbol,
          symbolSize: 7,
          showAllSymbol: true as const,
          data: points.map(({ x, ns: value }) => ({
            value: [x, Number((value / scale.per).toPrecision(4))],
          })),
          // Curves end where their samples do; a name there would lie on the curves that go on.
          labelLayout: { x: chartWidth - right + 8, moveOverlap: "shiftY" as const },
        };
      }),
    ],
  };
}

function altText(report: Report, spec: CellSpec): string {
  const parts = curves(report, spec).flatMap(({ result, points }) => {
    const p99 = points.find(({ x }) => x === 100);
    return p99 === undefined ? [] : [`${result.candidate} ${formatNs(p99.ns)}`];
  });
  // Few samples have no p99.
  const p99 = parts.length === 0 ? "" : ` p99: ${parts.join(", ")}.`;
  return `Latency by percentile, ${cellTitle(spec)}, median of rounds.${p99}`;
}

function rateWords(report: Report, spec: CellSpec, what: string): string {
  const results = resultsOf(report, cellId(spec));
  const ranks = ranked(results, factsOf(spec.workload).rateMetric);
  const rate = sharedRate(results) ?? `${rateOf(ranks.at(-1)!)} to ${rateOf(ranks[0]!)}`;
  return `${what} at ${rate}`;
}

/** Percentile curves of one cell, p50 to p99.99; null where its workload has none, or no candidate has two points to join. */
export function latencyChart(report: Report, spec: CellSpec): ChartSpec | null {
  const words = wordsOf[spec.workload].latency;
  if (words === null || curves(report, spec).length === 0) return null;
  const title = words.curve;
  const subtitle = `${cellTitle(spec)} · ${rateWords(report, spec, words.rate)}`;
  return cellChart(spec, "latency", {
    kind: "latency",
    title,
    alt: altText(report, spec),
    option: (theme) => option(report, spec, title, subtitle, theme),
  });
}
