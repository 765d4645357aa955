import { correctShare } from "../../schemas/delivery.ts";
import { matchesGlobs } from "../../schemas/glob.ts";
import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import type { Policy, Requirement } from "../../schemas/policy.ts";
import type { CellResult, Exclusion, Undecided } from "../../schemas/report.ts";
import {
  formatBytes,
  formatFigure,
  formatInterval,
  formatMetric,
  formatReach,
  formatStalls,
} from "../format.ts";
import { deliveryFlag } from "../view.ts";
import { cellPhrase } from "../workloads/index.ts";
import { absentFigure } from "./absence.ts";
import { measuredResults, namesOf } from "./evidence.ts";

/** The figure of one candidate that a requirement turns on: its worst over the cells that match. */
export interface Critical {
  readonly result: CellResult;
  readonly value: number;
}

/**
 * Who may not be recommended, and why: candidates that did not run, that lack a figure the policy weighs, or that miss a
 * requirement. One entry for each reason, in the order of candidates and requirements.
 */
export function exclusionsOf(report: Undecided, policy: Policy): Exclusion[] {
  return namesOf(report).flatMap((candidate) => {
    const unfit = unfitness(report, policy, candidate);
    if (unfit !== null) return [unfit];
    const stalled = stallingOf(report, policy, candidate);
    if (stalled !== null) return [stalled];
    return policy.require.flatMap((requirement) => {
      const miss = missOf(report, candidate, requirement);
      if (miss === null) return [];
      return [{ candidate, requirement: requirementText(requirement), ...missed(miss, requirement) }];
    });
  });
}

/** The candidates that none of it excludes. */
export function eligible(report: Undecided, policy: Policy): string[] {
  return namesOf(report).filter(
    (candidate) =>
      unfitness(report, policy, candidate) === null &&
      stallingOf(report, policy, candidate) === null &&
      policy.require.every((requirement) => missOf(report, candidate, requirement) === null),
  );
}

function unfitness(report: Undecided, policy: Policy, candidate: string): Exclusion | null {
  const entry = report.candidates.find((c) => c.id === candidate);
  if (entry !== undefined && entry.status !== "ok") {
    const figure = entry.reason ?? entry.status;
    return { candidate, code: "did-not-run", requirement: "runs on this machine", figure };
  }
  const measured = measuredCells(report, candidate);
  const failures = failuresOf(report, candidate);
  const failed = failures.find((f) => f.cell !== null && !measured.has(f.cell)) ?? failures[0];
  if (failed !== undefined) {
    const times = failures.filter((f) => f.cell === failed.cell).length;
    const lost = `${times} ${failed.cell === null ? "warm-ups" : `trials of ${failed.cell}`} lost`;
    const seen =
      failed.cell === null || measured.has(failed.cell) ? lost : `no measurement of ${failed.cell}`;
    const figure = `${seen}: failed at ${failed.phase} (${failed.reason})`;
    return { candidate, code: "trials-failed", requirement: "finishes every cell", figure };
  }
  if (measured.size === 0) {
    const figure = "nothing was measured";
    return { candidate, code: "nothing-measured", requirement: "finishes every cell", figure };
  }
  const absent = absentFigure(report, policy, candidate);
  return absent === null
    ? null
    : { candidate, code: "figure-missing", requirement: "has every weighted figure", figure: absent };
}

/**
 * A server that stops serving again and again while others do not: short windows rarely meet a stall, so that their percentiles
 * look as if nothing were wrong.
 */
function stallingOf(report: Undecided, policy: Policy, candidate: string): Exclusion | null {
  if (policy.weights.latencyTail === 0) return null;
  const found = measuredResults(report).find(
    ({ candidate: of, stalls }) => of === candidate && stalls?.recurs === true && stalls.reads === "more",
  );
  const stalls = found?.stalls ?? null;
  if (found === undefined || stalls === null) return null;
  const figure = `${formatStalls(stalls)} of ${cellPhrase(found.params)}`;
  return { candidate, code: "stalls", requirement: "serves without stalls of its own", figure };
}

/**
 * Candidates that were measured and are out by what was seen of them: trials that they lost, or a requirement that they miss. Of
 * them alone can a lone survivor be said to have won against anybody; one that never ran has beaten, and lost to, nobody.
 */
