import type { EChartsOption } from "echarts";
import type { Report } from "../../schemas/report.ts";
import type { SoakResult } from "../../schemas/soak.ts";
import { formatBytes, formatNs, scaleFor } from "../format.ts";
import { type ChartSpec, chartWidth, lineFrame, logAxis, namedAxis, namedLine, zeroAxis } from "./base.ts";
import { looks, type Theme } from "./palette.ts";

type Point = SoakResult["points"][number];

/** One of the two figures that a soak follows. */
interface Followed {
  readonly name: "latency" | "memory";
  readonly title: string;
  readonly subtitle: string;
  readonly figureOf: (point: Point) => number | null;
  readonly metric: "latencyNsP99" | "rssBytesPeak";
  readonly formatted: (value: number) => string;
}

const followed: readonly Followed[] = [
  {
    name: "latency",
    title: "p99 of each second under a long load",
    subtitle: "log scale",
    figureOf: ({ p99Ns }) => p99Ns,
    metric: "latencyNsP99",
    formatted: formatNs,
  },
  {
    name: "memory",
    title: "Server memory under a long load",
    subtitle: "resident",
    figureOf: ({ rssBytes }) => rssBytes,
    metric: "rssBytesPeak",
    formatted: formatBytes,
  },
];

interface Line {
  readonly candidate: string;
  readonly points: readonly { readonly atS: number; readonly value: number }[];
}

function linesOf({ soak }: Report, { figureOf }: Followed): Line[] {
  return soak.flatMap(({ candidate, points }) => {
    const drawn = points.flatMap((point) => {
      const value = figureOf(point);
      return value === null || value <= 0 ? [] : [{ atS: point.atS, value }];
    });
    return drawn.length < 2 ? [] : [{ candidate, points: drawn }];
  });
}

function option(report: Report, what: Followed, theme: Theme): EChartsOption {
  const look = looks(report, theme);
  const lines = linesOf(report, what);
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value));
  const scale = scaleFor(what.metric, Math.sqrt(Math.min(...values) * Math.max(...values)));
  const names = lines.map(({ candidate }) => candidate);
  const scaled = (value: number) => Number((value / scale.per).toPrecision(4));
  return {
    ...lineFrame(theme, [what.title, `${scale.symbol}, ${what.subtitle}`], names, { top: 58 }),
    xAxis: { type: "value", min: 0, max: "dataMax", ...namedAxis(theme, "seconds under load") },
    yAxis: what.name === "latency" ? logAxis(theme, values.map(scaled), 1.12) : zeroAxis(theme),
    series: lines.map(({ candidate, points }) => ({
      ...namedLine(theme, candidate, look(candidate).color),
      symbol: "none",
      data: points.map(({ atS, value }) => [Number(atS.toFixed(1)), scaled(value)]),
    })),
  };
}

function chartOf(report: Report, what: Followed): ChartSpec | null {
  const lines = linesOf(report, what);
  if (lines.length === 0) return null;
  const ends = lines.map(({ candidate, points }) => {
    const [first, last] = [points[0]!, points.at(-1)!];
    return `${candidate} ${what.formatted(first.value)} at first, ${what.formatted(last.value)} at last`;
  });
  return {
    name: `soak-${what.name}`,
    kind: "soak",
    workload: null,
    cell: null,
    title: what.title,
    alt: `${what.title}. ${ends.join(", ")}.`,
    width: chartWidth,
    height: 320,
    option: (theme) => option(report, what, theme),
  };
}

/** What candidates did under a long load: latency and memory, a chart each. */
export const soakCharts = (report: Report): ChartSpec[] =>
  followed.flatMap((what) => chartOf(report, what) ?? []);
