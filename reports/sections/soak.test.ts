import { expect, test } from "bun:test";
import { join } from "node:path";
import type { SoakResult, SoakTrend } from "../../schemas/soak.ts";
import { soakCharts } from "../charts/soak.ts";
import { parseReport } from "../json.ts";
import { sectionText } from "../markdown/render.ts";
import { leadChart } from "./answer.ts";
import { soak } from "./soak.ts";

const stored = await Bun.file(join(import.meta.dir, "../../tests/golden/report.json")).text();
const report = parseReport(stored, "report.json");

const flat: SoakTrend = {
  verdict: "flat",
  growthPct: 0.4,
  ciLowPct: -0.2,
  ciHighPct: 1,
  p: 0.2,
  perHour: 2e6,
  windows: 40,
};
const [rising, undecided]: SoakTrend[] = [
  { ...flat, verdict: "rising", growthPct: 25, ciLowPct: 24, ciHighPct: 26, perHour: 120 * 2 ** 20 },
  {
    verdict: "undecided",
    growthPct: null,
    ciLowPct: null,
    ciHighPct: null,
    p: null,
    perHour: null,
    windows: 4,
  },
] as const;

const of = (candidate: string, rss: SoakTrend, latency: SoakTrend): SoakResult => ({
  candidate,
  cell: "feed/json/passthrough/send/s10",
  lengthS: 600,
  windowMs: 10_000,
  windows: 60,
  disturbed: 2,
  flawed: 0,
  rss,
  latency,
  longestPause: { atS: 312, ns: 41e6 },
  points: [0, 300].map((atS) => ({ atS, p99Ns: 1e6 + atS, rssBytes: 5e7 })),
});
const soaked = {
  ...report,
  soak: [of("node/ws", rising!, flat), of("bun/serve", flat, undecided!)],
  extraFailures: [
    { kind: "soak" as const, candidate: "node/hono", phase: "start" as const, reason: "no ready line" },
  ],
};

test("each verdict is reported with its growth and interval, a rise with its pace, a failure with its reason", () => {
  const section = soak(soaked, []);
  const text = section === null ? "" : sectionText(section, (id) => `#${id}`);
  const lines = text.replaceAll("\u00a0", " ");
  const row = (name: string) => lines.split("\n").find((line) => line.startsWith(`| ${name}`)) ?? "";
  expect(row("node/ws")).toContain("rising<br><sub>25 % (24 % to 26 %)</sub><br><sub>120 MiB an hour</sub>");
  expect(row("node/ws")).toContain("41.0 ms<br><sub>at 5 min 12 s</sub>");
  expect(row("bun/serve")).toContain("flat<br><sub>0.4 % (−0.2 % to 1.0 %)</sub>");
  expect(row("bun/serve")).toContain("not decided<br><sub>too few windows</sub>");
  expect(text).toContain("node/hono failed in start: no ready line");
});

test("a run without a soak has no section of it and no chart", () => {
  expect(soak(report, [])).toBeNull();
  expect(soakCharts(report)).toEqual([]);
  const charts = soakCharts(soaked);
  expect(charts.map(({ name }) => name)).toEqual(["soak-latency", "soak-memory"]);
  // Where it is all that a run has, it still does not stand beside the answer.
  expect(leadChart(charts)).toBeUndefined();
});
