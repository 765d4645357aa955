import { allocate, relativeVariance } from "../../stats/allocate.ts";
import { calibrate } from "../../stats/calibration.ts";
import { holm } from "../../stats/holm.ts";
import { logMargin } from "../../stats/margin.ts";
import { meanInterval } from "../../stats/mean-interval.ts";
import { moderate } from "../../stats/moderation.ts";
import type { Random } from "../../stats/random.ts";
import { studentTwoSidedP } from "../../stats/student.ts";
import { decideVerdict, intervalOf, type LogEstimate, type Verdict } from "../../stats/verdict.ts";
import { drawRounds, type NoiseModel } from "./noises.ts";
import { type Share, shareOf } from "./share.ts";

/** A run as the tool makes it: a reference measured twice, others against it, one figure a cell, all of one family. */
export interface RunSetup {
  readonly model: NoiseModel;
  /** Noise of a visit's figure in each cell, 0.1 for 10 %. */
  readonly sizes: readonly number[];
  /** Candidates beside the reference; the first differs from it by `effect` in every cell, the others are equal to it. */
  readonly candidates: number;
  readonly effect: number;
  readonly rounds: number;
  readonly thresholdPct: number;
  readonly equalPct: number;
  /** Times the noise of a visit that a side's is: the reference and its replicate, then the others; 1 of all unless given. */
  readonly scales?: readonly number[];
  /** Whether the variances of a cell's comparisons lend each other strength. */
  readonly moderated: boolean;
  /** Whether errors are widened by what the A/A contrasts are off by. */
  readonly calibrated: boolean;
  /** Whether the time of the rounds after the fourth goes where it is needed. */
  readonly allocated: boolean;
  readonly repetitions: number;
}

export interface RunShares {
  /** Runs in which two that are equal got a verdict. */
  readonly anyFalse: Share;
  /** Comparisons whose 95 % interval holds the truth. */
  readonly covered: Share;
  /** Comparisons of the one that differs: found, called equal, undecided. */
  readonly found: Share;
  readonly falseEqual: Share;
  /** Comparisons of those that are equal: called so. */
  readonly equal: Share;
  /** Comparisons with any answer. */
  readonly decided: Share;
  readonly meanFactor: number;
}

const pilotRounds = 4;
const leastShare = 0.75;

export function simulateRuns(random: Random, setup: RunSetup): RunShares {
  const counts = { anyFalse: 0, covered: 0, found: 0, falseEqual: 0, equal: 0, decided: 0 };
  let [factors, different, same] = [0, 0, 0];
  for (let i = 0; i < setup.repetitions; i += 1) {
    const { comparisons, factor } = simulateRun(random, setup);
    factors += factor;
    let anyFalse = false;
    for (const { truth, estimate, verdict } of comparisons) {
      const { low, high } = intervalOf(estimate, 0.95);
      if (low <= truth && truth <= high) counts.covered += 1;
      if (verdict !== "undecided") counts.decided += 1;
      if (truth === 0) {
        same += 1;
        if (verdict === "equal") counts.equal += 1;
        anyFalse ||= verdict.endsWith("better");
      } else {
        different += 1;
        if (verdict === (truth > 0 ? "a-better" : "b-better")) counts.found += 1;
        if (verdict === "equal") counts.falseEqual += 1;
      }
    }
    if (anyFalse) counts.anyFalse += 1;
  }
  const all = different + same;
  return {
    anyFalse: shareOf(counts.anyFalse, setup.repetitions),
    covered: shareOf(counts.covered, all),
    found: shareOf(counts.found, different),
    falseEqual: shareOf(counts.falseEqual, different),
    equal: shareOf(counts.equal, same),
    decided: shareOf(counts.decided, all),
    meanFactor: factors / setup.repetitions,
  };
}

interface Simulated {
  readonly truth: number;
  readonly estimate: LogEstimate;
  readonly verdict: Verdict["verdict"];
}

