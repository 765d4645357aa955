import type { EChartsOption } from "echarts";
import type { Theme } from "../../charts/palette.ts";
import { digits3 } from "../../format.ts";
import type { PageChart } from "../data.ts";
import { markup } from "../markup.ts";

interface Point {
  readonly seriesName?: string;
  readonly value?: unknown;
}

/** A tooltip for the points of line charts; bars and intervals have their figures beside them already. */
export function tooltipFor(kind: PageChart["kind"], theme: Theme): EChartsOption {
  const words = pointWords[kind];
  if (words === undefined) return {};
  return {
    tooltip: {
      trigger: "item",
      confine: true,
      backgroundColor: theme.background,
      borderColor: theme.grid,
      textStyle: { color: theme.ink, fontSize: 13 },
      formatter: (point: unknown) => {
        const { seriesName, value } = point as Point;
        if (!Array.isArray(value)) return "";
        return String(markup`<b>${seriesName ?? ""}</b><br>${words(Number(value[0]), Number(value[1]))}`);
      },
    },
  };
}

const pointWords: Partial<Record<PageChart["kind"], (x: number, y: number) => string>> = {
  // The axis is 1 ÷ (1 − p).
  latency: (x, y) => `p${Number((100 * (1 - 1 / x)).toPrecision(4))}: ${digits3(y)}`,
  scalability: (x, y) => `${digits3(x)} subscribers: ${digits3(y)}`,
  time: (x, y) => `${digits3(x)} ms in: ${digits3(y)}`,
};
