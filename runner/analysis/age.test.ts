import { expect, test } from "bun:test";
import { planFrom } from "../fixtures/planned.ts";
import { analyseScript, type Script } from "../fixtures/scripted-run.ts";

const plan = planFrom(..."--candidates bun/serve,node/ws --workloads echo/sbe* --rounds 8".split(" "));

/** Whether node/ws is said to have a slow youth, where each of its first rounds met it younger than the last ones did. */
function isWarnedOf(cpuNs: (round: number) => number): boolean {
  const measure: Script["measure"] = (candidate, _, round) => ({
    metrics: {
      throughputHz: 1000,
      latencyNsMean: 512e6,
      cpuNsPerMessage: candidate === "node/ws" ? cpuNs(round) : 1000,
    },
  });
  const { warnings } = analyseScript({ plan, measure, ageMs: (round) => 500 * (round + 1) });
  return warnings.some((w) => w.code === "slow-youth" && w.cell?.startsWith("node/ws ") === true);
}

test.each([
  ["four windows that are half as slow again", (round: number) => (round < 4 ? 1500 : 1000), true],
  ["two windows of that", (round: number) => (round < 2 ? 1500 : 1000), false],
  ["two windows that are four times as slow", (round: number) => (round < 2 ? 4000 : 1000), true],
  ["one window of that", (round: number) => (round < 1 ? 4000 : 1000), false],
  // 20 µs a message more on a server that takes 300 ns: met once, and believed.
  ["one window that is thirty times as slow", (round: number) => (round < 1 ? 30_000 : 1000), true],
  ["one old window among young ones of that", (round: number) => (round < 7 ? 30_000 : 1000), true],
  ["one such window of an old server", (round: number) => (round === 5 ? 30_000 : 1000), false],
])("a youth: %s", (_, cpuNs, told) => {
  expect(isWarnedOf(cpuNs)).toBe(told);
});
