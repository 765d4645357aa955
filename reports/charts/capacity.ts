import type { EChartsOption } from "echarts";
import { type CellSpec, cellId } from "../../schemas/cell.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import { formatCount, formatMetric, scaleFor } from "../format.ts";
import { ranked, resultsOf } from "../view.ts";
import { cellTitle } from "../workloads/index.ts";
import {
  axisText,
  type ChartSpec,
  cellChart,
  gridLine,
  lineFrame,
  logAxis,
  logTicks,
  namedAxis,
  namedLine,
} from "./base.ts";
import { looks, type Theme } from "./palette.ts";

/** A load that was probed: deliveries offered a second, and the median of its probes' percentiles. */
interface CurvePoint {
  readonly hz: number;
  readonly ns: number;
}

/** The middle round's latency over the offered load, least load first; loads at which nothing came are left out. */
export function loadCurve({ capacity }: CellResult): CurvePoint[] {
  const byLoad = Map.groupBy(capacity?.probes ?? [], ({ rateHz, subscribers }) => rateHz * subscribers);
  return [...byLoad]
    .flatMap(([hz, probes]) => {
      const latenciesNs = probes.flatMap(({ p99Ns }) => (p99Ns === null || p99Ns === 0 ? [] : [p99Ns]));
      const ns = latenciesNs.toSorted((a, b) => a - b)[latenciesNs.length >> 1];
      return ns === undefined ? [] : [{ hz, ns }];
    })
    .toSorted((a, b) => a.hz - b.hz);
}

const linesOf = (report: Report, spec: CellSpec) =>
  ranked(resultsOf(report, cellId(spec)), "capacityHz")
    .map((result) => ({ result, points: loadCurve(result) }))
    .filter(({ points }) => points.length > 1);

const digits = (value: number): number => Number(value.toPrecision(4));

function option(report: Report, spec: CellSpec, title: string, theme: Theme): EChartsOption {
  const look = looks(report, theme);
  const lines = linesOf(report, spec);
  const points = lines.flatMap((line) => line.points);
  const limitNs = "limit" in spec ? spec.limit.maxNs : null;
  const ns = [...points.map((p) => p.ns), ...(limitNs === null ? [] : [limitNs])];
  const scale = scaleFor("latencyNsP99", Math.sqrt(Math.min(...ns) * Math.max(...ns)));
  const hz = points.map((p) => p.hz);
  const [min, max] = [Math.min(...hz) / 1.1, Math.max(...hz) * 1.1];
  const customValues = logTicks(min, max);
  const names = lines.map(({ result }) => result.candidate);
  const subtitle = `p99 in ${scale.symbol}, log scales, middle round, pin: highest load that meets the limit · ${cellTitle(spec)}`;
  return {
    ...lineFrame(theme, [title, subtitle], names, { top: 62 }),
    xAxis: {
      type: "log",
      min,
      max,
      ...namedAxis(theme, "deliveries offered per second"),
      axisTick: { show: false, customValues },
      axisLabel: { ...axisText(theme), customValues, hideOverlap: true },
      splitLine: gridLine(theme),
    },
    yAxis: logAxis(
      theme,
      ns.map((value) => value / scale.per),
      1.2,
    ),
    series: lines.map(({ result, points }, index) => {
      const { color, symbol } = look(result.candidate);
      const knee = points.find((p) => p.hz === result.capacity?.lowHz);
      return {
        ...namedLine(theme, result.candidate, color),
        symbol,
        symbolSize: 5,
        showAllSymbol: true as const,
        data: points.map((p) => [digits(p.hz), digits(p.ns / scale.per)]),
        ...(knee === undefined
          ? {}
          : {
              markPoint: {
                silent: true,
                animation: false,
                symbol: "pin",
                symbolSize: 26,
                itemStyle: { color },
                label: { show: false },
                data: [{ name: result.candidate, coord: [digits(knee.hz), digits(knee.ns / scale.per)] }],
              },
            }),
        ...(index > 0 || limitNs === null
          ? {}
          : {
              markLine: {
                silent: true,
                animation: false,
                symbol: "none",
                lineStyle: { color: theme.muted, type: "dashed" as const, width: 1 },
                label: { ...axisText(theme), position: "insideStartTop" as const, formatter: "limit" },
                data: [{ yAxis: limitNs / scale.per }],
              },
            }),
      };
    }),
  };
}

/** Latency over the offered load, with the highest that holds marked; null where no capacity was searched. */
export function capacityChart(report: Report, spec: CellSpec): ChartSpec | null {
  const lines = linesOf(report, spec);
  if (lines.length === 0) return null;
  const title = "Latency over offered load";
  const ends = lines.map(({ result: { candidate, capacity } }) =>
    capacity?.lowHz == null
      ? `${candidate} held none of ${formatCount(capacity?.probes.length ?? 0, "probe")}`
      : `${candidate} holds ${formatMetric("capacityHz", capacity.lowHz)}`,
  );
  return cellChart(spec, "capacity", {
    kind: "capacity",
    title,
    alt: `${title}: ${ends.join(", ")}.`,
    option: (theme) => option(report, spec, title, theme),
  });
}