function simulateRun(random: Random, setup: RunSetup): { comparisons: Simulated[]; factor: number } {
  const { sizes, rounds, thresholdPct, equalPct } = setup;
  const logs = drawRun(random, setup, 3 * rounds);
  const had = setup.allocated ? allocated(logs, setup) : sizes.map(() => rounds);
  const cells = sizes.map((_, cell) => {
    const of = (name: number) => logs[name]?.[cell]?.slice(0, had[cell]) ?? [];
    const [once, again] = [of(0), of(1)];
    const reference = once.map((x, i) => 0.5 * (x + (again[i] ?? Number.NaN)));
    const others = Array.from({ length: setup.candidates }, (_, candidate) => ({
      truth: candidate === 0 ? Math.log(setup.effect) : 0,
      group: `${cell}`,
      logs: logRatios(of(candidate + 2), reference),
    }));
    return { aa: estimateOf(logRatios(again, once)), others };
  });
  const { factor } = setup.calibrated
    ? calibrate(cells.map(({ aa }) => ({ t: aa.mean / aa.error, df: aa.df })))
    : { factor: 1 };
  const family = cells.flatMap(({ others }) => others);
  const estimates = setup.moderated
    ? moderate(family).estimates
    : family.map(({ logs: own }) => estimateOf(own));
  const widened = estimates.map((estimate, i) => ({
    truth: family[i]?.truth ?? 0,
    estimate: { ...estimate, error: factor * estimate.error },
  }));
  const pHolm = holm(widened.map(({ estimate: e }) => studentTwoSidedP(e.mean / e.error, e.df)));
  const comparisons = widened.map(({ truth, estimate }, i) => {
    const rule = { pHolm: pHolm[i] ?? 1, thresholdPct, equalPct, better: "higher" } as const;
    return { truth, estimate, verdict: decideVerdict(estimate, rule).verdict };
  });
  return { comparisons, factor };
}

/**
 * Log figures by candidate (the reference, its replicate, the others), cell and round. Half the variance of a figure is its
 * visit's and so shared by all cells of the visit, which makes the comparisons of a run depend on each other as real ones do.
 */
function drawRun(
  random: Random,
  { model, sizes, candidates, effect, scales }: RunSetup,
  rounds: number,
): number[][][] {
  return Array.from({ length: candidates + 2 }, (_, name) => {
    const shift = name === 2 ? Math.log(effect) : 0;
    const scale = scales?.[Math.max(0, name - 1)] ?? 1;
    const visits = drawRounds(random, model, Math.SQRT1_2, rounds).map(Math.log);
    return sizes.map((size) => {
      const ownLogs = drawRounds(random, model, Math.SQRT1_2, rounds).map(Math.log);
      return ownLogs.map((x, round) => shift + scale * size * (x + (visits[round] ?? Number.NaN)));
    });
  });
}

/** Rounds of each cell where those after the pilot go where they are needed, planned anew at every round. */
function allocated(logs: readonly (readonly number[][])[], setup: RunSetup): number[] {
  const margin = logMargin(setup.equalPct);
  const had = setup.sizes.map(() => pilotRounds);
  let budget = setup.sizes.length * (setup.rounds - pilotRounds);
  while (budget > 0) {
    const needs = had.map((rounds, cell) => ({
      cell: `${cell}`,
      rounds,
      variance:
        relativeVariance(
          logs.map((of) => of[cell]?.slice(0, rounds) ?? []),
          margin,
        ) ?? 0,
      cost: 1,
      least: Math.ceil(leastShare * setup.rounds),
      most: 3 * setup.rounds,
    }));
    const further = allocate(needs, { budget, overhead: 0 });
    const due = had.flatMap((_, cell) => ((further.get(`${cell}`) ?? 0) > 0 ? [cell] : []));
    if (due.length === 0) break;
    for (const cell of due) had[cell] = (had[cell] ?? 0) + 1;
    budget -= due.length;
  }
  return had;
}

const logRatios = (a: readonly number[], b: readonly number[]): number[] =>
  a.map((x, i) => x - (b[i] ?? Number.NaN));

function estimateOf(logs: readonly number[]): LogEstimate {
  const { n, mean, sd } = meanInterval(logs);
  return { mean, error: sd / Math.sqrt(n), df: n - 1 };
}
