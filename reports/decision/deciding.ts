import type { Report } from "../../schemas/report.ts";
import { itemFloorPct } from "./evidence.ts";
import { solve } from "./solve.ts";

/** The largest noise floor, in percent, of the figures that set the recommended one apart from the runner-up; null without those. */
export function decidingFloorPct(report: Report): number | null {
  const { recommended, runnerUp, policyUsed } = report.decision;
  if (recommended === null || runnerUp === null || policyUsed === null) return null;
  const { standing, shares } = solve(report, policyUsed);
  const floors = standing.axes
    .filter((axis) => shares[axis] > 0)
    .flatMap((axis) => {
      const { differences } = standing.edge(axis, recommended, runnerUp.candidate);
      const items = standing.items.filter((item) => item.axis === axis);
      return items
        .filter((_, i) => differences[i]?.shown === true)
        .flatMap((item) => itemFloorPct(report, item) ?? []);
    });
  return floors.length === 0 ? null : Math.max(...floors);
}
