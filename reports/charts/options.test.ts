import { expect, test } from "bun:test";
import { join } from "node:path";
import type { Report } from "../../schemas/report.ts";
import { titleBlock } from "../html/page/fit.ts";
import { parseReport } from "../json.ts";
import { againstReference, isOpenLoop } from "../view.ts";
import { logTicks, slug, textWidth } from "./base.ts";
import { curveOf } from "./curve.ts";
import { chartSpecs, dark, light } from "./options.ts";
import { looks } from "./palette.ts";
import { drawChart, renderCharts } from "./svg.ts";

const stored = await Bun.file(join(import.meta.dir, "../../tests/golden/report.json")).text();
const report = parseReport(stored, "report.json");
const charts = renderCharts(report);

/** The run as it would be after one round: no intervals, no histograms, no A/A pair. */
const oneRound: Report = {
  ...report,
  results: report.results.map((r) => ({
    ...r,
    histogram: null,
    metrics: Object.fromEntries(
      Object.entries(r.metrics).map(([name, m]) => [name, { ...m, ciLow: null, ciHigh: null }]),
    ),
  })),
  comparisons: report.comparisons.map((c) => ({ ...c, ciLow: null, ciHigh: null, verdict: "withheld" })),
  noise: { ...report.noise, aa: [] },
};

test("options are plain data for both themes", () => {
  for (const spec of chartSpecs(report)) {
    for (const theme of [light, dark]) {
      const option = spec.option(theme);
      expect(JSON.parse(JSON.stringify(option))).toEqual(option);
    }
  }
});

test("names of files are unique and safe", () => {
  const names = chartSpecs(report).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z0-9-]+$/);
  expect(slug("fanout/json/send/s100@200Hz")).toBe("fanout-json-send-s100-200hz");
});

test("pictures say in words what they show, and share no ids", () => {
  const ids = charts.flatMap(({ svgLight, svgDark }) =>
    [...`${svgLight}${svgDark}`.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id),
  );
  expect(new Set(ids).size).toBe(ids.length);
  for (const { svgLight, title, alt } of charts) {
    expect(svgLight).toContain(`<title>${title}</title>`);
    expect(alt).toContain("bun/serve");
    expect(svgLight).not.toMatch(/zr\d|<style|class=/);
  }
});

