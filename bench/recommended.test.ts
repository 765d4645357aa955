import { expect, test } from "bun:test";
import { policies } from "../reports/policies.ts";
import type { Policy } from "../schemas/policy.ts";
import { createRandom } from "../stats/random.ts";
import { recommendedShare } from "./recommended.ts";

const [first] = policies;
if (first === undefined) throw new Error("the tool has no policy");
const least: Policy = {
  ...first,
  worthPct: 0,
  weights: { latencyTail: 0, throughput: 1, cpuCost: 0, memory: 0, startup: 0 },
};
const shareOf = (equal: number, worse: number, policy: Policy, noise = 0.1) =>
  recommendedShare(createRandom(4), { equal, worse, rounds: 10, noise, policy, repetitions: 250 });

test("one of two equals is recommended no more often than one 95 % interval errs, however many others there are", () => {
  for (const worse of [0, 4]) expect(shareOf(2, worse, least).low).toBeLessThan(0.05);
  // Many equals must all be beaten at once.
  expect(shareOf(5, 0, least).share).toBeLessThan(0.01);
});

test("the one that is better than all others is", () => {
  expect(shareOf(1, 4, first).share).toBeGreaterThan(0.95);
});
