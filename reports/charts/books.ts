import type { EChartsOption } from "echarts";
import { type CellSpec, cellId, workloads } from "../../schemas/cell.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import { formatNs } from "../format.ts";
import { cellsOf, resultsOf } from "../view.ts";
import { cellTitle } from "../workloads/index.ts";
import { type ChartSpec, cellChart, lineFrame, namedAxis, namedLine, zeroAxis } from "./base.ts";
import { looks, type Theme } from "./palette.ts";

interface Line {
  readonly candidate: string;
  /** Time since the books were lost in ms, and the share of subscribers that have theirs by then, in percent. */
  readonly points: readonly (readonly [number, number])[];
}

function lineOf({ candidate, recovery }: CellResult): Line[] {
  if (recovery === undefined || recovery.bookNs.length === 0) return [];
  const { bookNs, subscribers } = recovery;
  return [{ candidate, points: bookNs.map((ns, i) => [ns / 1e6, (100 * (i + 1)) / subscribers] as const) }];
}

function option(report: Report, lines: readonly Line[], title: string, theme: Theme): EChartsOption {
  const look = looks(report, theme);
  const names = lines.map(({ candidate }) => candidate);
  const subtitle = "% of subscribers with the publisher's book, middle window";
  return {
    ...lineFrame(theme, [title, subtitle], names, { left: 48, top: 56 }),
    xAxis: {
      type: "value",
      min: 0,
      ...namedAxis(theme, "ms since the books were lost"),
    },
    yAxis: { ...zeroAxis(theme), max: 100 },
    series: lines.map(({ candidate, points }) => {
      const { color } = look(candidate);
      return {
        ...namedLine(theme, candidate, color),
        step: "end" as const,
        symbol: "none",
        data: [[0, 0], ...points].map(([x = 0, y = 0]) => [
          Number(x.toPrecision(4)),
          Number(y.toPrecision(4)),
        ]),
      };
    }),
  };
}

function chartOf(report: Report, spec: CellSpec): ChartSpec | null {
  const lines = resultsOf(report, cellId(spec)).flatMap(lineOf);
  if (lines.length === 0) return null;
  const title = `Correct books over time: ${cellTitle(spec)}`;
  const ends = lines.map(({ candidate, points }) => {
    const [ms, share] = points.at(-1)!;
    return `${candidate} ${Math.round(share)} % after ${formatNs(ms * 1e6)}`;
  });
  return cellChart(spec, "books", {
    kind: "books",
    title,
    alt: `${title}. ${ends.join(", ")}.`,
    option: (theme) => option(report, lines, title, theme),
  });
}

/** Share of correct books over the time since they were lost, a chart for each cell that took them. */
export const bookCharts = (report: Report): ChartSpec[] =>
  cellsOf(report, ...workloads).flatMap((spec) => chartOf(report, spec) ?? []);
