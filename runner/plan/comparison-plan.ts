import { type MetricFamily, metricKinds } from "../../schemas/metric.ts";
import type { Plan, PlannedCandidate, PlannedCell } from "../../schemas/plan.ts";
import { serves } from "./schedule.ts";

/** Two candidates whose headline metrics are compared: a ÷ b. */
export interface PlannedPair {
  readonly a: string;
  readonly b: string;
}

/**
 * The pairs that the plan declares, and so the families that are corrected for: every candidate against the reference, every
 * newer version of a runtime against the oldest under the same program, and every variant against the one without its feature.
 * A variant meets the reference at its own levels where that takes part: a difference in both says nothing of either.
 */
export function declaredPairs({ candidates, reference }: Plan): PlannedPair[] {
  const programs = candidates.filter((c) => c.replicateOf === null);
  return programs.flatMap((candidate) => {
    const { name, upgradeFrom, contrasts = [] } = candidate;
    const others = new Set([referenceFor(programs, reference, candidate)]);
    if (upgradeFrom !== null) others.add(upgradeFrom);
    for (const { against } of contrasts) others.add(against);
    others.delete(name);
    return [...others].map((b) => ({ a: name, b }));
  });
}

/** The reference at the levels of a candidate; the reference itself where it does not run at those. */
function referenceFor(
  programs: readonly PlannedCandidate[],
  reference: string,
  { levels }: PlannedCandidate,
): string {
  const plain = programs.find((c) => c.name === reference);
  const levelsOf = (of: PlannedCandidate["levels"]) => JSON.stringify(of ?? null);
  const same = programs.find(
    (c) =>
      c.id === plain?.id &&
      JSON.stringify(c.launch) === JSON.stringify(plain.launch) &&
      levelsOf(c.levels) === levelsOf(levels),
  );
  return same?.name ?? reference;
}

/**
 * Members of the declared family of one kind of metric: those of the cells that both sides of a declared pair serve. It is fixed by the
 * plan alone, so that a candidate which fails makes no other comparison easier to pass.
 */
export function familySizeOf(plan: Plan, family: MetricFamily): number {
  const membersIn = ({ headline }: PlannedCell) =>
    headline.filter((metric) => metricKinds[metric].family === family).length;
  const serving = (name: string, cell: PlannedCell) =>
    plan.candidates.some((c) => c.name === name && serves(c, cell));
  return declaredPairs(plan).reduce(
    (sum, { a, b }) =>
      sum +
      plan.cells.reduce(
        (size, cell) => size + (serving(a, cell) && serving(b, cell) ? membersIn(cell) : 0),
        0,
      ),
    0,
  );
}
