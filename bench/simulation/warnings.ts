import { checkRounds } from "../../stats/drift.ts";
import { pairedRatio } from "../../stats/paired.ts";
import type { Random } from "../../stats/random.ts";
import type { CoverageSetup } from "./coverage.ts";
import { drawRounds } from "./noises.ts";
import { type Share, shareOf } from "./share.ts";

const warnings = [
  "drift",
  "first-round-slower",
  "bimodal",
  "outliers",
  "normality",
  "independence",
  "disagree",
] as const;
export type SimulatedWarning = (typeof warnings)[number];

/** How often each warning is given of rounds that are independent and alike: the false alarms of the checks. */
export function falseAlarms(random: Random, setup: CoverageSetup): Record<SimulatedWarning, Share> {
  const counts = new Map<SimulatedWarning, number>();
  for (let i = 0; i < setup.repetitions; i += 1) {
    const a = drawRounds(random, setup.model, setup.size, setup.rounds);
    const b = drawRounds(random, setup.model, setup.size, setup.rounds);
    for (const warning of warningsOf(a, b)) counts.set(warning, (counts.get(warning) ?? 0) + 1);
  }
  const share = (warning: SimulatedWarning) =>
    [warning, shareOf(counts.get(warning) ?? 0, setup.repetitions)] as const;
  return Object.fromEntries(warnings.map(share)) as Record<SimulatedWarning, Share>;
}

function warningsOf(a: readonly number[], b: readonly number[]): SimulatedWarning[] {
  const check = checkRounds(a, "lower");
  const ratio = pairedRatio(a, b);
  if (ratio.status === "withheld") throw new Error(ratio.why);
  const given: SimulatedWarning[] = [];
  if (check.drift !== null) given.push("drift");
  if (check.firstRoundSlower !== null) given.push("first-round-slower");
  if (check.bimodal !== null) given.push("bimodal");
  if (check.outliers.length > 0) given.push("outliers");
  if (ratio.assumptions.broken.includes("normality")) given.push("normality");
  if (ratio.assumptions.broken.includes("independence")) given.push("independence");
  if (ratio.disagree) given.push("disagree");
  return given;
}
