import type { Policy } from "../../../schemas/policy.ts";
import type { Reversal } from "../../../schemas/report.ts";
import { placeWords } from "../../cell-words.ts";
import { type Item, namesOf, type Undecided } from "../evidence.ts";
import {
  criticalFigure,
  isCeiling,
  type LimitRequirement,
  limitOf,
  limitText,
  quantityText,
  withLimit,
} from "../requirements.ts";
import { type Solution, solve } from "../solve.ts";
import type { Ranking } from "../standing.ts";
import { type Change, changesAlong } from "./answer.ts";

/**
 * Where a limit would change the answer: the limits that the policy sets, moved either way, and limits that it does not set
 * on the figures it weighs. Who is admitted changes only at a candidate's own figure, so those are the only places to look.
 */
export function limitReversals(report: Undecided, policy: Policy, solution: Solution): Reversal[] {
  const set = policy.require.filter((r): r is LimitRequirement => r.kind !== "codec");
  const ofSet = set.flatMap((requirement) => {
    const others = policy.require.filter((r) => r !== requirement);
    const answerAt = (limit: number) =>
      solve(report, { ...policy, require: [...others, withLimit(requirement, limit)] }).ranking;
    return [true, false].flatMap((tighter) =>
      changes(report, requirement, limitOf(requirement), tighter, solution, answerAt),
    );
  });
  const ofUnset = probes(policy, solution).flatMap((requirement) => {
    const answerAt = (limit: number) =>
      solve(report, { ...policy, require: [...policy.require, withLimit(requirement, limit)] }).ranking;
    return changes(report, requirement, null, true, solution, answerAt).filter((r) => r.becomes !== null);
  });
  return [...ofSet, ...ofUnset];
}

/**
 * Limits worth asking about though the policy sets none: each figure of the latency tail, the memory budget, and the least
 * throughput. A rate of the answer that is a lower bound is not among them, since it may meet more than was measured.
 */
function probes(policy: Policy, { standing, ranking }: Solution): LimitRequirement[] {
  const isSet = ({ metric, cell }: Item): boolean =>
    policy.require.some((r) => r.kind === "slo" && r.metric === metric && r.cells[0] === cell);
  return standing.items
    .filter((item) => !isSet(item) && !item.limited.has(ranking.leader ?? ""))
    .flatMap(({ axis, metric, cell }): LimitRequirement[] => {
      const slo = { kind: "slo" as const, metric, cells: [cell] };
      if (axis === "latencyTail" || axis === "memory") return [{ ...slo, max: Number.MAX_VALUE }];
      return axis === "throughput" ? [{ ...slo, min: 0 }] : [];
    });
}

function changes(
  report: Undecided,
  requirement: LimitRequirement,
  from: number | null,
  tighter: boolean,
  solution: Solution,
  answerAt: (limit: number) => Ranking,
): Reversal[] {
  const ceiling = isCeiling(requirement);
  const start = from ?? limitOf(requirement);
  const downwards = ceiling === tighter;
  const figures = namesOf(report)
    .map((name) => criticalFigure(report, name, requirement)?.value ?? null)
    .filter((v): v is number => v !== null && (downwards ? v <= start : v >= start));
  const sorted = [...new Set(figures)].sort((x, y) => (downwards ? y - x : x - y));
  const path = sorted.map((figure, i) => {
    // Tightening excludes a candidate just past its own figure; relaxing admits it at the figure itself.
    const next = sorted[i + 1];
    const past = next === undefined ? beyond(figure, downwards) : (figure + next) / 2;
    return { at: figure, ...answerAt(tighter ? past : figure) };
  });
  // Where nobody is left, which other requirements may bring about too, a limit tells nothing about whom to choose.
  const useful = path
    .filter(({ leader }) => leader !== null)
    .map(({ at, recommended }): Change => ({ at, becomes: recommended }));
  return changesAlong(solution.ranking.recommended, useful).map((change) =>
    reversal(report, requirement, from, change, tighter),
  );
}

const beyond = (figure: number, downwards: boolean): number => (downwards ? figure / 2 : figure * 2);

function reversal(
  report: Undecided,
  requirement: LimitRequirement,
  from: number | null,
  { at, becomes }: Change,
  tighter: boolean,
): Reversal {
  const name = quantityText(requirement);
  const quantity = `${name} in ${requirement.cells.join(", ")}`;
  const where = requirement.cells.map((cell) => placeWords(report, cell)).join(", ");
  const limit = limitText(requirement, at ?? limitOf(requirement));
  const side = isCeiling(requirement) === tighter ? "below" : "above";
  const now = from === null ? "no limit now" : `now ${limitText(requirement, from)}`;
  const moved = tighter ? `${side} ${limit}` : `relaxed to ${limit}`;
  const answer = becomes ?? "no difference shown between those that meet it";
  const text =
    from === null && !isCeiling(requirement)
      ? `If more than ${limit} of ${name} were required in ${where} (${now}): ${answer}.`
      : `A limit on ${name} in ${where} ${moved} (${now}): ${answer}.`;
  return { kind: "requirement", what: quantity, from, at, becomes, text };
}