export function beaten(report: Undecided, policy: Policy): string[] {
  return namesOf(report).filter((candidate) => {
    if (measuredCells(report, candidate).size === 0) return false;
    if (failuresOf(report, candidate).length > 0) return true;
    if (stallingOf(report, policy, candidate) !== null) return true;
    return policy.require.some((requirement) => missOf(report, candidate, requirement) !== null);
  });
}

/**
 * Candidates that are out for want of evidence and not by what they did: they run, none of their cells failed, and yet
 * nothing, or not enough, of theirs was counted, since the run was cut or the generator was late. Nobody beat them.
 */
export function unjudged(report: Undecided, policy: Policy): string[] {
  return namesOf(report).filter((candidate) => {
    const entry = report.candidates.find((c) => c.id === candidate);
    const failed = entry !== undefined && entry.status !== "ok";
    if (failed || failuresOf(report, candidate).length > 0) return false;
    return unfitness(report, policy, candidate) !== null;
  });
}

/**
 * What a candidate failed at, by the cell's name. One message lost is a reach below 100 %; a trial lost is no less, though its
 * cell has figures of the rounds that went well. A server that died while it was warmed has lost them all; what the load
 * generator lost by itself is nobody's.
 */
function failuresOf(report: Undecided, candidate: string) {
  return report.failures
    .filter((f) => f.candidate === candidate && f.fault !== "generator")
    .filter((f) => f.cell !== null || f.phase === "warm-up")
    .sort((x, y) => ((x.cell ?? "") < (y.cell ?? "") ? -1 : 1));
}

function measuredCells(report: Undecided, candidate: string): Set<string> {
  return new Set(
    measuredResults(report)
      .filter((r) => r.candidate === candidate)
      .map((r) => r.cell),
  );
}

type Miss = "not measured" | Critical;

/** How a candidate misses a requirement; null where it meets it. What was not measured is not met. */
function missOf(report: Undecided, candidate: string, requirement: Requirement): Miss | null {
  if (requirement.kind === "codec") {
    const serves = (r: CellResult) => r.candidate === candidate && r.codec === requirement.codec;
    return measuredResults(report).some(serves) ? null : "not measured";
  }
  const critical = criticalFigure(report, candidate, requirement);
  if (critical === null) return "not measured";
  return meets(critical.value, requirement) ? null : critical;
}

function missed(miss: Miss, requirement: Requirement): Pick<Exclusion, "code" | "figure"> {
  if (requirement.kind === "codec") {
    return { code: "limit-not-measured", figure: `no measurement in ${requirement.codec}` };
  }
  if (miss === "not measured") return { code: "limit-not-measured", figure: "not measured in this run" };
  const figure = figureText(miss, requirement);
  const near = nearEnd(miss.result, requirement);
  if (near === null || !meets(near, requirement)) return { code: "limit-missed", figure };
  // The near end keeps the limit and the far one does not: it may hold, and nothing shows that it does.
  return {
    code: "limit-not-shown",
    figure: `the interval reaches ${limitText(requirement, miss.value)}: ${figure}`,
  };
}

/** The end of a figure's interval that keeps a limit most easily; null for what is counted and has none. */
function nearEnd(result: CellResult, requirement: LimitRequirement): number | null {
  if (requirement.kind === "reach") return null;
  const metric = result.metrics[metricOf(requirement)];
  if (metric === undefined) return null;
  const rounds = metric.perRound.filter((v): v is number => v !== null);
  return isCeiling(requirement)
    ? (metric.ciLow ?? Math.min(metric.median, ...rounds))
    : (metric.ciHigh ?? Math.max(metric.median, ...rounds));
}

export type LimitRequirement = Exclude<Requirement, { kind: "codec" }>;

/** The limit of a requirement, as a number. */
export function limitOf(requirement: LimitRequirement): number {
  if (requirement.kind === "memory") return requirement.maxBytes;
  if (requirement.kind === "reach") return requirement.min;
  return requirement.max ?? requirement.min ?? 0;
}

/** The same requirement with another limit. */
export function withLimit(requirement: LimitRequirement, limit: number): LimitRequirement {
  if (requirement.kind === "memory") return { ...requirement, maxBytes: limit };
  if (requirement.kind === "reach") return { ...requirement, min: limit };
  return requirement.max === undefined ? { ...requirement, min: limit } : { ...requirement, max: limit };
}

/** Whether the limit is a ceiling (latency, memory) and not a least value (rate, reach). */
export function isCeiling(requirement: LimitRequirement): boolean {
  return requirement.kind === "memory" || (requirement.kind === "slo" && requirement.max !== undefined);
}

