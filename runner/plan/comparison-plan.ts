import { type MetricFamily, metricKinds } from "../../schemas/metric.ts";
import type { Plan, PlannedCell } from "../../schemas/plan.ts";
import { serves } from "./schedule.ts";

/** Two candidates whose headline metrics are compared: a ÷ b. */
export interface PlannedPair {
  readonly a: string;
  readonly b: string;
}

/**
 * The pairs that the plan declares, and so the families that are corrected for: every candidate against the reference, and
 * every newer version of a runtime against the oldest under the same program.
 */
export function declaredPairs({ candidates, reference }: Plan): PlannedPair[] {
  return candidates
    .filter((c) => c.twinOf === null)
    .flatMap(({ name, upgradeFrom }) => {
      const others = new Set([reference, upgradeFrom ?? reference]);
      others.delete(name);
      return [...others].map((b) => ({ a: name, b }));
    });
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
