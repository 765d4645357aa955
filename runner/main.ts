import { hasFailed } from "../reports/gates/judge.ts";
import type { CandidateListing, PlanListing } from "../schemas/listing.ts";
import type { Verification } from "../schemas/verification.ts";
import { calibrateCommand } from "./calibrate/command.ts";
import { defaultOut, type Options, parseArgs } from "./cli/args.ts";
import { CandidateError } from "./cli/candidate-error.ts";
import { InterruptedError } from "./cli/interrupted.ts";
import { listCandidates, listPlan } from "./cli/list.ts";
import { candidateTable, planTable } from "./cli/list-text.ts";
import { checkInputs, checkPolicy } from "./cli/preflight.ts";
import { sloRequirements } from "./cli/slo.ts";
import { UsageError } from "./cli/usage-error.ts";
import { verificationTable, verify } from "./cli/verify.ts";
import { holdTo, readGates, repeatIn } from "./gate/gate.ts";
import { tellGates } from "./gate/gate-report.ts";
import { writeReport } from "./gate/write-report.ts";
import { makePlan } from "./plan/plan.ts";
import { cacheFolder } from "./process/cache-folder.ts";
import { planPins, readTopology, sharesLoadCore } from "./process/pin.ts";
import { readEventLog } from "./record/event-log.ts";
import { isComplete } from "./record/resume.ts";
import { run, toolVersion } from "./run.ts";

/** Exit codes of the command, as its documentation gives them. */
export const exitCodes = { done: 0, gateFailed: 1, usage: 2, candidateFailed: 3, interrupted: 130 } as const;

/**
 * The command: parses, runs, reports. Returns the exit code; only a fault of the tool itself throws. `beforeMeasuring` is called
 * before anything is told or written where this process shares the core of the load generator.
 */
export async function main(argv: readonly string[], beforeMeasuring?: () => void): Promise<number> {
  try {
    return await compare(argv, beforeMeasuring);
  } catch (error) {
    if (error instanceof InterruptedError) return exitCodes.interrupted;
    if (error instanceof CandidateError) {
      process.stderr.write(`${error.message}\n`);
      return exitCodes.candidateFailed;
    }
    const told = error instanceof UsageError ? error.message : refusalOf(error);
    if (told === null) throw error;
    process.stderr.write(`${told}\n`);
    return exitCodes.usage;
  }
}

/** Where the run goes: nobody who named no place should have to, only since the install is not his. */
function placeOf({ out, resume }: Options): string {
  if (resume !== null || out !== defaultOut) return out;
  const place = cacheFolder(out, "runs");
  if (place !== out)
    process.stderr.write(`${out} cannot be written by this user: the run goes into ${place}\n`);
  return place;
}

/** What a user of this machine may be refused, whoever asks for it: it is no fault of the tool, and no gate has failed. */
const refusals: Readonly<Record<string, string>> = {
  EACCES: "must be open to this user; change its permissions, or run as its owner",
  EPERM: "must be open to this user; change its permissions, or run as its owner",
  EROFS: "must be on a file system that can be written; give --out a folder on one",
  ENOSPC: "must have room left; free some, or give --out a folder elsewhere",
  EDQUOT: "must have room left; free some, or give --out a folder elsewhere",
  EMFILE: "needs more open files than one process may have; raise the limit with ulimit -n",
  ENFILE: "needs more open files than this system may have; end other programs",
};

/** The one line for an error of the system; null for one that is the tool's own. */
function refusalOf(error: unknown): string | null {
  if (!(error instanceof Error && "code" in error)) return null;
  const rule = Object.hasOwn(refusals, String(error.code)) ? refusals[String(error.code)] : undefined;
  if (rule === undefined) return null;
  const what = "path" in error && typeof error.path === "string" ? error.path : "this command";
  return `${what}: ${rule}, got ${String(error.code)}`;
}

async function compare(argv: readonly string[], beforeMeasuring?: () => void): Promise<number> {
  const invocation = parseArgs(argv, toolVersion());
  if (invocation.kind === "print") {
    process.stdout.write(invocation.text);
    return exitCodes.done;
  }
  const { notes } = invocation;
  const { list, dryRun, verify: verifies } = invocation.options;
  if (!list && !dryRun && !verifies && sharesLoadCore(planPins(readTopology()))) beforeMeasuring?.();
  const options = { ...invocation.options, out: placeOf(invocation.options) };
  for (const note of notes) process.stderr.write(`${note}\n`);
  if (options.list) {
    const listing = await listCandidates(options);
    process.stdout.write(options.json ? json(listing) : candidateTable(listing, columns()));
    return exitCodes.done;
  }
  if (options.calibrate) {
    const { text, passed, interrupted } = await calibrateCommand(options, toolVersion());
    process.stdout.write(text);
    if (interrupted) return exitCodes.interrupted;
    return passed ? exitCodes.done : exitCodes.gateFailed;
  }
  const earlier = options.resume === null ? null : readEventLog(options.resume);
  const plan = earlier === null ? makePlan(options) : earlier.started.plan;
  const named = checkPolicy(options.policy, plan);
  // What is measured already needs no server, no port and no recording any more.
  if (earlier === null || !isComplete(earlier)) await checkInputs(options, plan);
  const slos = await sloRequirements(options.slos, plan.cells);
  const policy = { ...named, require: [...named.require, ...slos] };
  const gates = await readGates(options, plan);
  if (options.verify) {
    const note = (line: string) => void (options.quiet || process.stderr.write(`${line}\n`));
    const found = await verify(plan, options.port, note);
    process.stdout.write(options.json ? json(found) : verificationTable(found, columns()));
    if (found.interrupted) return exitCodes.interrupted;
    return found.candidates.some((c) => c.status === "failed") ? exitCodes.candidateFailed : exitCodes.done;
  }
  if (options.dryRun) {
    const listing = listPlan(plan);
    process.stdout.write(options.json ? json(listing) : planTable(listing, columns()));
    return exitCodes.done;
  }
  const outcome = await run(options, plan, argv);
  const { report, text } = await writeReport(outcome, policy, options);
  process.stdout.write(text);
  for (const name of outcome.voided) {
    process.stderr.write(`${name}: no trial of it counts; its warnings in the report tell why\n`);
  }
  if (outcome.interrupted) return exitCodes.interrupted;
  if (outcome.refused !== null) throw new UsageError(outcome.refused);
  if (gates !== null) {
    const judgement = await holdTo(gates, report, plan, repeatIn(outcome, policy, options, argv));
    // With --json the standard output is a report and nothing else.
    const stream = options.json ? process.stderr : process.stdout;
    tellGates(judgement, report, {
      folder: outcome.folder,
      write: (words) => stream.write(words),
      env: process.env,
    });
    if (hasFailed(judgement)) return exitCodes.gateFailed;
  }
  return outcome.failed ? exitCodes.candidateFailed : exitCodes.done;
}

/** The terminal's width; what goes elsewhere is kept to one that a page shows. */
const columns = (): number => process.stdout.columns ?? 100;

const json = (value: CandidateListing | PlanListing | Verification): string =>
  `${JSON.stringify(value, null, 2)}\n`;
