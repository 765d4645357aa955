import type { EChartsOption } from "echarts";
import { type CellSpec, cellId } from "../../schemas/cell.ts";
import type { ChartRef } from "./file.ts";
import { fontFamily, type Theme } from "./palette.ts";

/** A chart before it is drawn: its words, its size in CSS pixels, and its option for either theme. */
export interface ChartSpec extends ChartRef {
  readonly width: number;
  readonly height: number;
  /** Pure data without functions, so that it can be written into a page as JSON. */
  readonly option: (theme: Theme) => EChartsOption;
}

export const chartWidth = 760;

/** `echo/raw/64B/c1w1` → `echo-raw-64b-c1w1`: a file name's part. */
export const slug = (cell: string): string =>
  cell
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");

/** The chart of one cell, named by what it shows and by the cell. */
export const cellChart = (
  spec: CellSpec,
  shows: string,
  chart: Pick<ChartSpec, "kind" | "title" | "alt" | "option"> & { readonly height?: number },
): ChartSpec => ({
  name: `${shows}-${slug(cellId(spec))}`,
  workload: spec.workload,
  cell: cellId(spec),
  width: chartWidth,
  height: 320,
  ...chart,
});

/** One line of the heading block, or of a panel's heading. */
export function heading(theme: Theme, text: string, top: number, strong: boolean) {
  return {
    text,
    left: 0,
    top,
    padding: 0,
    textStyle: {
      color: strong ? theme.ink : theme.muted,
      fontSize: strong ? 15 : 12,
      fontWeight: strong ? ("bold" as const) : ("normal" as const),
      fontFamily,
    },
  };
}

/** The heading of one of several panels below one another. */
export const panelHeading = (theme: Theme, text: string, top: number) => ({
  ...heading(theme, text, top, false),
  textStyle: { ...inkText(theme), fontWeight: "bold" as const },
});

/** The line below a chart's title as a page sets it, which breaks lines by itself. */
export const captionOf = (subtitle: string): string => subtitle.replaceAll("\n", " · ");

/** What every chart shares. Titles are separate strings, so that panels can add theirs. */
export function base(theme: Theme, title: string, ...subtitles: readonly string[]) {
  return {
    animation: false,
    backgroundColor: theme.background,
    textStyle: { fontFamily, color: theme.ink },
    // One title for all lines below the first: a page takes both out, and sets them as its text.
    titles: [heading(theme, title, 4, true), heading(theme, subtitles.join("\n"), 26, false)],
  };
}

/** A chart of lines with their names at their ends, which its grid leaves room for; `top` is below its titles. */
export function lineFrame(
  theme: Theme,
  [title, ...subtitles]: readonly [string, ...string[]],
  names: readonly string[],
  { left = 56, top }: { readonly left?: number; readonly top: number },
) {
  const { titles, ...shared } = base(theme, title, ...subtitles);
  const right = Math.max(...names.map(textWidth)) + 24;
  return { ...shared, title: titles, grid: { left, right, top, bottom: 46 } };
}

/** Text beside an axis. */
export const axisText = (theme: Theme) => ({ color: theme.muted, fontSize: 12, fontFamily });

/** Text that is to be read before the rest. */
export const inkText = (theme: Theme) => ({ color: theme.ink, fontSize: 12, fontFamily });
/** A label at the end of a line. Its height is stated: labels are kept apart by it, and what a browser measures is often less. */
export const endText = (theme: Theme) => ({ ...inkText(theme), lineHeight: 14 });

/** The lines of a grid. */
export const gridLine = (theme: Theme) => ({ lineStyle: { color: theme.grid, width: 1 } });

/** An axis named below its middle. */
export const namedAxis = (theme: Theme, name: string) => ({
  name,
  nameLocation: "middle" as const,
  nameGap: 28,
  nameTextStyle: axisText(theme),
  axisLine: { show: false },
  axisTick: { show: false },
  axisLabel: axisText(theme),
  splitLine: gridLine(theme),
});

/** An axis of figures from 0 on, without a name. */
export const zeroAxis = (theme: Theme) => ({
  type: "value" as const,
  min: 0,
  axisLabel: axisText(theme),
  splitLine: gridLine(theme),
});

/** An axis of names, the first on top, each beside its row. */
export const rowAxis = <T>(theme: Theme, data: T[], place: { readonly gridIndex?: number } = {}) => ({
  type: "category" as const,
  ...place,
  inverse: true,
  data,
  axisLine: { show: false },
  axisTick: { show: false },
  axisLabel: { ...inkText(theme), interval: 0 },
});

/** The figure to the right of a row's mark. */
export const rowLabel = (theme: Theme, formatter: string, distance = 8) => ({
  show: true,
  position: "right" as const,
  distance,
  formatter,
  ...inkText(theme),
});

/** The grids of panels below one another, each with its heading above its rows. */
export const panelGrids = (
  panels: readonly { readonly top: number; readonly rows: readonly unknown[] }[],
  sides: { readonly left: number; readonly right: number },
  [headingHeight, rowHeight]: readonly [number, number],
) => panels.map(({ top, rows }) => ({ ...sides, top: top + headingHeight, height: rows.length * rowHeight }));

/** A line that has its name at its end, where names keep apart. */
export const namedLine = (theme: Theme, name: string, color: string) => ({
  type: "line" as const,
  name,
  color,
  lineStyle: { color, width: 2 },
  itemStyle: { color },
  endLabel: { show: true, formatter: "{a}", distance: 8, ...endText(theme) },
  labelLayout: { moveOverlap: "shiftY" as const },
});

/** Round values inside [min, max]: 1 × 10ⁿ over many decades, else 1, 2 and 5 × 10ⁿ, or even steps in a narrow range. */
export function logTicks(min: number, max: number): number[] {
  const range = max / min;
  if (range < 4) {
    const rough = (max - min) / 4;
    const unit = 10 ** Math.floor(Math.log10(rough));
    const step = ([1, 2, 5].find((factor) => factor * unit >= rough) ?? 10) * unit;
    const count = Math.floor(max / step) - Math.ceil(min / step) + 1;
    return Array.from({ length: count }, (_, i) =>
      Number(((Math.ceil(min / step) + i) * step).toPrecision(4)),
    );
  }
  const powers = Array.from({ length: 40 }, (_, i) => i - 20);
  return powers
    .flatMap((power) => (range > 2_000 ? [1] : [1, 2, 5]).map((step) => Number(`${step}e${power}`)))
    .filter((tick) => tick >= min && tick <= max);
}

/** About how wide a text of 12 px is, to leave room for it. */
export const textWidth = (text: string): number => Math.ceil(text.length * 6.7);

/** A logarithmic axis with its ends at the data, widened by `margin`, and labels at 1, 2, 5. */
export function logAxis(theme: Theme, values: readonly number[], margin: number) {
  const min = Math.min(...values) / margin;
  const max = Math.max(...values) * margin;
  const customValues = logTicks(min, max);
  return {
    type: "log" as const,
    min,
    max,
    axisLine: { show: false },
    axisTick: { show: false, customValues },
    axisLabel: { ...axisText(theme), customValues, hideOverlap: true },
    splitLine: gridLine(theme),
  };
}
