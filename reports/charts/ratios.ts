import type { EChartsOption } from "echarts";
import { metricKinds } from "../../schemas/metric.ts";
import type { Comparison, Report } from "../../schemas/report.ts";
import {
  againstReference,
  families,
  isDecided,
  isMany,
  isOpenLoop,
  leadComparisons,
  leadMeasure,
} from "../view.ts";
import { ratioAlone, ratioWords, statement, tieStates, verdictWords } from "../wording.ts";
import { cellColumn } from "../workloads/index.ts";
import {
  base,
  type ChartSpec,
  chartWidth,
  logAxis,
  panelGrids,
  panelHeading,
  rowAxis,
  rowLabel,
  textWidth,
} from "./base.ts";
import { looks, type Theme } from "./palette.ts";

type Row = { readonly head: string } | { readonly of: Comparison };

interface Panel {
  readonly better: "lower" | "higher";
  readonly rows: readonly Row[];
  readonly top: number;
}

const rowHeight = 21;
const headingHeight = 22;
const axisHeight = 40;
const firstPanel = 54;

const drawn = (c: Comparison): boolean => c.ratio !== null && c.ciLow !== null && c.ciHigh !== null;

function panelsOf(report: Report, comparisons: readonly Comparison[]): { panels: Panel[]; height: number } {
  const specs = new Map(report.results.map((r) => [r.cell, r.params]));
  let top = firstPanel;
  const panels = (["lower", "higher"] as const).flatMap((better) => {
    const rows = families(comparisons.filter((c) => metricKinds[c.metric].better === better)).flatMap(
      (family) => {
        const [{ cell, metric }] = family as [Comparison];
        const spec = specs.get(cell);
        const head = `${spec === undefined ? cell : cellColumn(spec)}, ${metricKinds[metric].label}`;
        return [{ head }, ...family.map((of) => ({ of }))];
      },
    );
    if (rows.length === 0) return [];
    const panel = { better, rows, top };
    top += headingHeight + rows.length * rowHeight + axisHeight;
    return [panel];
  });
  return { panels, height: top - 6 };
}

function rowWords(c: Comparison): string {
  if (c.verdict === "withheld") return "withheld";
  if (!isDecided(c)) return verdictWords(c);
  return ratioWords(c)!;
}

/** The ratios either side of 1 that a verdict has to be wholly beyond. */
const marginOf = ({ marginPct }: Comparison): [number, number] => [
  1 / (1 + marginPct / 100),
  1 + marginPct / 100,
];

/** The same in the fewest words, for a narrow page. */
function shortWords(c: Comparison): string {
  if (c.verdict === "withheld") return "withheld";
  return isDecided(c) ? ratioAlone(c)! : tieStates[c.verdict === "equal" ? "equal" : "undecided"];
}

function panelSeries(report: Report, { rows }: Panel, index: number, theme: Theme, end: number) {
  const look = looks(report, theme);
  const place = { xAxisIndex: index, yAxisIndex: index, silent: true } as const;
  const entries = rows.flatMap((row, i) => ("of" in row ? [{ c: row.of, i }] : []));
  const shown = entries.filter(({ c }) => drawn(c));
  const colorOf = (c: Comparison) => (c.verdict === "withheld" ? theme.muted : look(c.a).color);
  return [
    // Each row has its own threshold, by its metric's family.
    {
      type: "lines" as const,
      coordinateSystem: "cartesian2d" as const,
      ...place,
      z: 1,
      lineStyle: { color: theme.band, width: rowHeight, opacity: 1, cap: "butt" as const },
      data: entries.map(({ c, i }) => ({ coords: marginOf(c).map((x) => [x, i]) })),
    },
    {
      type: "lines" as const,
      coordinateSystem: "cartesian2d" as const,
      ...place,
      z: 3,
      data: shown.map(({ c, i }) => ({
        coords: [
          [c.ciLow!, i],
          [c.ciHigh!, i],
        ],
        lineStyle: { color: colorOf(c), width: 2, opacity: 1 },
      })),
    },
    {
      type: "scatter" as const,
      ...place,
      z: 4,
      symbolSize: 9,
      data: shown.map(({ c, i }) => ({
        value: [c.ratio!, i],
        symbol: look(c.a).symbol,
        itemStyle: isDecided(c)
          ? { color: colorOf(c) }
          : { color: theme.background, borderColor: colorOf(c), borderWidth: 2 },
      })),
      markLine: {
        silent: true,
        symbol: "none",
        animation: false,
        label: { show: false },
        lineStyle: { color: theme.ink, width: 1, type: "solid" as const },
        data: [{ xAxis: 1 }],
      },
    },
    {
      type: "scatter" as const,
      ...place,
      symbolSize: 0,
      data: entries.map(({ c, i }) => ({
        value: [end, i],
        label: rowLabel(theme, rowWords(c), 12),
        short: shortWords(c),
      })),
    },
  ];
}

