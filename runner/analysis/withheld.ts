import type { EventOf } from "../../schemas/event.ts";
import { rateLimit } from "../../schemas/lower-bound.ts";
import type { MetricName } from "../../schemas/metric.ts";
import type { CellResult } from "../../schemas/report.ts";
import type { Series } from "./collect.ts";

/** Why no verdict may rest on this figure of a result, whatever it says; null where nothing forbids one. */
export function objectionTo(
  metric: MetricName,
  result: Pick<CellResult, "candidate" | "reach" | "headroom">,
): string | null {
  const { candidate, reach } = result;
  if (reach < 1) return `${candidate} delivered ${(reach * 100).toPrecision(6)} % of what was due`;
  if (rateLimit(metric, result) !== "ceiling-unknown") return null;
  return `the generator's own ceiling was not measured, so ${candidate}'s rate may be the generator's`;
}

/** Why a candidate has no figure at all in a cell that it was measured on: every trial was void. Null for all else. */
export function voidedReason(series: readonly Series[], candidate: string, cell: string): string | null {
  const own = series.find((s) => s.candidate === candidate && s.cell === cell);
  const reason = own?.voids.at(-1);
  if (own === undefined || reason === undefined || own.perRound.some((m) => m !== null)) return null;
  return `no trial of ${candidate} counts: ${reason}`;
}

/**
 * Why a candidate that failed trials of a cell is not judged by the rest of them: they are the rounds that it survived. A
 * server that died while it was warmed failed in every cell of that round. Null where it failed none.
 */
export function failedReason(
  failures: readonly EventOf<"trial-failed">[],
  { candidate, cell, rounds }: Pick<CellResult, "candidate" | "cell" | "rounds">,
): string | null {
  const own = failures.filter((f) => f.candidate === candidate && f.fault !== "generator");
  const failed = own.filter((f) => f.cell === cell || (f.cell === null && f.phase === "warm-up")).length;
  if (failed === 0) return null;
  return `${candidate} failed in ${failed} of ${failed + rounds} trials, and its figures are of those that it survived`;
}
