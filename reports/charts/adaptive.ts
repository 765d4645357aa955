import type { EChartsOption } from "echarts";
import { metricKinds } from "../../schemas/metric.ts";
import type { Comparison, Report } from "../../schemas/report.ts";
import { formatCount, formatDetectable, formatInteger } from "../format.ts";
import { againstReference, cellName } from "../view.ts";
import { axisText, base, type ChartSpec, chartWidth, endText, gridLine, logAxis, textWidth } from "./base.ts";
import { looks, type Theme } from "./palette.ts";

/** A comparison over the rounds of an adaptive run. */
interface Line {
  readonly of: Comparison;
  readonly name: string;
  readonly points: readonly { rounds: number; halfPct: number }[];
}

/** Half the interval's width on the log scale, as a percentage. */
const halfWidthPct = ({ ciLow, ciHigh }: { ciLow: number; ciHigh: number }): number =>
  100 * (Math.sqrt(ciHigh / ciLow) - 1);

/** The comparison of each candidate that took most rounds, or among equals stayed widest: what the run waited for. */
function linesOf(report: Report): Line[] {
  const specs = new Map(report.results.map((r) => [r.cell, r.params]));
  const lines = againstReference(report).flatMap((of): Line[] => {
    const points = (of.looks ?? [])
      .map((look) => ({ rounds: look.rounds, halfPct: halfWidthPct(look) }))
      .filter(({ halfPct }) => halfPct > 0 && Number.isFinite(halfPct));
    const spec = specs.get(of.cell);
    const name = `${of.a}: ${spec === undefined ? of.cell : cellName(spec)}, ${metricKinds[of.metric].label}`;
    return of.declared && points.length > 0 ? [{ of, name, points }] : [];
  });
  const last = ({ points }: Line) => points.at(-1) ?? { rounds: 0, halfPct: 0 };
  return [...Map.groupBy(lines, ({ of }) => of.a).values()].map((group) =>
    group.reduce((slowest, line) => {
      const [x, y] = [last(line), last(slowest)];
      return x.rounds > y.rounds || (x.rounds === y.rounds && x.halfPct > y.halfPct) ? line : slowest;
    }),
  );
}

function option(report: Report, lines: readonly Line[], title: string, theme: Theme): EChartsOption {
  const look = looks(report, theme);
  const { titles, ...shared } = base(
    theme,
    title,
    `half-width of the 95 % interval in %, log scale · of each candidate what took longest`,
  );
  const points = lines.flatMap((line) => line.points);
  const rounds = points.map((p) => p.rounds);
  const longest = Math.max(...lines.map(({ of }) => textWidth(of.a)));
  return {
    ...shared,
    title: titles,
    grid: { left: 56, right: longest + 24, top: 58, bottom: 46 },
    xAxis: {
      type: "value",
      min: Math.min(...rounds),
      max: Math.max(...rounds),
      minInterval: 1,
      name: "rounds",
      nameLocation: "middle",
      nameGap: 28,
      nameTextStyle: axisText(theme),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: axisText(theme),
      splitLine: gridLine(theme),
    },
    yAxis: logAxis(
      theme,
      points.map((p) => p.halfPct),
      1.15,
    ),
    series: lines.map((line) => {
      const { color, symbol } = look(line.of.a);
      return {
        type: "line" as const,
        name: line.of.a,
        color,
        lineStyle: { color, width: 2 },
        itemStyle: { color },
        symbol,
        symbolSize: line.points.length > 30 ? 4 : 7,
        data: line.points.map((p) => ({ value: [p.rounds, Number(p.halfPct.toPrecision(4))] })),
        endLabel: { show: true, formatter: "{a}", distance: 8, ...endText(theme) },
        labelLayout: { moveOverlap: "shiftY" as const },
      };
    }),
  };
}

/** How the intervals of an adaptive run shrank over its rounds; null for a run with a fixed number of rounds. */
export function adaptiveChart(report: Report): ChartSpec | null {
  const lines = report.run.adaptive ? linesOf(report) : [];
  if (lines.length === 0) return null;
  const title = "How the intervals shrank, round by round";
  const ends = lines.map(({ name, points }) => {
    const [first, last] = [points[0]!, points.at(-1)!];
    return `${name} from ${formatDetectable(first.halfPct)} after ${formatCount(first.rounds, "round")} to ${formatDetectable(last.halfPct)} after ${formatInteger(last.rounds)}`;
  });
  return {
    name: "adaptive-intervals",
    kind: "adaptive",
    workload: null,
    cell: null,
    title,
    alt: `${title}: ${ends.join("; ")}.`,
    width: chartWidth,
    height: 320,
    option: (theme) => option(report, lines, title, theme),
  };
}
