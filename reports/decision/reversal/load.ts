import { fanOutOf } from "../../../schemas/cell.ts";
import type { Policy } from "../../../schemas/policy.ts";
import type { CellResult, Reversal, Undecided } from "../../../schemas/report.ts";
import { formatInteger, listed } from "../../format.ts";
import { codecNames } from "../../workloads/workload.ts";
import { itemsOf, measuredResults } from "../evidence.ts";
import {
  advantage,
  coveredShare,
  knownShareMin,
  type PairwiseEvidence,
  pairwiseEvidence,
  sharesOf,
  winnerOf,
  worthOf,
} from "../pairwise.ts";
import type { Solution } from "../solve.ts";
import { becomesText } from "./answer.ts";

/** The answer at one fan-out, by the rule that the decision itself goes by. */
interface Place {
  readonly subscribers: number;
  readonly rates: string;
  readonly pairwise: PairwiseEvidence;
  readonly best: string;
}

/**
 * Where the answer changes with the number of subscribers: it is taken again at each fan-out that was measured, and between
 * two that disagree the switch is placed by interpolation of the advantage over ln(subscribers). Most fan-outs are
 * exploratory, which is said; whom their few rounds show nothing of is not named by them.
 */
export function fanoutReversals(report: Undecided, policy: Policy, solution: Solution): Reversal[] {
  const { candidates } = solution.pairwise;
  const current = solution.ranking.recommended;
  if (current === null || candidates.length < 2) return [];
  const places = placesOf(report, policy, candidates);
  return places.flatMap((place, i) => {
    const before = places[i - 1];
    if (before === undefined || before.best === place.best) return [];
    const at = interpolate(before, place, policy);
    const upwards = before.best === current || place.best !== current;
    const becomes = upwards ? place.best : before.best;
    const side = upwards ? "above" : "below";
    const text = `${upwards ? "Above" : "Below"} about ${formatInteger(at)} subscribers (between ${placeText(before)} and ${placeText(place)}; exploratory), ${becomesText({ at, becomes })}.`;
    return [{ kind: "fan-out", what: "subscribers", from: null, at, side, becomes, lacking: false, text }];
  });
}

const placeText = ({ subscribers, rates }: Place): string => `${formatInteger(subscribers)}${rates}`;

function placesOf(report: Undecided, policy: Policy, candidates: readonly string[]): Place[] {
  const counts = new Set(measuredResults(report).flatMap((r) => fanOutOf(r.params)?.subscribers ?? []));
  return [...counts]
    .sort((x, y) => x - y)
    .flatMap((subscribers) => {
      const here = (r: CellResult) => fanOutOf(r.params)?.subscribers === subscribers;
      const items = itemsOf(report, policy, candidates, here).filter((item) =>
        measuredResults(report).some((r) => r.cell === item.cell && here(r)),
      );
      const pairwise = pairwiseEvidence(items, candidates);
      const best = winnerHere(pairwise, policy);
      return best === null ? [] : [{ subscribers, rates: ratesOf(report, here), pairwise, best }];
    });
}

/** Fan-outs are measured at their own rates, which a reader has to know: ` at 200/s`. */
function ratesOf(report: Undecided, here: (r: CellResult) => boolean): string {
  const rates = report.results.filter(here).flatMap((r) => fanOutOf(r.params)?.rateHz ?? []);
  const unique = [...new Set(rates)].sort((x, y) => x - y);
  return ` at ${listed(unique.map((r) => `${formatInteger(r)}/s`))}`;
}

/** Who wins by these figures alone, where they are as many as a decision needs. */
function winnerHere(pairwise: PairwiseEvidence, policy: Policy): string | null {
  if (pairwise.axes.length === 0 || coveredShare(pairwise, policy.weights) < knownShareMin) return null;
  return winnerOf(pairwise, sharesOf(pairwise, policy.weights), worthOf(policy));
}

function interpolate(before: Place, after: Place, policy: Policy): number {
  const lead = ({ pairwise }: Place) =>
    advantage(pairwise, sharesOf(pairwise, policy.weights), before.best, after.best, "measured").mean;
  const [here, there] = [lead(before), lead(after)];
  const part = here - there === 0 ? 0.5 : here / (here - there);
  return before.subscribers * (after.subscribers / before.subscribers) ** Math.min(Math.max(part, 0), 1);
}

/** What the answer would be if one codec alone counted, where that is another candidate. */
export function codecReversals(report: Undecided, policy: Policy, solution: Solution): Reversal[] {
  const { candidates } = solution.pairwise;
  const current = solution.ranking.recommended;
  const codecs = [...new Set(measuredResults(report).map((r) => r.codec))].sort();
  if (current === null || candidates.length < 2 || codecs.length < 2) return [];
  return codecs.flatMap((codec) => {
    const cells = new Set(
      measuredResults(report)
        .filter((r) => r.codec === codec)
        .map((r) => r.cell),
    );
    const items = itemsOf(report, policy, candidates, (r) => cells.has(r.cell)).filter((item) =>
      cells.has(item.cell),
    );
    const best = winnerHere(pairwiseEvidence(items, candidates), policy);
    if (best === null || best === current) return [];
    const text = `If only ${codecNames[codec]} cells counted (exploratory), ${becomesText({ at: null, becomes: best })}.`;
    const change = { from: null, at: null, side: "alone", becomes: best, lacking: false } as const;
    return [{ kind: "codec", what: codec, ...change, text }];
  });
}
