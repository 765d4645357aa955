import type { WritingChoice, WritingEffect, WritingSplit } from "../../schemas/broadcast-effects.ts";
import type { CellSpec } from "../../schemas/cell.ts";
import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import type { Plan, PlannedCell } from "../../schemas/plan.ts";
import type { Broadcast } from "../../schemas/ready.ts";
import { type CellResult, type Report, readings } from "../../schemas/report.ts";
import { decomposeWriting, type WrittenCell } from "../../stats/decomposition.ts";
import { median } from "../../stats/moments.ts";
import { declaredPairs } from "../plan/comparison-plan.ts";
import { type CellPair, effectsBetween, sharedMetrics } from "./cell-pairs.ts";
import type { Collected } from "./collect.ts";
import { limitOf } from "./lower-bound.ts";
import { resultFor, roundsOf } from "./ratio.ts";
import { withheldReason } from "./withheld.ts";

/** The discipline that others are compared with: what the documentation of every framework shows. */
const plain: Broadcast = "send";

/** Two cells of a run that differ in the discipline of writing alone. */
interface Written extends CellPair {
  readonly disciplines: { readonly from: Broadcast; readonly to: Broadcast };
}

/** What the discipline of writing does to each figure, and how it stands beside the choice of candidate. */
export function writingOf(
  plan: Plan,
  results: readonly CellResult[],
  factor: number,
  failures: Collected["failures"],
): Report["writing"] {
  const pairs = writtenPairs(plan);
  const effects = effectsOf(plan, results, pairs, factor, failures);
  return {
    effects,
    splits: pairs.flatMap((pair) => splitsOf(plan, results, pair, factor)),
    choices: pairs.flatMap((pair) => choicesOf(plan, results, pair, effects)),
  };
}

function writtenPairs(plan: Plan): Written[] {
  const disciplineOf = ({ spec }: PlannedCell) => ("broadcast" in spec ? spec.broadcast : null);
  // Each discipline is warmed for as long as it needs.
  const bare = ({ spec }: PlannedCell) =>
    JSON.stringify({ ...spec, broadcast: null, warmupMs: 0 } satisfies Bare);
  return plan.cells
    .filter((cell) => disciplineOf(cell) === plain)
    .flatMap((from) =>
      plan.cells.flatMap((to): Written[] => {
        const discipline = disciplineOf(to);
        if (discipline === null || discipline === plain || bare(to) !== bare(from)) return [];
        return [{ from, to, disciplines: { from: plain, to: discipline } }];
      }),
    );
}
type Bare = Omit<CellSpec, "broadcast"> & { readonly broadcast: null };

const programsOf = (plan: Plan) => plan.candidates.filter(({ replicateOf }) => replicateOf === null);

const headOf = ({ from, to, disciplines }: Written, metric: MetricName) => ({
  workload: from.spec.workload,
  codec: from.spec.codec,
  metric,
  ...disciplines,
  cells: { from: from.id, to: to.id },
});

function effectsOf(
  plan: Plan,
  results: readonly CellResult[],
  pairs: readonly Written[],
  factor: number,
  failures: Collected["failures"],
): WritingEffect[] {
  return effectsBetween(plan, results, pairs, factor, failures).flatMap(
    ({ pair, metric, candidate, ratio: found, verdict }): WritingEffect[] => {
      if (found.status === "withheld") return [];
      const { ratio, ciLow, ciHigh, rounds } = found;
      const reads = readings[verdict];
      return [{ candidate, ...headOf(pair, metric), ratio, ciLow, ciHigh, rounds, reads }];
    },
  );
}

/** The writing's, the runtime's and the framework's part in each declared pair, the better program under the further discipline. */
function splitsOf(plan: Plan, results: readonly CellResult[], pair: Written, factor: number): WritingSplit[] {
  return sharedMetrics(pair).flatMap((metric) => {
    const cells = programsOf(plan).flatMap(({ name, runtime, framework }): WrittenCell[] => {
      const sides = [pair.from, pair.to].map((cell) => {
        const result = resultFor(plan, results, name, cell.id);
        const counts =
          result !== undefined && (withheldReason(metric, result) ?? limitOf(metric, result)) === null;
        return counts ? roundsOf(plan, results, name, cell.id, metric) : null;
      });
      const [from, to] = sides;
      return from == null || to == null ? [] : [{ candidate: name, runtime, framework, from, to }];
    });
    return declaredPairs(plan).flatMap((names): WritingSplit[] => {
      const [x, y] = [names.a, names.b].map((name) => cells.find((c) => c.candidate === name));
      if (x === undefined || y === undefined) return [];
      const [a, b] = isBetter(metric, middle(x.to), middle(y.to)) ? [x, y] : [y, x];
      const split = decomposeWriting(a, b, cells, factor);
      if (split === null) return [];
      return [{ ...headOf(pair, metric), a: a.candidate, b: b.candidate, ...split, path: [...split.path] }];
    });
  });
}

const middle = (rounds: readonly (number | null)[]): number => median(rounds.filter((v) => v !== null));

const isBetter = (metric: MetricName, x: number, y: number): boolean =>
  metricKinds[metric].better === "lower" ? x < y : x > y;

/** What the writing does and what the choice can do, where both are known of two candidates or more. */
function choicesOf(
  plan: Plan,
  results: readonly CellResult[],
  pair: Written,
  effects: readonly WritingEffect[],
): WritingChoice[] {
  return sharedMetrics(pair).flatMap((metric): WritingChoice[] => {
    const ofPair = effects.filter(
      (e) => e.metric === metric && e.cells.to === pair.to.id && e.reads !== "withheld",
    );
    if (ofPair.length < 2) return [];
    const lower = metricKinds[metric].better === "lower";
    const gains = ofPair.map(({ ratio }) => (lower ? 1 / ratio : ratio));
    const typical = Math.exp(gains.reduce((sum, gain) => sum + Math.log(gain), 0) / gains.length);
    const figures = ofPair.flatMap(({ candidate }) => {
      const cell = typical >= 1 ? pair.to : pair.from;
      return resultFor(plan, results, candidate, cell.id)?.metrics[metric]?.median ?? [];
    });
    if (Math.min(...figures) <= 0) return [];
    const choice = Math.max(...figures) / Math.min(...figures);
    const isShown = ofPair.filter(({ reads }) => reads === "better").length > ofPair.length / 2;
    const { cells: _, ...head } = headOf(pair, metric);
    return [
      {
        ...head,
        writingLeast: Math.min(...gains),
        writingMost: Math.max(...gains),
        choice,
        candidates: ofPair.length,
        outweighs: isShown && typical > choice,
      },
    ];
  });
}
