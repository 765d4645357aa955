import { formatMetric, formatRatio, formatRatioInterval } from "../../reports/format.ts";
import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import type { Plan } from "../../schemas/plan.ts";
import type { CellResult } from "../../schemas/report.ts";
import { type RunWarning, warning } from "../../schemas/warning.ts";
import { checkRounds, type RoundsCheck } from "../../stats/drift.ts";
import { type MeasuredRatio, pairedRatio, type RobustRatio } from "../../stats/paired.ts";
import { declaredPairs } from "../plan/comparison-plan.ts";

/** What the order and the shape of the rounds say against each headline figure: kept in every figure, and named. */
export function roundWarnings(plan: Plan, results: readonly CellResult[]): RunWarning[] {
  return results.flatMap((result) => {
    const cell = plan.cells.find((c) => c.id === result.cell);
    return (cell?.headline ?? []).flatMap((metric) => {
      const figures = result.metrics[metric];
      if (figures === undefined) return [];
      const where = `${result.candidate} ${result.cell}`;
      return checkWarnings(checkRounds(figures.perRound, figures.better), metric, where);
    });
  });
}

function checkWarnings(check: RoundsCheck, metric: MetricName, cell: string): RunWarning[] {
  const what = metricKinds[metric].label;
  const warnings: RunWarning[] = [];
  if (check.drift !== null) {
    const cause = `${what} drifted by ${signed(check.drift.totalPct)} from the first round to the last (Mann–Kendall, p = ${check.drift.p.toPrecision(2)})`;
    warnings.push(warning("drift", cause, { cell, metric }));
  }
  if (check.firstRoundSlower !== null) {
    const cause = `${what} of the first round was ${Number(check.firstRoundSlower.pct.toPrecision(2))} % worse than that of the others`;
    warnings.push(warning("first-round-slower", cause, { cell, metric }));
  }
  if (check.bimodal !== null) {
    const { lower, upper } = check.bimodal;
    const cause = `${what} fell into two groups of rounds, near ${formatMetric(metric, lower.mean)} and ${formatMetric(metric, upper.mean)}`;
    warnings.push(warning("bimodal", cause, { cell, metric }));
  }
  if (check.outliers.length > 0) {
    const rounds = check.outliers.map((o) => `${o.round + 1}`).join(", ");
    const cause = `${what} of round ${rounds} is far from the others; it is kept`;
    warnings.push(warning("outliers", cause, { cell, metric }));
  }
  return warnings;
}

/** What speaks against the interval of a declared comparison: an estimate that disagrees, or rounds that break what it rests on. */
export function ratioWarnings(plan: Plan, results: readonly CellResult[]): RunWarning[] {
  return plan.cells.flatMap((cell) =>
    cell.headline.flatMap((metric) => {
      const of = (name: string) =>
        results.find((r) => r.candidate === name && r.cell === cell.id)?.metrics[metric];
      return declaredPairs(plan).flatMap(({ a, b }): RunWarning[] => {
        const [figures, other] = [of(a), of(b)];
        if (figures === undefined || other === undefined) return [];
        const ratio = pairedRatio(figures.perRound, other.perRound);
        if (ratio.status === "withheld") return [];
        const what = `${metricKinds[metric].label} against ${b}`;
        const where = { cell: `${a} ${cell.id}`, metric };
        return [...disagreement(ratio, what, where), ...brokenAssumptions(ratio, what, where)];
      });
    }),
  );
}

/** The figure that a warning is of. */
interface Where {
  readonly cell: string;
  readonly metric: MetricName;
}

/** Two estimates that agree to three digits may still disagree whether there is a difference: their intervals show it. */
function estimateText({ ratio, ciLow, ciHigh }: Pick<RobustRatio, "ratio" | "ciLow" | "ciHigh">): string {
  const interval = formatRatioInterval(ciLow, ciHigh);
  return `${formatRatio(ratio)}${interval === null ? "" : ` (${interval})`}`;
}

function disagreement(ratio: MeasuredRatio, what: string, where: Where): RunWarning[] {
  if (!ratio.disagree) return [];
  const cause = `${what}: the mean of log ratios says ${estimateText(ratio)}, Hodges–Lehmann ${estimateText(ratio.hodgesLehmann)}`;
  return [warning("estimates-disagree", cause, where)];
}

/** Ten rounds of one-sided stalls have intervals that cover 88 % instead of 95 % (docs/SIMULATIONS.md): the reader is to know. */
function brokenAssumptions({ assumptions }: MeasuredRatio, what: string, where: Where): RunWarning[] {
  const { broken, normalityP, independenceP } = assumptions;
  const warnings: RunWarning[] = [];
  if (broken.includes("normality")) {
    const cause = `${what}: log ratios of the rounds are not normal (Shapiro–Wilk, p = ${normalityP?.toPrecision(2)}), so the interval may be too narrow`;
    warnings.push(warning("ratios-not-normal", cause, where));
  }
  if (broken.includes("independence")) {
    const cause = `${what}: neighbouring rounds resemble each other (lag-1 autocorrelation, p = ${independenceP?.toPrecision(2)}), so the interval is too narrow`;
    warnings.push(warning("rounds-not-independent", cause, where));
  }
  return warnings;
}

function signed(pct: number): string {
  return `${pct >= 0 ? "+" : "−"}${Number(Math.abs(pct).toPrecision(2))} %`;
}
