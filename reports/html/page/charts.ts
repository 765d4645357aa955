/// <reference lib="dom" />
import type { EChartsOption } from "echarts";
import { type ECharts, init } from "../../charts/engine.ts";
import { dark, inTheme, light, type Theme } from "../../charts/palette.ts";
import type { PageChart } from "../data.ts";
import { fitOption, legendHeight, titleBlock } from "./fit.ts";
import { tooltipFor } from "./tooltip.ts";

const prefersDark = matchMedia("(prefers-color-scheme: dark)");

/** Draws every chart of the page once it has a width, and again when its width or the reader's theme changes. */
export function mountCharts(charts: Readonly<Record<string, PageChart>>): void {
  const drawn = new Map<HTMLElement, { chart: ECharts; spec: PageChart }>();
  const redraw = (place: HTMLElement) => {
    const known = drawn.get(place);
    const spec = known?.spec ?? charts[place.dataset.chart ?? ""];
    const width = place.clientWidth;
    if (spec === undefined || width === 0) return;
    place.style.height = `${heightOf(spec, width)}px`;
    const chart = known?.chart ?? init(place, null, { renderer: "svg" });
    drawn.set(place, { chart, spec });
    chart.clear();
    chart.resize();
    const theme = prefersDark.matches ? dark : light;
    const option = fitOption(optionIn(spec, theme), width, theme);
    chart.setOption({ ...option, ...tooltipFor(spec.kind, theme) }, { notMerge: true });
    place.dataset.drawn = theme.name;
  };
  // A place inside closed details has no width; it is drawn when the observer sees it open.
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) redraw(target as HTMLElement);
  });
  const places = document.querySelectorAll<HTMLElement>("[data-chart]");
  for (const place of places) observer.observe(place);
  prefersDark.addEventListener("change", () => {
    for (const place of drawn.keys()) redraw(place);
  });
  addEventListener("beforeprint", () => {
    for (const place of places) redraw(place);
  });
}

const optionIn = ({ option }: PageChart, theme: Theme): EChartsOption =>
  JSON.parse(inTheme(JSON.stringify(option), theme)) as EChartsOption;

function heightOf({ height, lines }: PageChart, width: number): number {
  return height - titleBlock + (lines !== null && width < 560 ? legendHeight(lines) : 0);
}