test("every text lies inside its picture", () => {
  for (const { name, svgLight } of charts) {
    const width = Number(/width="(\d+)"/.exec(svgLight)?.[1]);
    const texts = [...svgLight.matchAll(/<text([^>]*)translate\(([\d.-]+) [^>]*>([^<]*)/g)];
    expect(texts.length).toBeGreaterThan(5);
    for (const [, attributes, x, content] of texts) {
      const anchor = /text-anchor="(\w+)"/.exec(attributes!)?.[1];
      // Prose is narrower than the names and figures that textWidth leaves room for.
      const size = textWidth(content!) * (content!.length > 40 ? 0.85 : 1);
      const from = Number(x) - (anchor === "end" ? size : anchor === "middle" ? size / 2 : 0);
      // Twelve pixels of tolerance: the width is an estimate, and errs on the wide side.
      const inside = from >= -12 && from + size <= width + 12;
      expect(inside ? "inside" : `${name}: ${content} from ${from} of ${width}`).toBe("inside");
    }
  }
});

test("a run without intervals or histograms is drawn too", () => {
  const bare = renderCharts(oneRound);
  expect(bare.map(({ name }) => name)).toEqual(charts.map(({ name }) => name));
  for (const { svgLight } of bare) expect(svgLight).not.toMatch(/NaN|undefined|Infinity/);
}, 60_000);

test("a curve goes through the figures of the tables, in their order, with their intervals", () => {
  const result = report.results.find((r) => r.metrics.latencyNsP9999 !== undefined)!;
  const points = curveOf(result);
  expect(points.map(({ x }) => x)).toEqual([2, 10, 100, 1_000, 10_000]);
  const { latencyNsP99 } = result.metrics;
  expect(points[2]).toEqual({
    x: 100,
    ns: latencyNsP99!.median,
    low: latencyNsP99!.ciLow,
    high: latencyNsP99!.ciHigh,
  });
});

test("each row of ratios has its own threshold behind it", () => {
  const [spec] = chartSpecs(report).filter((s) => s.name === "ratios-open");
  const series = spec!.option(light).series as unknown as { z?: number; data: { coords: number[][] }[] }[];
  const bands = series.filter((s) => s.z === 1).flatMap((s) => s.data);
  const drawn = againstReference(report).filter((c) => c.declared && isOpenLoop(c.workload));
  expect(bands).toHaveLength(drawn.length);
  const ends = bands.map(({ coords }) => Number(((coords[1]![0]! - 1) * 100).toPrecision(6)));
  expect(ends.toSorted()).toEqual(drawn.map((c) => c.marginPct).toSorted());
});

test("a bar is as long as its figure is of its panel's largest, and as many bars as figures share one series", () => {
  const spec = chartSpecs(report).find((s) => s.name === "throughput-echo")!;
  const { series, yAxis } = spec.option(light) as unknown as {
    series: { type: string; data: { value: [number, number] }[] }[];
    yAxis: { data: string[] };
  };
  const bars = series.filter((s) => s.type === "bar").map((s) => s.data.map(({ value }) => value));
  const compared = report.candidates.filter((c) => c.replicateOf === null).map((c) => c.id);
  const echoes = report.results.filter(
    ({ workload, candidate, metrics }) =>
      workload === "echo" && compared.includes(candidate) && metrics.throughputHz !== undefined,
  );
  const expected = echoes.map(({ cell, metrics: { throughputHz: m } }) => {
    const largest = Math.max(
      ...echoes.filter((r) => r.cell === cell).map(({ metrics }) => metrics.throughputHz!.ciHigh!),
    );
    return (m!.median / largest).toPrecision(3);
  });
  expect(bars).toHaveLength(1);
  expect(bars[0]!.map(([share]) => share.toPrecision(3)).toSorted()).toEqual(expected.toSorted());
  const named = bars[0]!.map(([, row]) => yAxis.data[row]);
  expect(new Set(named)).toEqual(
    new Set(report.candidates.filter((c) => c.replicateOf === null).map((c) => c.id)),
  );
});

test("a chart that two forms show is laid out once", () => {
  const [spec] = chartSpecs(report);
  expect(chartSpecs(report)[0]).toBe(spec!);
  expect(drawChart(spec!)).toBe(drawChart(spec!));
});

test("candidates of one runtime share a hue family and differ in shade and symbol", () => {
  const look = looks(report, light);
  const bun = [look("bun/serve"), look("bun/elysia")];
  for (const { color } of bun) expect(light.families.bun).toContain(color);
  expect(light.families.node).toContain(look("node/ws").color);
  expect(bun[0]!.color).not.toBe(bun[1]!.color);
  expect(bun[0]!.symbol).not.toBe(bun[1]!.symbol);
});

test("log ticks are round and few", () => {
  expect(logTicks(70, 4_200)).toEqual([100, 200, 500, 1_000, 2_000]);
  expect(logTicks(0.8, 90_000)).toEqual([1, 10, 100, 1_000, 10_000]);
  expect(logTicks(0.79, 1.26)).toEqual([0.8, 1, 1.2]);
});

test("a page takes the whole heading out of a picture: what lies above its plot is the first two titles", () => {
  for (const spec of chartSpecs(report)) {
    const { title } = spec.option(light);
    const titles = Array.isArray(title) ? title : [title];
    const left = titles.slice(2).filter((t) => Number(t?.top) < titleBlock);
    expect([spec.name, left]).toEqual([spec.name, []]);
  }
});
