import type { RunEvent } from "../../schemas/event.ts";
import type { Plan } from "../../schemas/plan.ts";
import type { CellResult, HostFacts, RunWarning } from "../../schemas/report.ts";
import type { Collected } from "./collect.ts";
import { doubtWarnings } from "./doubts.ts";
import { resultWarnings } from "./result-warnings.ts";
import { ratioWarnings, roundWarnings } from "./round-warnings.ts";
import { seriesWarnings } from "./series-warnings.ts";

/** Rounds below which a 95 % interval of a median rests on an assumed shape. */
const roundsMin = 6;

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
    ...machine(plan, host),
    ...interrupted(plan, events),
    ...collected.unavailable.map(
      (e): RunWarning => ({
        code: "candidate-unavailable",
        cause: `${e.candidate}: ${e.reason}`,
        nextStep: e.nextStep,
        cell: e.candidate,
      }),
    ),
    ...failures(collected),
    ...doubtWarnings(plan, events),
    ...resultWarnings(plan.cells, results),
    ...seriesWarnings(plan, collected.series),
    ...roundWarnings(plan, results),
    ...ratioWarnings(plan, results),
  ];
}

function machine(plan: Plan, host: HostFacts): RunWarning[] {
  const warnings: RunWarning[] = [];
  if (!host.pinning.pinned) {
    const nextStep = "run on Linux with two free cores, so that server and load do not share one";
    warnings.push({ code: "not-pinned", cause: host.pinning.how, nextStep });
  }
  if (host.virtualised !== null) {
    const cause = `the machine is virtual (${host.virtualised}): its tails hold the hypervisor's stalls`;
    const nextStep = "compare candidates within this report only, and repeat on the hardware that will serve";
    warnings.push({ code: "virtualised", cause, nextStep });
  }
  if (plan.rounds < roundsMin) {
    const cause = `${plan.rounds === 1 ? "one round" : `${plan.rounds} rounds`}: intervals rest on an assumed shape of the noise, and few verdicts are possible`;
    warnings.push({ code: "few-rounds", cause, nextStep: "use --profile standard or --rounds 10" });
  }
  return warnings;
}

function failures(collected: Collected): RunWarning[] {
  return collected.failures.map((f) => ({
    code: "trial-failed",
    cause: `round ${f.round + 1} failed in ${f.phase}: ${f.reason}`,
    nextStep:
      "read the server's last lines under Failures; repeat with --candidates and --workloads to isolate it",
    cell: f.cell === null ? f.candidate : `${f.candidate} ${f.cell}`,
  }));
}

/** A run that ended before its plan, or whose record ends before the run did. */
function interrupted(plan: Plan, events: readonly RunEvent[]): RunWarning[] {
  const end = events.findLast((e) => e.type === "run-finished");
  if (end?.interrupted === false) return [];
  const begun = Math.max(0, ...events.map((e) => ("round" in e ? e.round + 1 : 0)));
  const cause = `the run was cut in round ${begun} of ${plan.rounds}: intervals are wider than planned`;
  return [{ code: "interrupted", cause, nextStep: "use --resume with this run's folder to do the rest" }];
}
