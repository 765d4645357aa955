import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Judgement } from "../../reports/gates/judge.ts";
import { noisyReport } from "../fixtures/noisy-run.ts";
import { planFrom } from "../fixtures/planned.ts";
import { reportGates } from "./gate-report.ts";

const folder = mkdtempSync(join(tmpdir(), "tickbench-gates-"));
afterAll(() => rmSync(folder, { recursive: true }));

const report = await noisyReport({
  plan: planFrom("--candidates", "bun/serve", "--workloads", "echo/sbe*", "--rounds", "3"),
  seed: 1,
  noise: 0.03,
});
const judgement: Judgement = {
  findings: [
    {
      kind: "assertion",
      gate: "* echo p50 < 1us",
      candidate: "bun/serve",
      cell: "echo/sbe/c32w32",
      metric: "latencyNsP50",
      outcome: "failed",
      text: "too slow",
    },
  ],
  differences: [],
};

function told(env: Record<string, string>): string {
  let text = "";
  const write = (words: string) => {
    text += words;
  };
  reportGates(judgement, report, { folder, write, env });
  return text;
}

test("annotations are for GitHub Actions alone, and the step's summary is appended to", () => {
  expect(told({})).not.toContain("::error");
  expect(told({ GITHUB_ACTIONS: "true" })).toContain(
    "\n::error title=* echo p50 < 1us::bun/serve echo/sbe/c32w32: too slow\n",
  );
  const summary = join(folder, "summary.md");
  writeFileSync(summary, "an earlier step\n");
  told({ GITHUB_STEP_SUMMARY: summary });
  const written = readFileSync(summary, "utf8");
  expect(written).toStartWith("an earlier step\n## tickbench: gates failed\n");
  expect(written).toEndWith(readFileSync(join(folder, "gates.md"), "utf8"));
});
