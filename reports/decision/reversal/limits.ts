import type { Policy } from "../../../schemas/policy.ts";
import type { Reversal, Undecided } from "../../../schemas/report.ts";
import { placeWords } from "../../workloads/index.ts";
import { type Item, namesOf } from "../evidence.ts";
import {
  criticalFigure,
  isCeiling,
  type LimitRequirement,
  limitOf,
  limitText,
  metricOf,
  quantityText,
  withLimit,
} from "../requirements.ts";
import { type Solution, solve } from "../solve.ts";
import { becomesText, type Change, changesAlong } from "./answer.ts";

/**
 * Where a limit would change the answer: the limits that the policy sets, moved either way, and limits that it does not set
 * on the figures it weighs. Who is admitted changes only at a candidate's own figure, so those are the only places to look.
 */
export function limitReversals(report: Undecided, policy: Policy, solution: Solution): Reversal[] {
  const set = policy.require.filter((r): r is LimitRequirement => r.kind !== "codec");
  const ofSet = set.flatMap((requirement) => {
    const others = policy.require.filter((r) => r !== requirement);
    const answerAt = (limit: number) =>
      solve(report, { ...policy, require: [...others, withLimit(requirement, limit)] });
    return [true, false].flatMap((tighter) =>
      changes(report, requirement, limitOf(requirement), tighter, solution, answerAt),
    );
  });
  const ofUnset = probes(policy, solution).flatMap((requirement) => {
    const answerAt = (limit: number) =>
      solve(report, { ...policy, require: [...policy.require, withLimit(requirement, limit)] });
    return changes(report, requirement, null, true, solution, answerAt).filter((r) => r.becomes !== null);
  });
  return [...ofSet, ...ofUnset];
}

/**
 * Limits worth asking about though the policy sets none: each figure of the latency tail, the memory budget, and the least
 * throughput. A rate of the answer that is a lower bound is not among them, since it may meet more than was measured.
 */
function probes(policy: Policy, { pairwise, ranking }: Solution): LimitRequirement[] {
  const isSet = ({ metric, cell }: Item): boolean =>
    policy.require.some((r) => r.kind === "slo" && r.metric === metric && r.cells[0] === cell);
  return pairwise.items
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
  answerAt: (limit: number) => Solution,
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
    return { at: figure, there: answerAt(tighter ? past : figure) };
  });
  // Where nobody is left, which other requirements may bring about too, or one alone that is not shown to keep the limit, it
  // says nothing about whom to choose.
  const useful = path
    .filter(({ there }) => there.pairwise.candidates.length > 1 || there.ranking.recommended !== null)
    .map(({ at, there }): Change => ({ at, becomes: there.ranking.recommended }));
  return changesAlong(solution.ranking.recommended, useful).map((change) =>
    reversal(report, requirement, from, change, tighter),
  );
}

const beyond = (figure: number, downwards: boolean): number => (downwards ? figure / 2 : figure * 2);

function reversal(
  report: Undecided,
  requirement: LimitRequirement,
  from: number | null,
  change: Change,
  tighter: boolean,
): Reversal {
  const { at, becomes } = change;
  const name = quantityText(requirement);
  const quantity = `${name} in ${requirement.cells.join(", ")}`;
  const where = requirement.cells.map((cell) => placeWords(report, cell)).join(", ");
  const limit = limitText(requirement, at ?? limitOf(requirement));
  const end = tighter ? endWords(report, requirement, at) : null;
  const now =
    from === null
      ? ` (${end === null ? "" : `${end}; `}no limit now)`
      : `${end === null ? "" : ` (${end})`} instead of ${limitText(requirement, from)}`;
  const answer = `${becomesText(change)}${becomes === null ? " between those that meet it" : ""}`;
  const text = `If ${name} in ${where} ${boundWords(requirement, tighter)} ${limit}${now}, ${answer}.`;
  const side = isCeiling(requirement) === tighter ? "below" : "above";
  return { kind: "requirement", what: quantity, from, at, side, becomes, lacking: false, text };
}

/**
 * `the upper end of bun/serve's interval`: a limit is held against that end and not against the median that tables print; null for what
 * is counted, and where rounds are too few for an interval.
 */
function endWords(report: Undecided, requirement: LimitRequirement, at: number | null): string | null {
  if (requirement.kind === "reach") return null;
  const upper = isCeiling(requirement);
  const whose = namesOf(report).find((name) => {
    const critical = criticalFigure(report, name, requirement);
    const metric = critical?.result.metrics[metricOf(requirement)];
    return critical?.value === at && (upper ? metric?.ciHigh : metric?.ciLow) === at;
  });
  return whose === undefined ? null : `the ${upper ? "upper" : "lower"} end of ${whose}'s interval`;
}

/** `must stay under`, or where a limit is relaxed `may reach`; for a least value `must be over` or `may fall to`. */
function boundWords(requirement: LimitRequirement, tighter: boolean): string {
  if (isCeiling(requirement)) return tighter ? "must stay under" : "may reach";
  return tighter ? "must be over" : "may fall to";
}
