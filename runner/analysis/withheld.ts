import { correctShare } from "../../schemas/delivery.ts";
import type { EventOf } from "../../schemas/event.ts";
import { rateLimit } from "../../schemas/lower-bound.ts";
import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import type { CellResult, ComparisonCode } from "../../schemas/report.ts";
import type { Series } from "./collect.ts";

/** Why no verdict may rest on a figure, as a code and in words. */
export interface WithheldReason {
  readonly code: ComparisonCode;
  readonly why: string;
}

/** Why no verdict may rest on this figure of a result, whatever it says; null where nothing forbids one. */
export function withheldReason(
  metric: MetricName,
  result: Pick<CellResult, "candidate" | "reach" | "ledger" | "warmUp" | "headroom" | "mostlyGenerators">,
): WithheldReason | null {
  const { candidate } = result;
  const correct = correctShare(result);
  if (correct < 1) {
    const why = `${candidate} delivered ${(correct * 100).toPrecision(6)} % of what was due unchanged and in order`;
    return { code: "delivery-not-intact", why };
  }
  if (result.mostlyGenerators?.includes(metric) === true) {
    const why = `at least half of ${candidate}'s ${metricKinds[metric].label} is the load generator's own lateness`;
    return { code: "mostly-generator", why };
  }
  if (rateLimit(metric, result) !== "ceiling-unknown") return null;
  const why = `the load generator's limit was not measured, so ${candidate}'s rate may be the generator's`;
  return { code: "ceiling-unknown", why };
}

/** Why a candidate has no figure at all in a cell that it was measured on: every trial was void. Null for all else. */
export function voidedReason(series: readonly Series[], candidate: string, cell: string): string | null {
  const found = series.find((s) => s.candidate === candidate && s.cell === cell);
  const reason = found?.voids.at(-1);
  if (found === undefined || reason === undefined || found.perRound.some((m) => m !== null)) return null;
  return `no trial of ${candidate} counts: ${reason}`;
}

/**
 * Why a candidate that failed trials of a cell is not judged by the rest of them: they are the rounds that it survived. A
 * server that died while it was warmed failed in every cell of that round. Null where it failed none.
 */
export function failureOf(
  failures: readonly EventOf<"trial-failed">[],
  { candidate, cell, rounds }: Pick<CellResult, "candidate" | "cell" | "rounds">,
): WithheldReason | null {
  const ofCandidate = failures.filter((f) => f.candidate === candidate && f.fault !== "generator");
  const failed = ofCandidate.filter(
    (f) => f.cell === cell || (f.cell === null && f.phase === "warm-up"),
  ).length;
  if (failed === 0) return null;
  const why = `${candidate} failed in ${failed} of ${failed + rounds} trials; its figures come from the others`;
  return { code: "candidate-failed", why };
}
