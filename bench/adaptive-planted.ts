import { collect, metricPerRound } from "../runner/analysis/collect.ts";
import { familySizeOf } from "../runner/plan/comparison-plan.ts";
import type { RunEvent } from "../schemas/event.ts";
import type { Plan } from "../schemas/plan.ts";
import { logRatios } from "../stats/log-ratios.ts";
import { logToPct } from "../stats/margin.ts";
import { mean, variance } from "../stats/moments.ts";
import { createRandom } from "../stats/random.ts";
import {
  type FlooredSetup,
  flooredFixedRounds,
  flooredPower,
  flooredRounds,
} from "../stats/simulation/floored.ts";
import type { NoiseModel } from "../stats/simulation/noises.ts";

const plantedPct = 10;
const budgetRounds = 200;
const repetitions = 300;
const power = 0.95;

/** What a run's A/A pair was off by, as a noise to draw from: its rounds' log ratios about their mean, a share for each side. */
function recordedNoise(logs: readonly number[]): NoiseModel {
  const centre = mean(logs);
  return {
    name: "recorded",
    factor: (random) => {
      const drawn = logs[Math.floor(random.uniform() * logs.length)] ?? centre;
      const turned = random.uniform() < 0.5 ? drawn - centre : centre - drawn;
      return Math.exp(turned / Math.SQRT2);
    },
    median: () => 1,
  };
}

/**
 * Rounds that a difference of 10 % would take on the noise of a run's own A/A pair, stopping early and with a number of rounds
 * fixed by someone who knows that noise: a row for each headline metric of which the pair has rounds.
 */
export function plantedRows(plan: Plan, events: readonly RunEvent[]): string[][] {
  const { series } = collect(plan, events);
  const twin = plan.candidates.find((c) => c.twinOf !== null);
  const of = (name: string, cell: string) => series.find((s) => s.candidate === name && s.cell === cell);
  return plan.cells.flatMap((cell) => {
    const again = of(twin?.name ?? "", cell.id);
    const once = of(twin?.twinOf ?? "", cell.id);
    if (again === undefined || once === undefined) return [];
    return cell.headline.flatMap((metric) => {
      const pairs = logRatios(metricPerRound(again, metric), metricPerRound(once, metric));
      if (pairs.status === "withheld") return [];
      const noisePct = logToPct(Math.sqrt(variance(pairs.logs)));
      return [[cell.id, metric, noisePct.toFixed(1), ...plantedCells(plan, recordedNoise(pairs.logs))]];
    });
  });
}

function plantedCells(plan: Plan, model: NoiseModel): string[] {
  const setup: FlooredSetup = {
    model,
    size: 0,
    thresholdPct: plan.threshold * 100,
    familySize: familySizeOf(plan),
    budgetRounds,
    repetitions,
  };
  const reachable = flooredPower(createRandom(1), setup, plantedPct, budgetRounds).share >= power;
  const fixed = reachable ? `${flooredFixedRounds(createRandom(1), setup, plantedPct, power)}` : "over 200";
  const { found, meanRounds, roundsP95 } = flooredRounds(createRandom(2), setup, plantedPct);
  return [fixed, meanRounds.toFixed(1), `${roundsP95}`, (100 * found.share).toFixed(0)];
}

export const plantedHead = [
  "cell",
  "metric",
  "noise of the A/A ratio, %",
  "fixed, 95 % power",
  "adaptive, mean",
  "p95",
  "found within 200, %",
] as const;
