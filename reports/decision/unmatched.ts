import { matchesGlobs, withoutBraces } from "../../schemas/glob.ts";
import { metricKinds } from "../../schemas/metric.ts";
import type { Policy, Requirement } from "../../schemas/policy.ts";
import type { Undecided } from "../../schemas/report.ts";
import { measuredResults } from "./evidence.ts";
import { criticalFigure, type LimitRequirement, metricOf, requirementText } from "./requirements.ts";

export interface Unmatched {
  readonly requirement: Requirement;
  /** What the run lacks for it. */
  readonly text: string;
}

/**
 * The requirements that no candidate can be held to in this run: they are on cells that it does not have, or on a metric that those
 * do not give. That is a mistake of the policy, or another question than the run's, and says nothing of the candidates.
 */
export function unmatchedOf(report: Undecided, policy: Policy): Unmatched[] {
  const cells = [
    ...report.results.map((r) => r.cell),
    ...report.failures.flatMap((f) => (f.cell === null ? [] : [f.cell])),
    ...report.comparisons.map((c) => c.cell),
  ];
  return policy.require.flatMap((requirement) => {
    const miss = missOf(report, requirement, cells);
    if (miss === null) return [];
    return [
      {
        requirement,
        text: `${miss}, so no candidate can be checked against "${requirementText(requirement)}"`,
      },
    ];
  });
}

/** The policy without the requirements that nobody can be held to. */
export function without(policy: Policy, unmatched: readonly Unmatched[]): Policy {
  const require = policy.require.filter((r) => !unmatched.some(({ requirement }) => requirement === r));
  return { ...policy, require };
}

function missOf(report: Undecided, requirement: Requirement, cells: readonly string[]): string | null {
  if (requirement.kind === "codec" || cells.length === 0) return null;
  const patterns = requirement.cells;
  if (!cells.some((cell) => matchesGlobs(cell, patterns))) {
    return `no cell of this run matches ${patterns.join(", ")} (the nearest is ${nearestCell(patterns, cells)})`;
  }
  return requirement.kind === "reach" ? null : missingMetric(report, requirement);
}

function missingMetric(
  report: Undecided,
  requirement: Exclude<LimitRequirement, { kind: "reach" }>,
): string | null {
  const measured = measuredResults(report).filter((r) => matchesGlobs(r.cell, requirement.cells));
  const isAnswered = measured.some((r) => criticalFigure(report, r.candidate, requirement) !== null);
  if (isAnswered || measured.length === 0) return null;
  return `no cell that matches ${requirement.cells.join(", ")} gives ${metricKinds[metricOf(requirement)].label}`;
}

/** The cell that some pattern would match with the fewest letters changed; the first of several. */
export function nearestCell(patterns: readonly string[], cells: readonly string[]): string {
  const taken = patterns.filter((p) => !p.startsWith("!")).flatMap(withoutBraces);
  const away = (cell: string) => Math.min(...taken.map((p) => distance(p, cell)));
  const placed = [...new Set(cells)].map((cell) => ({ cell, away: away(cell) }));
  return placed.reduce((best, next) => (next.away < best.away ? next : best)).cell;
}

/** Levenshtein's distance of a cell to what a pattern matches: `*` takes any letters at no cost. */
function distance(pattern: string, cell: string): number {
  let row = Array.from({ length: cell.length + 1 }, (_, j) => j);
  for (const letter of pattern) {
    const above = row;
    row = [];
    for (let j = 0; j <= cell.length; j += 1) {
      const [up, left, corner] = [above[j] ?? 0, row[j - 1] ?? Infinity, above[j - 1] ?? Infinity];
      const change = letter === "?" || cell[j - 1] === letter ? 0 : 1;
      row.push(letter === "*" ? Math.min(up, left) : Math.min(up + 1, left + 1, corner + change));
    }
  }
  return row.at(-1) ?? 0;
}
