import type { EChartsOption } from "echarts";
import { type Codec, fanOutOf, type Workload, workloads } from "../../schemas/cell.ts";
import { correctShare } from "../../schemas/delivery.ts";
import { codecs } from "../../schemas/names.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import { digits3, formatInteger, formatNs, listed, scaleFor } from "../format.ts";
import { cellsOf, comparedCandidates } from "../view.ts";
import {
  axisText,
  type ChartSpec,
  chartWidth,
  gridLine,
  inkText,
  lineFrame,
  logAxis,
  namedAxis,
  namedLine,
} from "./base.ts";
import { endsOf, whiskers } from "./curve.ts";
import { looks, type Theme } from "./palette.ts";

interface Line {
  readonly candidate: string;
  readonly native: boolean;
  readonly points: readonly {
    subscribers: number;
    ns: number;
    low: number | null;
    high: number | null;
    correct: boolean;
  }[];
}

const nameOf = ({ candidate, native }: Pick<Line, "candidate" | "native">): string =>
  native ? `${candidate} native` : candidate;

function point(result: CellResult) {
  const found = result.metrics.lastLatencyNsP99;
  const subscribers = fanOutOf(result.params)?.subscribers;
  if (subscribers === undefined || found === undefined) return [];
  return [{ subscribers, ns: found.median, ...endsOf(found), correct: correctShare(result) === 1 }];
}

function linesOf(report: Report, workload: Workload, codec: Codec): Line[] {
  return comparedCandidates(report).flatMap(({ id }) =>
    [false, true].flatMap((native) => {
      const points = report.results
        .filter((r) => r.candidate === id && r.workload === workload && r.codec === codec)
        .filter((r) => (fanOutOf(r.params)?.broadcast === "native") === native)
        .flatMap(point)
        .toSorted((a, b) => a.subscribers - b.subscribers);
      return points.length === 0 ? [] : [{ candidate: id, native, points }];
    }),
  );
}

const rateText = (hz: number): string => (Number.isInteger(hz) ? formatInteger(hz) : digits3(hz));

/** `1,000 /s to 1 and 10, 200 /s to 100`: the rate that each number of subscribers was served at. */
function rateWords(report: Report, workload: Workload, codec: Codec): string {
  const points = cellsOf(report, workload)
    .filter((spec) => spec.codec === codec)
    .flatMap((spec) => fanOutOf(spec) ?? []);
  const byRate = Map.groupBy(points, (p) => p.rateHz);
  return [...byRate]
    .map(([rateHz, group]) => {
      const sizes = [...new Set(group.map((p) => p.subscribers))].toSorted((a, b) => a - b);
      return `${rateText(rateHz)} /s to ${listed(sizes.map(formatInteger))}`;
    })
    .join(", ");
}

function option(
  report: Report,
  lines: readonly Line[],
  title: string,
  rates: string,
  theme: Theme,
): EChartsOption {
  const look = looks(report, theme);
  const ns = lines.flatMap(({ points }) => points.flatMap((p) => [p.ns, p.low ?? p.ns, p.high ?? p.ns]));
  const sizes = [...new Set(lines.flatMap(({ points }) => points.map((p) => p.subscribers)))];
  const scale = scaleFor("lastLatencyNsP99", Math.sqrt(Math.min(...ns) * Math.max(...ns)));
  const subtitle = `${scale.symbol}, log scale, 95 % intervals · dashed: native broadcast`;
  const titles = [title, subtitle, `published ${rates} subscribers`] as const;
  return {
    ...lineFrame(theme, titles, lines.map(nameOf), { top: 74 }),
    xAxis: {
      type: "log",
      min: Math.min(...sizes) / 1.15,
      max: Math.max(...sizes) * 1.05,
      ...namedAxis(theme, "subscribers"),
      axisTick: { show: false, customValues: sizes },
      axisLabel: { ...axisText(theme), customValues: sizes },
      splitLine: gridLine(theme),
    },
    yAxis: logAxis(
      theme,
      ns.map((value) => value / scale.per),
      1.15,
    ),
    series: [
      ...lines.map((line) => {
        const ends = line.points.map(({ subscribers: x, low, high }) => ({ x, low, high }));
        return whiskers(nameOf(line), ends, scale.per, look(line.candidate).color);
      }),
      ...lines.map(({ candidate, native, points }) => {
        const { color, symbol } = look(candidate);
        return {
          ...namedLine(theme, nameOf({ candidate, native }), color),
          lineStyle: { color, width: 2, type: native ? ("dashed" as const) : ("solid" as const) },
          symbol,
          symbolSize: 8,
          data: points.map((p) => ({
            value: [p.subscribers, Number((p.ns / scale.per).toPrecision(4))],
            ...(!p.correct
              ? { label: { show: true, formatter: "⚠ not all correct", ...inkText(theme) } }
              : {}),
          })),
        };
      }),
    ],
  };
}

/** Latency of the last receiver over the number of subscribers, a chart for each workload and codec measured. */
export const scalabilityCharts = (report: Report): ChartSpec[] =>
  workloads.flatMap((workload) => codecs.flatMap((codec) => chartOf(report, workload, codec) ?? []));

function chartOf(report: Report, workload: Workload, codec: Codec): ChartSpec | null {
  const lines = linesOf(report, workload, codec);
  // One number of subscribers is a column of points: a table says it better.
  if (new Set(lines.flatMap(({ points }) => points.map((p) => p.subscribers))).size < 2) return null;
  const title = `Last of all subscribers to receive, p99 (${codec.toUpperCase()})`;
  const ends = lines.map(({ candidate, native, points }) => {
    const { subscribers, ns } = points.at(-1)!;
    return `${nameOf({ candidate, native })} ${formatNs(ns)} at ${formatInteger(subscribers)}`;
  });
  return {
    name: `scalability-${workload}-${codec}`,
    kind: "scalability",
    workload,
    cell: null,
    title,
    alt: `${title}, over the number of subscribers: ${ends.join(", ")}.`,
    width: chartWidth,
    height: 356,
    option: (theme) => option(report, lines, title, rateWords(report, workload, codec), theme),
  };
}
