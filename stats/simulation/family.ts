import { holm } from "../holm.ts";
import { meanInterval } from "../mean-interval.ts";
import { type MeasuredPair, noiseFloor } from "../noise.ts";
import type { Random } from "../random.ts";
import { decideVerdict, familyAlpha, type Verdict } from "../verdict.ts";
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
 * One run as the analysis makes it: pairs by round, floors from the twin, Holm over all, verdicts. The interval comes
 * straight from Student's formula, without what `pairedRatio` sets beside it, for speed.
 */
function simulateRun(random: Random, setup: FamilySetup, effect: number): SimulatedRun {
  const draw = (): number[] => drawRounds(random, setup.model, setup.size, setup.rounds).map(Math.log);
  const pairs = Array.from({ length: setup.cells }, (_, cell) => {
    const reference = draw();
    const { floorPct } = noiseFloor(ratioOf(draw(), reference, 0));
    return Array.from({ length: setup.candidates }, (_, candidate) => {
      const shift = cell === 0 && candidate === 0 ? Math.log(effect) : 0;
      return { ratio: ratioOf(draw(), reference, shift), floorPct };
    });
  }).flat();
  const adjusted = holm(pairs.map(({ ratio }) => ratio.p));
  const verdicts = pairs.map(({ ratio: { ratio, ciLow, ciHigh }, floorPct }, i) => {
    const pHolm = adjusted[i] ?? null;
    return decideVerdict({ ratio, ciLow, ciHigh, pHolm, floorPct, better: "higher" }).verdict;
  });
  const equal = (i: number): boolean => i > 0 || effect === 1;
  return {
    falseRejection: adjusted.some((p, i) => equal(i) && (p ?? 1) <= familyAlpha),
    falseVerdict: verdicts.some((verdict, i) => equal(i) && verdict.endsWith("better")),
    first: verdicts[0] ?? "withheld",
  };
}

interface SimulatedRatio extends MeasuredPair {
  readonly ratio: number;
  readonly p: number;
}

function ratioOf(a: readonly number[], b: readonly number[], shift: number): SimulatedRatio {
  const { n, mean, low, high, p } = meanInterval(a.map((x, i) => shift + x - (b[i] ?? Number.NaN)));
  return {
    status: "measured",
    ratio: Math.exp(mean),
    ciLow: Math.exp(low),
    ciHigh: Math.exp(high),
    p,
    rounds: n,
  };
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
