/**
 * How often a decision recommends one of several equal candidates, as Markdown: a table of docs/SIMULATIONS.md.
 * `bun run bench/recommendations.ts [2000]`, with the runs per figure. Seeded: the same number prints the same table.
 */
import { policies } from "../reports/policies.ts";
import type { Policy } from "../schemas/policy.ts";
import { createRandom } from "../stats/random.ts";
import { recommendedShare } from "./recommended.ts";

const repetitions = Number(process.argv[2] ?? 2000);
if (!Number.isInteger(repetitions) || repetitions < 100) {
  console.error(`repetitions: must be a whole number of at least 100, got ${process.argv[2]}; e.g. 2000`);
  process.exit(2);
}

const [first] = policies;
if (first === undefined) throw new Error("the tool has no policy");
/** What asks for least: one figure alone, and any shown difference is worth it. */
const least: Policy = {
  ...first,
  name: "throughput alone, worth 0 %",
  worthPct: 0,
  weights: { latencyTail: 0, throughput: 1, cpuCost: 0, memory: 0, startup: 0 },
};
const asked = [...policies, least];

const print = (cells: readonly string[]) => console.log(`| ${cells.join(" | ")} |`);
const head = ["equal", "far worse", ...asked.map(({ name }) => name)];
print(head);
print(head.map(() => "---"));
for (const [equal, worse] of [
  [2, 0],
  [2, 2],
  [2, 8],
  [4, 0],
  [10, 0],
] as const) {
  const shares = asked.map((policy) => {
    const setup = { equal, worse, rounds: 10, noise: 0.1, policy, repetitions };
    const { share, low, high } = recommendedShare(createRandom(21), setup);
    return `${(100 * share).toFixed(1)} (${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)})`;
  });
  print([`${equal}`, `${worse}`, ...shares]);
}