function meets(value: number, requirement: LimitRequirement): boolean {
  const limit = limitOf(requirement);
  return isCeiling(requirement) ? value <= limit : value >= limit;
}

/**
 * The worst figure of a candidate over the matching cells: the far end of its 95 % interval, or its worst round where so
 * few rounds allow no interval. A limit is kept only where the evidence shows that it is. Null where nothing was measured.
 */
export function criticalFigure(
  report: Undecided,
  candidate: string,
  requirement: LimitRequirement,
): Critical | null {
  const results = measuredResults(report).filter(
    (r) => r.candidate === candidate && matchesGlobs(r.cell, requirement.cells),
  );
  const ceiling = isCeiling(requirement);
  const figures = results.flatMap((result) => {
    const value = figureOf(result, requirement, ceiling);
    return value === null ? [] : [{ result, value }];
  });
  return figures.reduce<Critical | null>((worst, next) => {
    if (worst === null) return next;
    return (ceiling ? next.value > worst.value : next.value < worst.value) ? next : worst;
  }, null);
}

function figureOf(result: CellResult, requirement: LimitRequirement, ceiling: boolean): number | null {
  if (requirement.kind === "reach") return correctShare(result);
  const metric = result.metrics[metricOf(requirement)];
  if (metric === undefined) return null;
  const rounds = metric.perRound.filter((v): v is number => v !== null);
  if (ceiling) return metric.ciHigh ?? Math.max(metric.median, ...rounds);
  return metric.ciLow ?? Math.min(metric.median, ...rounds);
}

/**
 * The first limit that a candidate keeps in rounds so few that they allow no interval, so that nothing shows it; undefined where
 * there is none. Reach is counted and not estimated, and needs none.
 */
export function unshownLimit(
  report: Undecided,
  policy: Policy,
  candidate: string,
): LimitRequirement | undefined {
  return policy.require.find((requirement): requirement is LimitRequirement => {
    if (requirement.kind === "codec" || requirement.kind === "reach") return false;
    const metric = criticalFigure(report, candidate, requirement)?.result.metrics[metricOf(requirement)];
    return metric !== undefined && (metric.ciLow === null || metric.ciHigh === null);
  });
}

/** The metric a limit is about; reach is a property of a cell and not a metric. */
export function metricOf(requirement: Exclude<LimitRequirement, { kind: "reach" }>): MetricName {
  return requirement.kind === "memory" ? "rssBytesPeak" : requirement.metric;
}

/** Cells as a policy writes them; all of them need no naming. */
const whereText = (cells: readonly string[]): string =>
  cells.length === 1 && cells[0] === "*" ? "every cell" : cells.join(", ");

/** `latency p99 at most 5.00 ms in feed/*`. */
export function requirementText(requirement: Requirement): string {
  if (requirement.kind === "codec") return `serves ${requirement.codec}`;
  const where = whereText(requirement.cells);
  if (requirement.kind === "reach") {
    return requirement.min === 1
      ? `every message arrives in ${where}`
      : `reach at least ${formatReach(requirement.min)} in ${where}`;
  }
  return `${quantityText(requirement)} ${isCeiling(requirement) ? "at most" : "at least"} ${limitText(requirement, limitOf(requirement))} in ${where}`;
}

/** What a limit is on: `latency p99`, `reach`. */
export function quantityText(requirement: LimitRequirement): string {
  return requirement.kind === "reach" ? "reach" : metricKinds[metricOf(requirement)].label;
}

/** A limit with its unit: `5.00 ms`, `512 MiB`, `99.9 %`. */
export function limitText(requirement: LimitRequirement, limit: number): string {
  if (requirement.kind === "reach") return formatReach(limit);
  return requirement.kind === "memory" ? formatBytes(limit) : formatMetric(requirement.metric, limit);
}

function figureText({ result }: Critical, requirement: LimitRequirement): string {
  if (requirement.kind === "reach")
    return `${deliveryFlag(result) ?? "reach 100 %"} in ${cellPhrase(result.params)}`;
  const name = metricOf(requirement);
  const metric = result.metrics[name];
  if (metric === undefined) return "not measured in this run";
  const interval = formatInterval(name, metric);
  return `${metricKinds[name].label} ${formatFigure(name, result, metric)}${interval === null ? "" : ` (${interval})`} in ${cellPhrase(result.params)}`;
}
