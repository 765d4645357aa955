import type { EChartsOption } from "echarts";
import type { Report } from "../../schemas/report.ts";
import { byRuntime, isMany } from "../view.ts";
import { type ChartSpec, heading } from "./base.ts";
import { light, type Theme } from "./palette.ts";

const firstPanel = 58;
const panelHeading = 24;
const plotHeight = 160;
const panelGap = 46;

type Part = Record<string, unknown>;

const list = (value: unknown): Part[] => (Array.isArray(value) ? value : [value]) as Part[];

/** Whether a series is of one of these candidates; its name may say more behind the id, such as `native`. */
const isOf = (ids: readonly string[], { name }: Part): boolean =>
  ids.some((id) => name === id || String(name).startsWith(`${id} `));

/**
 * A chart of many lines as a panel for each runtime, below one another and with the same axes: a dozen curves in one plot
 * cannot be distinguished. A chart of few candidates, or of one runtime, stays as it is.
 */
export function byPanels(report: Report, spec: ChartSpec): ChartSpec {
  if (!isMany(report)) return spec;
  const option = spec.option;
  const series = list(option(light).series);
  const groups = byRuntime(report).filter(({ ids }) => series.some((s) => isOf(ids, s)));
  if (groups.length < 2) return spec;
  return {
    ...spec,
    height: firstPanel + groups.length * (panelHeading + plotHeight + panelGap),
    option: (theme) => panelled(option(theme), groups, theme),
  };
}

function panelled(
  option: EChartsOption,
  groups: readonly { runtime: string; ids: readonly string[] }[],
  theme: Theme,
): EChartsOption {
  const top = (i: number) => firstPanel + i * (panelHeading + plotHeight + panelGap);
  const { bottom: _, ...grid } = list(option.grid)[0] ?? {};
  const axis = (value: unknown) => groups.map((_, gridIndex) => ({ ...(value as Part), gridIndex }));
  const last = groups.length - 1;
  return {
    ...option,
    title: [
      ...list(option.title),
      ...groups.map(({ runtime }, i) => ({
        ...heading(theme, runtime, top(i), false),
        textStyle: { ...heading(theme, runtime, 0, false).textStyle, color: theme.ink, fontWeight: "bold" },
      })),
    ],
    grid: groups.map((_, i) => ({ ...grid, top: top(i) + panelHeading, height: plotHeight })),
    xAxis: axis(option.xAxis).map((x, i) => (i === last || !("name" in x) ? x : { ...x, name: "" })),
    yAxis: axis(option.yAxis),
    series: groups.flatMap(({ ids }, i) =>
      list(option.series)
        // A series without data is no candidate's: it draws what every panel has, such as the percentiles.
        .filter((s) => isOf(ids, s) || list(s.data).length === 0)
        .map((s) => ({ ...s, xAxisIndex: i, yAxisIndex: i })),
    ),
  } as EChartsOption;
}
