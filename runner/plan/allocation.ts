import { isOpenLoop } from "../../schemas/cell.ts";
import type { RunEvent } from "../../schemas/event.ts";
import { metricKinds } from "../../schemas/metric.ts";
import type { Plan, PlannedCell } from "../../schemas/plan.ts";
import { allocate, type CellNeed, relativeVariance } from "../../stats/allocate.ts";
import { logMargin } from "../../stats/margin.ts";
import { sum } from "../../stats/moments.ts";
import { collect, metricPerRound, type Series } from "../analysis/collect.ts";
import { expectedMs, windowCostMs } from "../record/progress.ts";
import { serves } from "./schedule.ts";

/** Rounds of everything, from which is learned what each cell needs. */
export const pilotRounds = 4;

/**
 * Share of the planned rounds that a saturation cell gets, whatever it needs: on fewer degrees of freedom Holm's t is so wide that
 * what is saved in a quiet cell is lost in its verdicts (simulated, docs/SIMULATIONS.md). A fixed-rate cell gets all of them, and
 * what the others leave: latency is what a run is asked about first, and its noise is the largest.
 */
const leastShare = 0.75;
/** Times the planned rounds that a fixed-rate cell may get. */
const mostTimes = 2;

/** Rounds that a run can have: as planned, or as many as its time allows where later ones hold fewer cells. */
export function roundsMax({ rounds, allocated }: Pick<Plan, "rounds" | "allocated">): number {
  return allocated ? mostTimes * rounds : rounds;
}

/**
 * The cells that a round is to measure, by what the rounds before it have shown; null for all that are due. An empty set ends the
 * run: its time, that of the planned rounds of everything, is spent; repeated windows count to it. Only the spread of figures is
 * looked at and never a difference between two candidates, so that verdicts are as rarely false as with fixed rounds. The events
 * before a round alone decide it, so that a resumed run keeps what it was to do.
 */
export function cellsOfRound(
  plan: Plan,
  events: readonly RunEvent[],
  round: number,
): ReadonlySet<string> | null {
  const headline = plan.cells.filter((cell) => cell.headline.length > 0);
  if (!plan.allocated || round < pilotRounds || headline.length === 0) return null;
  const before = events.filter((e) => "round" in e && e.round < round);
  const measured = new Set(
    before.flatMap((e) => (e.type === "trial-finished" ? [`${e.cell}\n${e.round}`] : [])),
  );
  const had = ({ id }: PlannedCell, r: number) => measured.has(`${id}\n${r}`);
  const past = [...Array(round).keys()];
  const overhead = plan.candidates.reduce(
    (sum, candidate) => sum + expectedMs(plan, [{ ...empty, candidate }]),
    0,
  );
  const planned = headline.map((cell) => cellCost(plan, cell));
  const roundsHad = (cell: PlannedCell) => past.filter((r) => had(cell, r)).length;
  const costs = new Map(
    headline.map((cell, i) => [
      cell.id,
      (planned[i] ?? 0) + repeatsMs(cell, before) / Math.max(1, roundsHad(cell)),
    ]),
  );
  const price = (cells: readonly PlannedCell[]) =>
    cells.reduce((sum, { id }) => sum + (costs.get(id) ?? 0), 0);
  const left =
    plan.rounds * (overhead + sum(planned, (ms) => ms)) -
    past.reduce((spent, r) => spent + overhead + price(headline.filter((cell) => had(cell, r))), 0);
  const { series } = collect(plan, before);
  const needs = headline.map(
    (cell): CellNeed => ({
      cell: cell.id,
      rounds: roundsHad(cell),
      variance: varianceOf(plan, cell, series),
      cost: costs.get(cell.id) ?? 0,
      least: isOpenLoop(cell.spec.workload) ? plan.rounds : Math.ceil(leastShare * plan.rounds),
      most: isOpenLoop(cell.spec.workload) ? mostTimes * plan.rounds : plan.rounds,
    }),
  );
  const missing = needs.map(({ rounds, least, cost }) => ({ rounds: Math.max(0, least - rounds), cost }));
  // A machine on which much is had again takes longer, rather than have a cell end with fewer rounds than its verdicts need.
  const leastMs =
    Math.max(...missing.map(({ rounds }) => rounds)) * overhead +
    sum(missing, ({ rounds, cost }) => rounds * cost);
  const further = allocate(needs, { budget: Math.max(left, leastMs), overhead });
  const due = headline.filter(({ id }) => (further.get(id) ?? 0) > 0);
  if (due.length === 0) return new Set();
  // Exploratory cells keep the rounds that the plan gave them.
  const others = plan.cells.filter((cell) => cell.headline.length === 0 && round < plan.rounds);
  return new Set([...due, ...others].map(({ id }) => id));
}

/** What the windows of a cell took that were had again, over all candidates and rounds, in ms. */
function repeatsMs({ id }: PlannedCell, events: readonly RunEvent[]): number {
  const repeats = events.flatMap((e) =>
    e.type === "window-finished" && e.cell === id && e.attempt > 1 ? [e] : [],
  );
  return sum(repeats, (e) => windowCostMs(e.measurement.windowMs));
}

const empty = { kind: "candidate", round: 0, cells: [] } as const;

/** What a round of one cell takes beside the servers, over all candidates, in the expected ms of a progress. */
function cellCost(plan: Plan, cell: PlannedCell): number {
  return plan.candidates
    .filter((candidate) => serves(candidate, cell))
    .reduce(
      (sum, candidate) =>
        sum +
        expectedMs(plan, [{ ...empty, candidate, cells: [cell] }]) -
        expectedMs(plan, [{ ...empty, candidate }]),
      0,
    );
}

/** The relative variance of the headline figure that needs most; 0 where none can be known, so that the cell gets its least. */
function varianceOf(plan: Plan, cell: PlannedCell, series: readonly Series[]): number {
  const ofCell = series.filter((s) => s.cell === cell.id);
  const variances = cell.headline.map((metric) => {
    const logs = ofCell.map((s) =>
      metricPerRound(s, metric).map((value) => (value === null || value <= 0 ? null : Math.log(value))),
    );
    return relativeVariance(logs, logMargin(plan.margins[metricKinds[metric].family].equalPct)) ?? 0;
  });
  return Math.max(0, ...variances);
}
