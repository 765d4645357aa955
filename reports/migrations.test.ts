import { expect, test } from "bun:test";
import { join } from "node:path";
import { parseReport } from "./json.ts";
import { readStored, readStoredText } from "./read-report.ts";

const file = join(import.meta.dir, "fixtures/report-v1.json");

test("a report of version 1 keeps its figures, and its decision is taken again in codes", async () => {
  const old = JSON.parse(await Bun.file(file).text());
  const report = await readStored(file);
  expect([old.schemaVersion, report.schemaVersion]).toEqual([1, 2]);
  expect(report.results.map((r) => r.metrics.latencyNsP99?.perRound)).toEqual(
    old.results.map(
      (r: { metrics: Record<string, { perRound: number[] }> }) => r.metrics.latencyNsP99?.perRound,
    ),
  );
  expect(report.comparisons).toHaveLength(old.comparisons.length);
  for (const [i, { verdict, code, ratio }] of report.comparisons.entries()) {
    const was = old.comparisons[i];
    expect(ratio).toBe(was.ratio);
    // What was no difference shown is not decided, since version 1 had no test of equality.
    expect(verdict).toBe(was.verdict === "no-difference" ? "undecided" : was.verdict);
    expect(code === "exploratory").toBe(!was.declared && verdict === "withheld");
  }
  const { decision } = report;
  expect(decision.policyUsed).toEqual(old.decision.policyUsed);
  expect(decision.recommended).toBe("bun/serve");
  expect(decision.outcome).toBe("recommended");
  expect(new Set(report.warnings.map((w) => w.touches)).has("answer")).toBe(true);
});

test("a report of before the names of version 2 were final is read under them, without the warning that is given no more", async () => {
  const golden = JSON.parse(await Bun.file(join(import.meta.dir, "../tests/golden/report.json")).text());
  const { replicateOf, ...replicate } = golden.candidates.at(-1);
  const [{ recording: found, ...feed }] = golden.feeds;
  const { durationNs, ...recording } = found;
  const ended = { ...golden.warnings[0], code: "runtime-end-of-life" };
  const old = {
    ...golden,
    candidates: [
      ...golden.candidates
        .slice(0, -1)
        .map(({ replicateOf: of, ...c }: { replicateOf: unknown }) => ({ ...c, twinOf: of })),
      { ...replicate, twinOf: replicateOf },
    ],
    feeds: [{ ...feed, recording: { ...recording, spanNs: durationNs } }],
    warnings: [ended, ...golden.warnings],
  };
  expect(replicateOf).not.toBeNull();
  expect(readStoredText(JSON.stringify(old), "old.json")).toEqual(
    parseReport(JSON.stringify(golden), "golden"),
  );
});

test("what only looks like version 1 is rejected by its first wrong field", async () => {
  const old = JSON.parse(await Bun.file(file).text());
  const broken = join(import.meta.dir, "fixtures", "gone.json");
  await Bun.write(broken, JSON.stringify({ ...old, run: { ...old.run, seed: "one" } }));
  const said = await readStored(broken).catch((error: unknown) => String(error));
  await Bun.file(broken).delete();
  expect(said).toContain("gone.json: run.seed: ");
});
