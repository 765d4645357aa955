import { logMargin } from "../margin.ts";
import { meanInterval } from "../mean-interval.ts";
import { noiseFloor } from "../noise.ts";
import type { Random } from "../random.ts";
import { decideStop, sequentialLooks } from "../sequential.ts";
import { familyAlpha } from "../verdict.ts";
import { drawRounds } from "./noises.ts";
import { countShare, type Share } from "./share.ts";
import { firstLook, type Stop, type StoppingRounds, type StoppingSetup, summaryOf } from "./stopping.ts";

/** A comparison beside the A/A pair whose interval is its floor, as a run has them: three sides, one of them in both. */
export type FlooredSetup = Omit<StoppingSetup, "marginPct">;

interface Pairs {
  /** Log ratios of the comparison, and of the reference's twin to the reference. */
  readonly compared: readonly number[];
  readonly twins: readonly number[];
}

function drawPairs(random: Random, setup: FlooredSetup, effect: number): Pairs {
  const draw = () => drawRounds(random, setup.model, setup.size, setup.budgetRounds).map(Math.log);
  const [reference, candidate, twin] = [draw(), draw(), draw()];
  const against = (side: readonly number[]) => side.map((x, i) => x - (reference[i] ?? Number.NaN));
  return { compared: against(candidate).map((x) => effect + x), twins: against(twin) };
}

/** max(floor, threshold) after some rounds, in percent. */
function marginPctAfter(twins: readonly number[], rounds: number, thresholdPct: number): number {
  const { low, high } = meanInterval(twins.slice(0, rounds));
  const aa = { status: "measured", ciLow: Math.exp(low), ciHigh: Math.exp(high), rounds } as const;
  return Math.max(noiseFloor(aa).floorPct ?? Infinity, thresholdPct);
}

/** Looks after every round until the rule says stop, under the floor of that round. */
function runUntilStop({ compared, twins }: Pairs, setup: FlooredSetup): Stop {
  for (const look of sequentialLooks(compared).slice(firstLook - 1)) {
    const marginPct = marginPctAfter(twins, look.rounds, setup.thresholdPct);
    const { state } = decideStop(look, look.rounds, { ...setup, marginPct });
    if (state !== "go-on") return { state, rounds: look.rounds };
  }
  return { state: "budget", rounds: compared.length };
}

/** Rounds until a true difference of `effectPct` is decided, or a tie, or the budget is used up. */
export function flooredRounds(random: Random, setup: FlooredSetup, effectPct: number): StoppingRounds {
  const effect = logMargin(effectPct);
  const stops = Array.from({ length: setup.repetitions }, () =>
    runUntilStop(drawPairs(random, setup, effect), setup),
  );
  return summaryOf(stops);
}

/** Share of fixed designs of so many rounds that find a difference of `effectPct` at the same error, under the same floor. */
export function flooredPower(random: Random, setup: FlooredSetup, effectPct: number, rounds: number): Share {
  return countShare(setup.repetitions, () => {
    const { compared, twins } = drawPairs(random, { ...setup, budgetRounds: rounds }, logMargin(effectPct));
    const { low, p } = meanInterval(compared);
    const margin = logMargin(marginPctAfter(twins, rounds, setup.thresholdPct));
    return low > margin && p <= familyAlpha / setup.familySize;
  });
}

/** The smallest number of rounds whose `flooredPower` is as large as `power`: a fixed design that guessed the noise right. */
export function flooredFixedRounds(
  random: Random,
  setup: FlooredSetup,
  effectPct: number,
  power: number,
): number {
  let [tooFew, enough] = [firstLook - 1, setup.budgetRounds];
  while (enough - tooFew > 1) {
    const rounds = (tooFew + enough) >> 1;
    if (flooredPower(random, setup, effectPct, rounds).share >= power) enough = rounds;
    else tooFew = rounds;
  }
  return enough;
}
