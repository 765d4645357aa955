import type { RunEvent } from "../../schemas/event.ts";
import type { Plan } from "../../schemas/plan.ts";
import type { CellResult, HostFacts } from "../../schemas/report.ts";
import { type RunWarning, warning } from "../../schemas/warning.ts";
import { roundsForOrderStatistics } from "../../stats/summary.ts";
import { mostCoresOf } from "../candidates/variants.ts";
import { ageWarnings } from "./age.ts";
import type { Collected } from "./collect.ts";
import { generatorWarnings } from "./generator-warnings.ts";
import { aaWarnings } from "./noise.ts";
import { qualityWarnings } from "./quality-warnings.ts";
import { resultWarnings } from "./result-warnings.ts";
import { ratioWarnings, roundWarnings } from "./round-warnings.ts";
import { seriesWarnings } from "./series-warnings.ts";
import { stallWarnings } from "./stalls.ts";

/** Everything a reader should know before believing the run, with its cause and what to do about it. */
export function warningsOf(
  plan: Plan,
  host: HostFacts,
  collected: Collected,
  results: readonly CellResult[],
  events: readonly RunEvent[],
): RunWarning[] {
  return [
    ...events.flatMap((e) => (e.type === "warning" ? [e.warning] : [])),
    ...machine(host),
    ...sharedCores(plan, host),
    ...fewRounds(plan, results),
    ...interrupted(plan, events),
    ...collected.unavailable.map((e) =>
      warning("candidate-unavailable", `${e.candidate}: ${e.reason}`, {
        nextStep: e.nextStep,
        cell: e.candidate,
      }),
    ),
    ...failures(collected),
    ...qualityWarnings(plan, collected.series),
    ...generatorWarnings(events),
    ...resultWarnings(plan, results, collected.series),
    ...stallWarnings(results),
    ...ageWarnings(events),
    ...seriesWarnings(plan, collected.series),
    ...roundWarnings(plan, results),
    ...ratioWarnings(plan, results),
    ...aaWarnings(plan, results),
  ];
}

function machine(host: HostFacts): RunWarning[] {
  const warnings: RunWarning[] = [];
  if (!host.pinning.pinned) {
    warnings.push(warning("not-pinned", host.pinning.how));
  }
  if (host.virtualised !== null) {
    const cause = `the machine is virtual (${host.virtualised}): tail latencies include the hypervisor's stalls`;
    warnings.push(warning("virtualised", cause));
  }
  return warnings;
}

/** What more processes bring a server cannot show where they take turns on the cores of fewer. */
function sharedCores({ candidates }: Plan, { pinning }: HostFacts): RunWarning[] {
  const { length: cores } = pinning.serverCores;
  const processes = mostCoresOf(candidates);
  if (!pinning.pinned || processes <= cores) return [];
  const where = cores === 1 ? "one core" : `${cores} cores`;
  const cause = `servers of ${processes} processes had ${where}: their cost is reported, the gain from that many cores is not`;
  return [warning("server-cores-shared", cause)];
}

/**
 * Of the headline cells, whose rounds are those of the run; where a table shows an exploratory cell, it names its rounds. It
 * is the rounds that were measured that count, not those that were planned.
 */
function fewRounds(plan: Plan, results: readonly CellResult[]): RunWarning[] {
  const headline = new Set(plan.cells.filter((c) => c.headline.length > 0).map((c) => c.id));
  const all = results.filter((r) => headline.has(r.cell));
  const few = all.filter((r) => r.rounds < roundsForOrderStatistics).map((r) => r.rounds);
  if (few.length === 0) return [];
  const [least, most] = [Math.min(...few), Math.max(...few)];
  const rounds = most === 1 ? "one round" : `${least === most ? most : `${least} to ${most}`} rounds`;
  const where = few.length === all.length ? rounds : `${few.length} of ${all.length} results have ${rounds}`;
  const cause = `${where}: too few for distribution-free intervals, and few verdicts are possible`;
  return [warning("few-rounds", cause)];
}

function failures(collected: Collected): RunWarning[] {
  return collected.failures.map((f) => {
    const cause = `round ${f.round + 1} failed in ${f.phase}: ${f.reason}`;
    const cell = f.cell === null ? f.candidate : `${f.candidate} ${f.cell}`;
    return warning("trial-failed", cause, {
      cell,
      ...(f.fault === "generator" ? { nextStep: ownFailure } : {}),
    });
  });
}

const ownFailure =
  "the tool itself failed, and no candidate is blamed; see its last lines under Failures, and repeat the run";

/** A run that ended before its plan, or whose record ends before the run did. */
function interrupted(plan: Plan, events: readonly RunEvent[]): RunWarning[] {
  const end = events.findLast((e) => e.type === "run-finished");
  if (end?.interrupted === false) return [];
  const begun = Math.max(0, ...events.map((e) => ("round" in e ? e.round + 1 : 0)));
  const cause = `the run was cut short in round ${begun} of ${plan.rounds}: intervals are wider than planned`;
  return [warning("interrupted", cause)];
}
