import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { hasFailed } from "../../reports/gates/judge.ts";
import { type Gated, gatedPlan, gatedRun } from "../fixtures/gated-run.ts";

// Twenty simulated runs take seconds where other work goes on.
setDefaultTimeout(60_000);

const plan = gatedPlan();
const limitPct = 5;

const gated = (repetition: number, noise: number, more: Partial<Gated> = {}) =>
  gatedRun({ plan, repetition, noise, limitPct, ...more });

const repetitions = [...Array(20).keys()];
/** Standard deviation of a round: the range in which the headline figures of quiet machines were seen. */
const noises = [0.03, 0.05];

describe("many simulated runs against their baselines", () => {
  test.each(noises)("A/A never fails in 20 repetitions, at noise %p a round", async (noise) => {
    const failed = [];
    for (const i of repetitions) if (hasFailed((await gated(i, noise)).judgement)) failed.push(i);
    expect(failed).toEqual([]);
  });

  test.each(noises)("a server made 15 % slower always fails, at noise %p a round", async (noise) => {
    const slower = (candidate: string) => (candidate === "node/ws" ? 1.15 : 1);
    const passed = [];
    for (const i of repetitions) {
      const { judgement } = await gated(i, noise, { slower });
      if (!hasFailed(judgement)) passed.push(i);
      const blamed = judgement.findings.filter((f) => f.outcome === "failed").map((f) => f.candidate);
      expect(blamed).not.toContain("bun/serve");
    }
    expect(passed).toEqual([]);
  });
});
