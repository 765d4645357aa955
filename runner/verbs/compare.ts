import { hasFailed } from "../../reports/gates/judge.ts";
import { exitCodes } from "../../schemas/exit-codes.ts";
import type { Plan } from "../../schemas/plan.ts";
import type { Policy } from "../../schemas/policy.ts";
import { type Options, readOptions } from "../cli/args.ts";
import type { Request } from "../cli/command-line.ts";
import { defaultOut } from "../cli/flags.ts";
import { note } from "../cli/output.ts";
import { checkInputs, checkPolicy } from "../cli/preflight.ts";
import { sloRequirements } from "../cli/slo.ts";
import { UsageError } from "../cli/usage-error.ts";
import { makePlan } from "../plan/plan.ts";
import { cacheFolder } from "../process/cache-folder.ts";
import { despiteSignal } from "../process/children.ts";
import { readEventLog } from "../record/event-log.ts";
import { isComplete } from "../record/resume.ts";
import { run } from "../run.ts";
import { evaluateGates, readGates, repeatIn } from "../run-gates/gate.ts";
import { reportGates } from "../run-gates/gate-report.ts";
import { writeReport } from "./write-report.ts";

/** Measures, reports, and holds the run to its gates. */
export async function act({ command, argv, notes, beforeMeasuring }: Request): Promise<number> {
  const given = readOptions(command);
  await beforeMeasuring();
  if (given.endWithStdin) endWithStandardInput();
  const options = placed(given);
  notes.forEach(note);
  const { plan, policy, gates } = await prepare(options);
  const outcome = await run(options, plan, argv);
  const { report, text } = await despiteSignal(outcome.interrupted, () =>
    writeReport(outcome, policy, options),
  );
  process.stdout.write(text);
  for (const name of outcome.discarded) note(`${name}: all trials discarded; see warnings in the report`);
  if (outcome.interrupted) return exitCodes.interrupted;
  if (outcome.refused !== null) throw new UsageError(outcome.refused);
  if (gates !== null) {
    const judgement = await evaluateGates(gates, report, plan, repeatIn(outcome, policy, options, argv));
    // With --json the standard output is a report and nothing else.
    const stream = options.json ? process.stderr : process.stdout;
    reportGates(judgement, report, {
      folder: outcome.folder,
      write: (words) => stream.write(words),
      env: process.env,
    });
    if (hasFailed(judgement)) return exitCodes.gateFailed;
  }
  return outcome.failed ? exitCodes.candidateFailed : exitCodes.done;
}

/** With the place where the run goes: nobody who named none should have to, only since the install is not theirs. */
export function placed(options: Options): Options {
  const { out, resume } = options;
  if (resume !== null || out !== defaultOut) return options;
  const place = cacheFolder(out, "runs");
  if (place !== out) note(`${out} is not writable by this user; writing to ${place} instead`);
  return { ...options, out: place };
}

/** Everything that a run is given, checked: what it measures, decides by and is held to. Throws UsageError. */
export async function prepare(options: Options): Promise<{
  readonly plan: Plan;
  readonly policy: Policy;
  readonly gates: Awaited<ReturnType<typeof readGates>>;
}> {
  const earlier = options.resume === null ? null : readEventLog(options.resume);
  const plan = earlier === null ? makePlan(options) : earlier.started.plan;
  const named = checkPolicy(options.policy, plan);
  // What is measured already needs no server, no port and no recording any more.
  if (earlier === null || !isComplete(earlier)) await checkInputs(options, plan);
  const slos = await sloRequirements(options.slos, plan.cells);
  const policy = { ...named, require: [...named.require, ...slos] };
  return { plan, policy, gates: await readGates(options, plan) };
}

/**
 * Ends this process as SIGTERM does when its standard input ends. The kernel ends the pipe that another program holds however that
 * program ends, SIGKILL included, so that a run does not outlive whoever started it.
 */
function endWithStandardInput(): void {
  process.stdin.once("end", () => process.kill(process.pid, "SIGTERM"));
  process.stdin.resume();
  // What is left to do decides how long this process lives, not what might reach its input.
  process.stdin.unref();
}
