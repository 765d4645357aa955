import { expect, test } from "bun:test";
import { join } from "node:path";
import { summary, summaryBytesMax } from "../schemas/summary.ts";
import { parseReport } from "./json.ts";
import { summaryJson } from "./summary.ts";

const stored = await Bun.file(join(import.meta.dir, "../tests/golden/report.json")).text();
const report = parseReport(stored, "report.json");
const read = (text: string) => summary.parse(JSON.parse(text));

test("tells the outcome, the lead with its interval, the figures and what flips it", () => {
  const summary = read(summaryJson(report));
  const { decision } = report;
  expect(summary).toMatchObject({ outcome: decision.outcome, recommended: decision.recommended });
  expect(summary.runnerUp?.candidate).toBe(decision.runnerUp?.candidate ?? "");
  expect(summary.runnerUp?.ratio).toBeCloseTo(1 + (decision.runnerUp?.byPct ?? 0) / 100, 3);
  const [first] = summary.candidates;
  const [figure] = summary.figures;
  const result = report.results.find((r) => r.candidate === first?.candidate && r.cell === figure?.cell);
  expect(first?.medians[0]).toBeCloseTo(result?.metrics[figure?.metric ?? "startupNs"]?.median ?? 0, -3);
  expect(summary.candidatesLeftOut).toBe(0);
  expect(summary.flips.length).toBeGreaterThan(0);
});

test("never outgrows its size: figures give way first, then the candidates at the end", () => {
  const [bun] = report.candidates.filter(({ id }) => id === "bun/serve");
  const served = report.results.filter((r) => r.candidate === "bun/serve");
  const many = (count: number) => {
    const more = Array.from({ length: count }, (_, i) => ({ ...bun!, id: `python/a-long-name-${i}` }));
    const results = more.flatMap(({ id }) => served.map((r) => ({ ...r, candidate: id })));
    return {
      ...report,
      candidates: [...report.candidates, ...more],
      results: [...report.results, ...results],
    };
  };
  for (const count of [0, 4, 10, 60]) {
    const text = summaryJson(many(count));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(summaryBytesMax);
    const { candidates, candidatesLeftOut, figures } = read(text);
    expect(candidates.length + candidatesLeftOut).toBe(count + 4);
    expect(figures.at(-1)?.metric).toBe("throughputHz");
  }
  expect(read(summaryJson(many(60))).candidatesLeftOut).toBeGreaterThan(0);
});
