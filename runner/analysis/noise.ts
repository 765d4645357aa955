import { formatRatio, formatRatioInterval } from "../../reports/format.ts";
import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import type { Plan, PlannedCell } from "../../schemas/plan.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import { type RunWarning, warning } from "../../schemas/warning.ts";
import { calibrate } from "../../stats/calibration.ts";
import { holm } from "../../stats/holm.ts";
import { type PairedRatio, pairedRatio } from "../../stats/paired.ts";
import { familyAlpha } from "../../stats/verdict.ts";

export type Noise = Pick<Report["noise"], "calibration" | "aa">;

/** Metrics compared in every cell that has them, beside the declared ones; shown without a verdict. */
const exploratoryMetrics: readonly MetricName[] = [
  "throughputHz",
  "latencyNsP50",
  "latencyNsP99",
  "lastLatencyNsP99",
  "cpuNsPerMessage",
  "rssBytesPeak",
];

/** What a cell's candidates are compared by, declared metrics first. */
export function comparedMetrics({ headline }: PlannedCell): MetricName[] {
  return [...new Set([...headline, ...exploratoryMetrics])];
}

/**
 * The reference against its A/A replicate on each compared metric, and what the headline ones among them say of the run's errors.
 * The contrasts of one cell share its visits, so that they carry a little less information than their number suggests.
 */
export function noiseOf(plan: Plan, results: readonly CellResult[]): Noise {
  const pairs = aaPairs(plan, results);
  const contrasts = pairs.flatMap(({ cell, metric, ratio }) =>
    ratio.status === "measured" && ratio.log.error > 0 && cell.headline.includes(metric)
      ? [{ t: ratio.log.mean / ratio.log.error, df: ratio.log.df }]
      : [],
  );
  return {
    calibration: calibrate(contrasts),
    aa: pairs.map(({ cell, metric, ratio }) => {
      const measured = ratio.status === "measured" ? ratio : null;
      return {
        cell: cell.id,
        metric,
        ratio: measured?.ratio ?? null,
        ciLow: measured?.ciLow ?? null,
        ciHigh: measured?.ciHigh ?? null,
        p: measured?.p ?? null,
      };
    }),
  };
}

/** A run makes one such check, of contrasts that are not wholly independent. */
const chanceLevel = 0.01;

/**
 * Whether the A/A replicate looks like chance: all headline contrasts together, and single pairs that differ by more than chance
 * once Holm has counted them, since one in twenty has an interval without 1 by chance alone.
 */
export function aaWarnings(plan: Plan, results: readonly CellResult[]): RunWarning[] {
  const { calibration } = noiseOf(plan, results);
  const measured = aaPairs(plan, results).flatMap(({ ratio, ...pair }) =>
    ratio.status === "measured" ? [{ ...pair, ratio }] : [],
  );
  const pHolm = holm(measured.map(({ ratio }) => ratio.p));
  const pairs = measured.flatMap(
    ({ cell, metric, name, ratio: { ratio, ciLow, ciHigh } }, i): RunWarning[] => {
      const p = pHolm[i] ?? 1;
      if (p > familyAlpha) return [];
      const cause = `${metricKinds[metric].label} of one program under two names: ${formatRatio(ratio)} (${formatRatioInterval(ciLow, ciHigh)}), p = ${p.toPrecision(2)} after Holm over ${measured.length} A/A pairs`;
      return [warning("aa-pair-differs", cause, { cell: `${name} ${cell.id}`, metric })];
    },
  );
  return [...notChance(calibration), ...pairs];
}

function notChance({ p, factor, contrasts, excess }: Noise["calibration"]): RunWarning[] {
  if (p === null || p >= chanceLevel) return [];
  const rms = excess === null ? "" : `, ${Math.sqrt(excess).toPrecision(2)} times as far apart as chance`;
  const cause = `the reference and its replicate differ by more than chance over ${contrasts} A/A contrasts (p = ${p.toPrecision(2)}${rms})`;
  if (factor <= 1) return [warning("aa-not-chance", cause)];
  const nextStep = `every interval of this run is therefore ${factor.toPrecision(3)} times as wide; for narrower ones let the machine settle and repeat`;
  return [warning("aa-not-chance", cause, { nextStep })];
}

interface AaPair {
  readonly cell: PlannedCell;
  readonly metric: MetricName;
  /** The replicate's. */
  readonly name: string;
  readonly ratio: PairedRatio;
}

/** The replicate ÷ the reference on each metric of each cell that both have results of. */
function aaPairs(plan: Plan, results: readonly CellResult[]): AaPair[] {
  const replicate = plan.candidates.find((c) => c.replicateOf !== null);
  if (replicate === undefined) return [];
  const find = (name: string | null, cell: PlannedCell) =>
    results.find((r) => r.candidate === name && r.cell === cell.id);
  return plan.cells.flatMap((cell) => {
    const [a, b] = [find(replicate.name, cell), find(replicate.replicateOf, cell)];
    return comparedMetrics(cell).flatMap((metric): AaPair[] => {
      const [x, y] = [a?.metrics[metric], b?.metrics[metric]];
      if (x === undefined || y === undefined) return [];
      return [{ cell, metric, name: replicate.name, ratio: pairedRatio(x.perRound, y.perRound) }];
    });
  });
}
