import type { EChartsOption } from "echarts";
import { chartWidth, textWidth } from "../../charts/base.ts";

/** Height of the title block that the static charts begin with; the page has the same words as text. */
export const titleBlock = 46;

/** Below this width of a chart, in CSS pixels, labels beside the lines leave too little room for the lines. */
const narrowBelow = 560;

type Part = Record<string, unknown>;

const parts = (value: unknown): Part[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]) as Part[];
const number = (value: unknown): number => (typeof value === "number" ? value : 0);

/**
 * The option of a static chart, fitted to a page: without the titles that the page sets as text, and where it is narrow with
 * a legend in place of labels, or with shorter labels. Options are plain data, so this only rewrites positions.
 */
export function fitOption(option: EChartsOption, width: number, look: { ink: string }): EChartsOption {
  const raised = labelsAt(raise(option), width - chartWidth);
  if (width >= narrowBelow) return raised;
  if (!Array.isArray(raised.grid)) return narrowLines(raised, look);
  return parts(raised.series).some((s) => s.type === "line")
    ? narrowLinePanels(raised)
    : narrowPanels(raised);
}

function raise(option: EChartsOption): EChartsOption {
  const up = (part: Part): Part => ({ ...part, top: number(part.top) - titleBlock });
  const grid = Array.isArray(option.grid) ? parts(option.grid).map(up) : up(parts(option.grid)[0] ?? {});
  return { ...option, title: parts(option.title).slice(2).map(up), grid } as EChartsOption;
}

/** Names that stand in a column beside the plot move with its edge. */
function labelsAt(option: EChartsOption, by: number): EChartsOption {
  const series = parts(option.series).map((s) => {
    const layout = s.labelLayout as Part | undefined;
    return layout?.x === undefined ? s : { ...s, labelLayout: { ...layout, x: number(layout.x) + by } };
  });
  return { ...option, series } as EChartsOption;
}

function narrowLines(option: EChartsOption, { ink }: { ink: string }): EChartsOption {
  const grid = parts(option.grid)[0] ?? {};
  const series = parts(option.series).map((s) => ({ ...s, endLabel: { show: false } }));
  const names = series.filter((s) => parts((s as Part).data).length > 0).map((s) => (s as Part).name);
  return {
    ...option,
    grid: { ...grid, left: 44, right: 14, bottom: number(grid.bottom) + legendHeight(names.length) },
    legend: {
      data: names as string[],
      bottom: 0,
      left: 0,
      itemGap: 14,
      itemWidth: 20,
      textStyle: { color: ink, fontSize: 12 },
    },
    series,
  } as EChartsOption;
}

/** Panels are of one runtime each, so a label there can do without its name: `elysia` for `bun/elysia`. */
function narrowLinePanels(option: EChartsOption): EChartsOption {
  const short = (name: unknown) => String(name).replace(/^[^/ ]+\//, "");
  const series = parts(option.series);
  const longest = Math.max(...series.map((s) => short(s.name).length));
  const right = 18 + Math.ceil(longest * 6.7);
  const was = number(parts(option.grid)[0]?.right);
  const moved = parts(labelsAt(option, was - right - 2).series);
  return {
    ...option,
    grid: parts(option.grid).map((g) => ({ ...g, left: 44, right })),
    series: moved.map((s) => ({
      ...s,
      ...(s.endLabel === undefined
        ? {}
        : { endLabel: { ...(s.endLabel as Part), formatter: short(s.name), distance: 6 } }),
    })),
  } as EChartsOption;
}

/** Room for the legend, two names a row. */
export const legendHeight = (names: number): number => 26 * Math.ceil(names / 2);

function narrowPanels(option: EChartsOption): EChartsOption {
  const names = Math.max(104, 12 + Math.max(...parts(option.yAxis).flatMap(namesOf).map(textWidth)));
  const figures = 84;
  // Heads of a group stand in rows without marks, so they may run into the plot, over its band and lines.
  const yAxis = parts(option.yAxis).map((axis) => ({
    ...axis,
    z: 5,
    data: (axis.data as (string | Part)[]).map(leftAligned),
    axisLabel: { ...(axis.axisLabel as Part), align: "left", margin: names - 2 },
  }));
  // Else ECharts makes the grid smaller until the heads fit beside it.
  const place = { left: names, right: figures, outerBoundsMode: "none" };
  const grid = parts(option.grid).map((g) => ({ ...g, ...place }));
  return { ...option, grid, yAxis, series: parts(option.series).map(shortLabels) } as EChartsOption;
}

/** Names of rows; heads of a group are objects, and may run on. */
const namesOf = (axis: Part): string[] =>
  (axis.data as (string | Part)[]).filter((name) => typeof name === "string");

function leftAligned(name: string | Part): string | Part {
  return typeof name === "string"
    ? name
    : { ...name, textStyle: { ...(name.textStyle as Part), align: "left" } };
}

/** A mark whose label is long has a short one beside it. */
function shortLabels(series: Part): Part {
  if (!Array.isArray(series.data)) return series;
  const data = (series.data as (Part | number[])[]).map((point) => {
    if (Array.isArray(point) || typeof point !== "object" || point === null) return point;
    const label = point.label as Part | undefined;
    if (typeof label?.formatter !== "string") return point;
    const formatter = typeof point.short === "string" ? point.short : label.formatter;
    return { ...point, label: { ...label, distance: 6, formatter } };
  });
  return { ...series, data };
}
