import type { EChartsOption } from "echarts";
import { type CellSpec, cellId } from "../../../schemas/cell.ts";
import type { Report } from "../../../schemas/report.ts";
import { type ChartSpec, cellChart, lineFrame, logAxis, namedAxis, namedLine } from "../../charts/base.ts";
import { looks, type Theme } from "../../charts/palette.ts";
import { formatNs, scaleFor } from "../../format.ts";
import { cellsOf, comparedCandidates, ranked, resultsOf, workloadsOf } from "../../view.ts";
import { cellTitle } from "../../workloads/index.ts";

function linesOf(report: Report, spec: CellSpec) {
  return ranked(resultsOf(report, cellId(spec)), "latencyNsP99").filter((r) => r.slices.length > 1);
}

function option(report: Report, spec: CellSpec, title: string, theme: Theme): EChartsOption {
  const look = looks(report, theme);
  const lines = linesOf(report, spec);
  const ns = lines
    .flatMap((r) => r.slices.filter((s) => s.count > 0).map((s) => s.p99Ns))
    .filter((v) => v > 0);
  const scale = scaleFor("latencyNsP99", Math.sqrt(Math.min(...ns) * Math.max(...ns)));
  const titles = [title, `${subtitle(spec)} · ${scale.symbol}, log scale`] as const;
  const names = lines.map((r) => r.candidate);
  return {
    ...lineFrame(theme, titles, names, { left: 52, top: 58 }),
    xAxis: {
      type: "value",
      max: "dataMax",
      ...namedAxis(theme, "ms into the window"),
    },
    yAxis: logAxis(
      theme,
      ns.map((v) => v / scale.per),
      1.12,
    ),
    series: lines.map((r) => {
      const { color, symbol } = look(r.candidate);
      return {
        ...namedLine(theme, r.candidate, color),
        symbol,
        symbolSize: 5,
        data: r.slices
          .filter((s) => s.count > 0 && s.p99Ns > 0)
          .map((s) => [s.atMs, Number((s.p99Ns / scale.per).toPrecision(4))]),
      };
    }),
  };
}

const subtitle = (spec: CellSpec): string => `${cellTitle(spec)} · each slice of the middle round`;

/** Latency over time of the first feed cell whose slices were kept; null where none was. */
export function timeChart(report: Report): ChartSpec | null {
  const spec = cellsOf(report, ...workloadsOf(true)).find((s) => linesOf(report, s).length > 0);
  if (spec === undefined || comparedCandidates(report).length === 0) return null;
  const title = "p99 through the window";
  const worst = linesOf(report, spec).map(
    (r) => `${r.candidate} at most ${formatNs(Math.max(...r.slices.map((s) => s.p99Ns)))}`,
  );
  return cellChart(spec, "time", {
    kind: "latency",
    title,
    alt: `${title}, ${subtitle(spec)}. Highest slice: ${worst.join(", ")}.`,
    option: (theme) => option(report, spec, title, theme),
  });
}
