import type { RunEvent } from "../../schemas/event.ts";
import type { MetricName } from "../../schemas/metric.ts";
import type { Plan, PlannedCell } from "../../schemas/plan.ts";
import { noiseFloor } from "../../stats/noise.ts";
import { pairedRatio } from "../../stats/paired.ts";
import { type Decision, decideStop, type StoppingRule, sequentialRatio } from "../../stats/sequential.ts";
import { type Collected, collect, metricPerRound, type Series } from "../analysis/collect.ts";
import { limitOf } from "../analysis/lower-bound.ts";
import { creditOf } from "../analysis/results.ts";
import { failedReason, objectionTo } from "../analysis/withheld.ts";
import { declaredPairs, familySizeOf, type PlannedPair } from "./comparison-plan.ts";
import { ceilingRounds, serves, trialKey } from "./schedule.ts";

/** Where one declared comparison of an adaptive run stands. */
export interface Standing extends PlannedPair {
  readonly cell: string;
  readonly metric: MetricName;
  readonly decision: Decision | Forfeit;
}

/** A comparison that will have its verdict withheld, however many rounds it gets. */
interface Forfeit {
  readonly state: "withheld";
  readonly why: string;
}

/**
 * The trials that an adaptive run still needs: those of both sides, while any declared comparison of the cell is open,
 * and those of the A/A twins, while any pair's is. The statistics allow looking after every round (anytime-valid
 * intervals and p), so that stopping early does not make false verdicts more frequent.
 */
export function openTrials(plan: Plan, events: readonly RunEvent[]): ReadonlySet<string> {
  return trialsOf(plan, standingsOf(plan, events));
}

/** The trials that the comparisons still need which stand open. */
export function trialsOf(plan: Plan, standings: readonly Standing[]): ReadonlySet<string> {
  // The twin and what it repeats set the floor under every verdict.
  const twins = plan.candidates.flatMap((c) => (c.twinOf === null ? [] : [c.name, c.twinOf]));
  const open = standings.filter(({ decision }) => decision.state === "go-on");
  return new Set(open.flatMap(({ cell, a, b }) => [a, b, ...twins].map((name) => trialKey(name, cell))));
}

/** Every declared comparison that both sides serve, after the rounds that `events` has. */
export function standingsOf(plan: Plan, events: readonly RunEvent[]): Standing[] {
  const collected = collect(plan, events);
  const { series } = collected;
  const roundsRun = Math.max(0, ...events.map((e) => ("round" in e ? e.round + 1 : 0)));
  const pairs = declaredPairs(plan);
  const familySize = familySizeOf(plan);
  // What is given up is given up after two looks at the ceiling, and with rounds enough to show the figures.
  const lookedTwice = roundsRun > (ceilingRounds(plan)[1] ?? Infinity);
  const twin = plan.candidates.find((c) => c.twinOf !== null);
  return plan.cells.flatMap((cell) => {
    const of = (name: string | null | undefined) =>
      series.find((s) => s.candidate === name && s.cell === cell.id);
    const served = pairs.filter(({ a, b }) => isServed(plan, cell, a) && isServed(plan, cell, b));
    return cell.headline.flatMap((metric) => {
      const floorPct = twin === undefined ? 0 : floorOf(of(twin.name), of(twin.twinOf), metric);
      const thresholdPct = plan.threshold * 100;
      const marginPct = Math.max(floorPct, thresholdPct);
      const rule = { marginPct, thresholdPct, familySize, budgetRounds: plan.rounds };
      return served.map((pair) => {
        const [a, b] = [of(pair.a), of(pair.b)];
        const why = lookedTwice ? forfeitOf(collected, metric, a, b) : null;
        const decision =
          why === null ? decide(a, b, metric, roundsRun, rule) : { state: "withheld" as const, why };
        return { ...pair, cell: cell.id, metric, decision };
      });
    });
  });
}

/**
 * Why the analysis will withhold a verdict on two series; null where it may give one. Losses and failures stay with a
 * candidate to the end; of the ceiling this is what the looks so far say, and it is asked anew after every round. No difference
 * between the two is looked at, and what ends here gets no verdict: so it makes no false one likelier.
 */
function forfeitOf(
  collected: Collected,
  metric: MetricName,
  a: Series | undefined,
  b: Series | undefined,
): string | null {
  if (a === undefined || b === undefined) return null;
  const [one, other] = [creditOf(collected, a), creditOf(collected, b)];
  for (const side of [one, other]) {
    const why = objectionTo(metric, side) ?? failedReason(collected.failures, side);
    if (why !== null) return why;
  }
  // Of one rate that is a lower bound a verdict may still come.
  const limits = [limitOf(metric, one), limitOf(metric, other)];
  return limits.includes(null) ? null : limits.join("; ");
}

function isServed(plan: Plan, cell: PlannedCell, name: string): boolean {
  const candidate = plan.candidates.find((c) => c.name === name);
  return candidate !== undefined && serves(candidate, cell);
}

function decide(
  a: Series | undefined,
  b: Series | undefined,
  metric: MetricName,
  roundsRun: number,
  rule: StoppingRule,
): Decision {
  if (a !== undefined && b !== undefined) {
    return decideStop(sequentialRatio(metricPerRound(a, metric), metricPerRound(b, metric)), roundsRun, rule);
  }
  // Before the first measurement everything is open; what never measures anything is given up by its failures.
  const why = "one side has no measurement yet";
  return { state: roundsRun < rule.budgetRounds ? "go-on" : "budget", why };
}

/**
 * Noise floor of one metric of one cell in percent. Infinity as long as its A/A pair has no interval: what stopped by then
 * would have its verdict withheld. As in the analysis, Student's interval and not one that holds at every look.
 */
function floorOf(again: Series | undefined, once: Series | undefined, metric: MetricName): number {
  if (again === undefined || once === undefined) return Infinity;
  const aa = pairedRatio(metricPerRound(again, metric), metricPerRound(once, metric));
  return noiseFloor(aa).floorPct ?? Infinity;
}
