import { calibrate } from "../calibration.ts";
import { holm } from "../holm.ts";
import { meanInterval } from "../mean-interval.ts";
import type { Random } from "../random.ts";
import { studentTwoSidedP } from "../student.ts";
import { decideVerdict, familyAlpha, type LogEstimate, type Verdict } from "../verdict.ts";
import { drawRounds, type NoiseModel } from "./noises.ts";
import { countShare, type Share, shareOf } from "./share.ts";

export interface FamilySetup {
  readonly model: NoiseModel;
  readonly size: number;
  readonly rounds: number;
  readonly repetitions: number;
  /** Metric × cell combinations; each compares `candidates` others with one reference, which has an A/A twin. */
  readonly cells: number;
  readonly candidates: number;
}

interface SimulatedRun {
  /** Whether Holm alone rejects any comparison that is truly equal. */
  readonly falseRejection: boolean;
  /** Whether any comparison that is truly equal got a verdict. */
  readonly falseVerdict: boolean;
  /** The verdict of the first comparison, the one that `effect` may make truly different. */
  readonly first: Verdict["verdict"];
}

/**
 * One run as the analysis makes it: pairs by round against the mean of both copies of the reference, errors calibrated by the
 * copies, Holm over all, verdicts. The estimates come straight from Student's formula, without what `pairedRatio` sets beside
 * it, for speed.
 */
function simulateRun(random: Random, setup: FamilySetup, effect: number): SimulatedRun {
  const draw = (): number[] => drawRounds(random, setup.model, setup.size, setup.rounds).map(Math.log);
  const cells = Array.from({ length: setup.cells }, (_, cell) => {
    const [once, again] = [draw(), draw()];
    const reference = once.map((x, i) => 0.5 * (x + (again[i] ?? Number.NaN)));
    const pairs = Array.from({ length: setup.candidates }, (_, candidate) => {
      const shift = cell === 0 && candidate === 0 ? Math.log(effect) : 0;
      return estimateOf(draw(), reference, shift);
    });
    return { aa: estimateOf(again, once, 0), pairs };
  });
  const { factor } = calibrate(cells.map(({ aa }) => ({ t: aa.mean / aa.error, df: aa.df })));
  const estimates = cells.flatMap(({ pairs }) => pairs.map((e) => ({ ...e, error: factor * e.error })));
  const adjusted = holm(estimates.map(({ mean, error, df }) => studentTwoSidedP(mean / error, df)));
  const verdicts = estimates.map((estimate, i) => {
    const rule = { pHolm: adjusted[i] ?? 1, thresholdPct: 2, equalPct: 5, better: "higher" } as const;
    return decideVerdict(estimate, rule).verdict;
  });
  const equal = (i: number): boolean => i > 0 || effect === 1;
  return {
    falseRejection: adjusted.some((p, i) => equal(i) && (p ?? 1) <= familyAlpha),
    falseVerdict: verdicts.some((verdict, i) => equal(i) && verdict.endsWith("better")),
    first: verdicts[0] ?? "undecided",
  };
}

function estimateOf(a: readonly number[], b: readonly number[], shift: number): LogEstimate {
  const { n, mean, sd } = meanInterval(a.map((x, i) => shift + x - (b[i] ?? Number.NaN)));
  return { mean, error: sd / Math.sqrt(n), df: n - 1 };
}

/** Share of runs, all candidates being equal, in which Holm alone rejects anything, and in which a verdict is given. */
export function familyWiseError(random: Random, setup: FamilySetup): { holm: Share; verdict: Share } {
  const runs = Array.from({ length: setup.repetitions }, () => simulateRun(random, setup, 1));
  const count = (wrong: (run: SimulatedRun) => boolean): Share =>
    shareOf(runs.filter(wrong).length, runs.length);
  return { holm: count((run) => run.falseRejection), verdict: count((run) => run.falseVerdict) };
}

/** Share of runs in which the one comparison that truly differs by the factor `effect` gets the right verdict. */
export function power(random: Random, setup: FamilySetup, effect: number): Share {
  return countShare(setup.repetitions, () => simulateRun(random, setup, effect).first === "a-better");
}
