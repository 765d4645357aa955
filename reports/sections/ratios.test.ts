import { expect, test } from "bun:test";
import { join } from "node:path";
import type { CellResult, Comparison, Report } from "../../schemas/report.ts";
import { parseReport } from "../json.ts";
import { sectionText } from "../markdown/render.ts";
import type { Section } from "./document.ts";
import { latency } from "./latency.ts";
import { ratios } from "./ratios.ts";
import { throughput } from "./throughput.ts";

const stored = await Bun.file(join(import.meta.dir, "../../tests/golden/report.json")).text();
const report = parseReport(stored, "report.json");
const first = report.comparisons.find((c) => c.declared && c.verdict === "a-better");
if (first === undefined) throw new Error("the golden report has no verdict");

const written = (section: Section | null): string =>
  section === null ? "" : sectionText(section, (id) => `#${id}`);
const ratiosWith = (one: Partial<Comparison>, run: Partial<Report["run"]> = {}) =>
  written(ratios({ ...report, run: { ...report.run, ...run }, comparisons: [{ ...first, ...one }] }, []));

test("Hodges–Lehmann's estimate stands beside the mean of logs, with its own interval where it has one", () => {
  const robust = { ratio: 0.75, robustRatio: 0.741, robustCiLow: 0.702, robustCiHigh: 0.781 };
  expect(ratiosWith(robust)).toMatch(/\| 1\.33\u00a0× faster [^|]*\| 1\.35\u00a0× faster \(1\.28–1\.42\) \|/);
  expect(ratiosWith({ ...robust, robustCiLow: null, robustCiHigh: null })).toContain(
    "| 1.35\u00a0× faster |",
  );
  expect(ratiosWith({ ...robust, robustRatio: null })).toMatch(/\| — \|/);
  expect(ratiosWith(robust)).toContain("its interval is distribution-free");
});

test("a pair of few rounds names them in a run of more, and the reader is told why", () => {
  expect(ratiosWith({ rounds: 3 })).toContain("<br><sub>3 rounds</sub>");
  expect(ratiosWith({ rounds: 3 })).toContain("A pair that names its rounds");
  for (const text of [ratiosWith({ rounds: 6 }), ratiosWith({ rounds: 3 }, { roundsRun: 5 })]) {
    expect(text).not.toMatch(/<sub>\d rounds<\/sub>|A pair that names/);
  }
});

test("a table says where its figures have few rounds, once and not in a run that has few of all", () => {
  const of = (rounds: number, roundsRun: number) => {
    const results = report.results.map((r): CellResult => ({ ...r, rounds }));
    const run = { ...report.run, roundsRun };
    const changed = { ...report, run, results };
    const parts = [...latency(changed, [], true), ...latency(changed, [], false), throughput(changed, [])];
    expect(parts).toHaveLength(3);
    return parts.map(written);
  };
  for (const text of of(3, 10)) expect(text).toContain("<sub>3 rounds: too few");
  for (const text of [...of(6, 10), ...of(3, 3), ...of(1, 10)])
    expect(text).not.toContain("distribution-free");
});
