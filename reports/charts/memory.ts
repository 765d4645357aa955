import type { EChartsOption } from "echarts";
import { type CellSpec, cellId } from "../../schemas/cell.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import { formatBytes, formatInteger } from "../format.ts";
import { ranked, resultsOf } from "../view.ts";
import { cellTitle } from "../workloads/index.ts";
import { type ChartSpec, cellChart, lineFrame, namedAxis, namedLine, zeroAxis } from "./base.ts";
import { looks, type Theme } from "./palette.ts";

const mib = 2 ** 20;

/** The results whose ramp has been looked at, least memory a connection first. */
const linesOf = (report: Report, spec: CellSpec): CellResult[] =>
  ranked(resultsOf(report, cellId(spec)), "rssBytesPerConnection").filter(
    (r) => (r.connections?.steps.length ?? 0) > 1,
  );

function option(report: Report, spec: CellSpec, title: string, theme: Theme): EChartsOption {
  const look = looks(report, theme);
  const lines = linesOf(report, spec);
  const names = lines.map((r) => r.candidate);
  return {
    ...lineFrame(theme, [title, `MiB, of the middle round · ${cellTitle(spec)}`], names, { top: 62 }),
    xAxis: {
      type: "value",
      min: 0,
      max: "dataMax",
      ...namedAxis(theme, "idle connections"),
    },
    yAxis: zeroAxis(theme),
    series: lines.map((r) => {
      const { color, symbol } = look(r.candidate);
      return {
        ...namedLine(theme, r.candidate, color),
        symbol,
        symbolSize: 5,
        data: (r.connections?.steps ?? []).map(({ connections: x, rssBytes }) => [
          x,
          Number((rssBytes / mib).toPrecision(4)),
        ]),
      };
    }),
  };
}

/** A server's resident memory over the ramp of a cell; null where no result was looked at on the way. */
export function memoryChart(report: Report, spec: CellSpec): ChartSpec | null {
  const lines = linesOf(report, spec);
  if (lines.length === 0) return null;
  const title = "Server memory over idle connections";
  const ends = lines.map((r) => {
    const { connections: count, rssBytes } = r.connections!.steps.at(-1)!;
    return `${r.candidate} ${formatBytes(rssBytes)} with ${formatInteger(count)}`;
  });
  return cellChart(spec, "memory", {
    kind: "memory",
    title,
    alt: `${title}: ${ends.join(", ")}.`,
    option: (theme) => option(report, spec, title, theme),
  });
}