function option(report: Report, panels: readonly Panel[], title: string, theme: Theme): EChartsOption {
  const { titles, ...shared } = base(
    theme,
    title,
    `ratio to ${report.run.reference} with its 95 % interval, log scale · hollow: no verdict · band: its threshold`,
  );
  const axes = panels.map(({ rows }) =>
    logAxis(
      theme,
      [1 / 1.2, 1.2, ...rows.flatMap((r) => ("of" in r && drawn(r.of) ? [r.of.ciLow!, r.of.ciHigh!] : []))],
      1.05,
    ),
  );
  const widest = (texts: readonly string[]) => Math.max(...texts.map(textWidth));
  const rows = panels.flatMap((panel) => panel.rows);
  const left = 14 + widest(rows.map((row) => ("of" in row ? row.of.a : row.head)));
  const right = 20 + widest(rows.map((row) => ("of" in row ? rowWords(row.of) : "")));
  return {
    ...shared,
    title: [
      ...titles,
      ...panels.map(({ better, top }) => {
        const side = better === "lower" ? "left" : "right";
        return panelHeading(theme, `${better} is better: ${side} of 1 beats ${report.run.reference}`, top);
      }),
    ],
    grid: panelGrids(panels, { left, right }, [headingHeight, rowHeight]),
    xAxis: axes.map((axis, gridIndex) => ({ ...axis, gridIndex })),
    yAxis: panels.map(({ rows }, gridIndex) => {
      const names = rows.map((row) =>
        "of" in row ? row.of.a : { value: row.head, textStyle: { color: theme.muted, fontSize: 12 } },
      );
      return rowAxis(theme, names, { gridIndex });
    }),
    series: panels.flatMap((panel, i) => panelSeries(report, panel, i, theme, axes[i]!.max)),
  };
}

/** The declared ratios of one kind of loop. */
const declaredOf = (report: Report, open: boolean): Comparison[] =>
  againstReference(report).filter((c) => c.declared && isOpenLoop(c.workload) === open);

/** The one measure that a reader asks for first, where all would be too many for the place; the table has the others. */
function leadOf(report: Report, comparisons: readonly Comparison[]): Comparison[] {
  const lead = leadMeasure(report, comparisons);
  return comparisons.filter((c) => c.cell === lead?.cell && c.metric === lead.metric);
}

function chart(report: Report, comparisons: readonly Comparison[], name: string, title: string): ChartSpec[] {
  const { panels, height } = panelsOf(report, comparisons);
  if (panels.length === 0) return [];
  const words = comparisons.map((c) => `${c.a}, ${c.cell}, ${metricKinds[c.metric].label}: ${statement(c)}`);
  return [
    {
      name,
      kind: "ratios",
      workload: null,
      cell: null,
      title,
      alt: `${title}. ${words.join("; ")}.`,
      width: chartWidth,
      height,
      option: (theme) => option(report, panels, title, theme),
    },
  ];
}

/** Forest plots of the declared ratios, one for each kind of loop. */
export function ratioCharts(report: Report): ChartSpec[] {
  return [true, false].flatMap((open) => {
    const declared = declaredOf(report, open);
    const title = `Against ${report.run.reference}, ${open ? "open" : "closed"} loop`;
    const shown = isMany(report) ? leadOf(report, declared) : declared;
    return chart(report, shown, `ratios-${open ? "open" : "closed"}`, title);
  });
}

/** One forest plot that can be read from the back of a room: the first measure of each kind of loop. */
export function ratioSummary(report: Report): ChartSpec[] {
  return chart(
    report,
    leadComparisons(report),
    "ratios",
    `Against ${report.run.reference}, at the feed's rate and at saturation`,
  );
}
