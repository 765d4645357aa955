import type { Policy, PolicyWeights } from "../../schemas/policy.ts";
import type { Undecided } from "../../schemas/report.ts";
import { itemsOf, namesOf } from "./evidence.ts";
import {
  coveredShare,
  knownShareMin,
  type PairwiseEvidence,
  pairwiseEvidence,
  type Ranking,
  rank,
  sharesOf,
  worthOf,
} from "./pairwise.ts";
import { beaten, eligible, type LimitRequirement, unjudged, unshownLimit } from "./requirements.ts";
import { type Unmatched, unmatchedOf, without } from "./unmatched.ts";

/** A decision as numbers, before it is put into words. */
export interface Solution {
  readonly pairwise: PairwiseEvidence;
  readonly shares: PolicyWeights;
  /** Share of the policy's weight on axes that the run has evidence on. */
  readonly covered: number;
  readonly worth: number;
  /** Requirements that nobody can be held to in this run; with any there is no recommendation. */
  readonly unmatched: readonly Unmatched[];
  readonly ranking: Ranking;
  /** Who was left without enough evidence to be judged, through no fault of theirs. */
  readonly unjudged: readonly string[];
  /** A limit that the only one left keeps in too few rounds to show it. */
  readonly unshown: LimitRequirement | undefined;
}

/** Who meets the requirements, how they stand to each other, and who wins at the policy's weights. */
export function solve(report: Undecided, policy: Policy): Solution {
  const names = namesOf(report);
  const unmatched = unmatchedOf(report, policy);
  const candidates = eligible(report, without(policy, unmatched));
  const pairwise = pairwiseEvidence(itemsOf(report, policy, candidates), candidates);
  const shares = sharesOf(pairwise, policy.weights);
  const worth = worthOf(policy);
  const ranking = rank(pairwise, shares, worth);
  const covered = coveredShare(pairwise, policy.weights);
  const withoutEvidence = unjudged(report, policy);
  const [only, ...others] = candidates;
  const unshown = only === undefined || others.length > 0 ? undefined : unshownLimit(report, policy, only);
  // One that alone meets the requirements needs no weights, but where it is alone because the run did not get to judge the
  // others, or since they did not start, it has won against nobody, and a limit kept in too few rounds to show it tells nobody
  // from the others either. And what is shown on less than half of what the policy weighs is no answer.
  const hasWon = withoutEvidence.length === 0 && unshown === undefined && beaten(report, policy).length > 0;
  const judged = others.length > 0 ? covered >= knownShareMin : hasWon;
  // A candidate measured alone was compared with nothing, so there is nothing to recommend it over.
  const answers = unmatched.length === 0 && names.length > 1 && judged;
  return {
    pairwise,
    shares,
    covered,
    worth,
    unmatched,
    ranking: answers ? ranking : { ...ranking, recommended: null },
    unjudged: withoutEvidence,
    unshown,
  };
}
