import { formatMetric } from "../../reports/format.ts";
import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import type { Plan } from "../../schemas/plan.ts";
import type { CellResult, RunWarning } from "../../schemas/report.ts";
import { declaredPairs } from "../pairs.ts";
import { checkRounds, type RoundsCheck } from "../stats/drift.ts";
import { pairedRatio } from "../stats/paired.ts";

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
    warnings.push({
      code: "drift",
      cause,
      nextStep: "let the machine settle (heat, caches, other tenants), then repeat",
      cell,
    });
  }
  if (check.firstRoundSlower !== null) {
    const cause = `${what} of the first round was ${Number(check.firstRoundSlower.pct.toPrecision(2))} % worse than that of the others`;
    warnings.push({
      code: "first-round-slower",
      cause,
      nextStep: "repeat; the first round filled caches that the others found full",
      cell,
    });
  }
  if (check.bimodal !== null) {
    const { lower, upper } = check.bimodal;
    const cause = `${what} fell into two groups of rounds, near ${formatMetric(metric, lower.mean)} and ${formatMetric(metric, upper.mean)}`;
    warnings.push({
      code: "bimodal",
      cause,
      nextStep:
        "look for two states of the machine or of the runtime; a median of two groups describes neither",
      cell,
    });
  }
  if (check.outliers.length > 0) {
    const rounds = check.outliers.map((o) => `${o.round + 1}`).join(", ");
    const cause = `${what} of round ${rounds} stands apart from the others; it is kept`;
    warnings.push({
      code: "outliers",
      cause,
      nextStep: "see the rounds in results.csv; more rounds make it weigh less",
      cell,
    });
  }
  return warnings;
}

/** Declared comparisons whose mean and robust estimate tell different stories. */
export function disagreements(plan: Plan, results: readonly CellResult[]): RunWarning[] {
  return plan.cells.flatMap((cell) =>
    cell.headline.flatMap((metric) => {
      const of = (name: string) =>
        results.find((r) => r.candidate === name && r.cell === cell.id)?.metrics[metric];
      return declaredPairs(plan).flatMap(({ a, b }): RunWarning[] => {
        const [figures, other] = [of(a), of(b)];
        if (figures === undefined || other === undefined) return [];
        const ratio = pairedRatio(figures.perRound, other.perRound);
        if (ratio.status === "withheld" || !ratio.disagree) return [];
        const cause = `${metricKinds[metric].label} against ${b}: the mean of log ratios says ${ratio.ratio.toPrecision(3)} ×, Hodges–Lehmann ${ratio.hodgesLehmann.ratio.toPrecision(3)} ×`;
        const nextStep = "look at the single rounds before believing either; more rounds settle it";
        return [{ code: "estimates-disagree", cause, nextStep, cell: `${a} ${cell.id}` }];
      });
    }),
  );
}

function signed(pct: number): string {
  return `${pct >= 0 ? "+" : "−"}${Number(Math.abs(pct).toPrecision(2))} %`;
}
