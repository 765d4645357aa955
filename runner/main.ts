import { version as toolVersion } from "../package.json";
import { CommandError } from "../reports/command-error.ts";
import { exitCodes } from "../schemas/exit-codes.ts";
import { CandidateError } from "./cli/candidate-error.ts";
import { type Request, readCommandLine, type Verb } from "./cli/command-line.ts";
import { InterruptedError } from "./cli/interrupted.ts";
import { UsageError } from "./cli/usage-error.ts";

/** Does what a command is for, and gives the exit code. */
type Act = (request: Request) => Promise<number>;

/** Each command is loaded when it is asked for: a usage text should not wait for what it never uses. */
const acts: Readonly<Record<Verb, () => Promise<{ readonly act: Act }>>> = {
  compare: () => import("./verbs/compare.ts"),
  plan: () => import("./verbs/plan.ts"),
  list: () => import("./verbs/list.ts"),
  verify: () => import("./verbs/verify.ts"),
  trial: () => import("./verbs/trial.ts"),
  calibrate: () => import("./verbs/calibrate.ts"),
  render: () => import("./verbs/render.ts"),
  diff: () => import("./verbs/diff.ts"),
  runs: () => import("./verbs/runs.ts"),
  init: () => import("./verbs/init.ts"),
  completion: () => import("./verbs/completion.ts"),
};

/** The command line: reads it, runs the command, and gives the exit code; only a fault of the tool itself throws. */
export async function main(
  argv: readonly string[],
  beforeMeasuring: Request["beforeMeasuring"] = async () => undefined,
): Promise<number> {
  try {
    const asked = readCommandLine(argv, toolVersion);
    if (asked.kind === "print") {
      // process.stdout would be made for it, a stream that takes a third of a usage text's time.
      console.log(asked.text.trimEnd());
      return exitCodes.done;
    }
    const { act } = await acts[asked.verb]();
    return await act({ ...asked, beforeMeasuring });
  } catch (error) {
    if (error instanceof InterruptedError) return exitCodes.interrupted;
    if (error instanceof CandidateError) {
      process.stderr.write(`${error.message}\n`);
      return exitCodes.candidateFailed;
    }
    const message =
      error instanceof UsageError || error instanceof CommandError ? error.message : refusalOf(error);
    if (message === null) throw error;
    process.stderr.write(`${message}\n`);
    return exitCodes.usage;
  }
}

/** What a user of this machine may be refused, whoever asks for it: it is no fault of the tool, and no gate has failed. */
const refusals: Readonly<Record<string, string>> = {
  EACCES: "must be accessible to this user; change its permissions, or run as its owner",
  EPERM: "must be accessible to this user; change its permissions, or run as its owner",
  EROFS: "must be on a writable file system; choose another folder with --out",
  ENOSPC: "must have space left; free some, or choose another folder with --out",
  EDQUOT: "must have space left; free some, or choose another folder with --out",
  EMFILE: "needs more open files than one process may have; raise the limit with ulimit -n",
  ENFILE: "needs more open files than this system may have; end other programs",
};

/** The one line for an error of the system; null for a fault of the tool. */
function refusalOf(error: unknown): string | null {
  if (!(error instanceof Error && "code" in error)) return null;
  const rule = Object.hasOwn(refusals, String(error.code)) ? refusals[String(error.code)] : undefined;
  if (rule === undefined) return null;
  const what = "path" in error && typeof error.path === "string" ? error.path : "this command";
  return `${what}: ${rule}, got ${String(error.code)}`;
}
