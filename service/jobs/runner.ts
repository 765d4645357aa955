import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StartRun } from "../api/start.ts";

const root = join(import.meta.dir, "..", "..");
const command = join(root, "runner", "compare.ts");

/** Where a run is measured and what it goes on with. */
export interface Place {
  /** The run's own folder; the runner makes one in it. */
  readonly folder: string;
  /** The record of a run that was cut; null for a new run. */
  readonly resume: string | null;
  /** A config file that the service was started with. */
  readonly config: string | null;
}

/** How a runner ended. */
export interface RunnerExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Its last lines on stderr, the oldest first. */
  readonly said: readonly string[];
}

/** A runner that measures. */
export interface Runner {
  readonly pid: number;
  readonly exited: Promise<RunnerExit>;
  /** Asks it to end and to report what it has; ends it by force where it does not. */
  stop(): void;
}

/** The runner's command line. Values stand behind their flag in one word each, so that none can be read as another flag. */
export function argvOf(request: StartRun, { folder, resume, config }: Place): string[] {
  const flag = (name: string, value: string | number | boolean | undefined): string[] =>
    value === undefined || value === false ? [] : [value === true ? `--${name}` : `--${name}=${value}`];
  const policy = typeof request.policy === "string" ? request.policy : join(folder, "policy.json");
  const either = [
    ...flag("policy", policy),
    ...flag("force", request.force),
    ...["--report=json", "--quiet", "--end-with-stdin"],
  ];
  if (resume !== null) return ["compare", ...flag("resume", resume), ...either];
  return [
    "compare",
    ...flag("config", config ?? undefined),
    ...flag("profile", request.profile),
    ...flag("candidates", request.candidates.join(",")),
    ...flag("workloads", request.workloads.join(",")),
    ...flag("codec", request.codecs?.join(",")),
    ...flag("runtime", request.runtimes.length === 0 ? undefined : request.runtimes.join(",")),
    ...flag("package", request.packages.length === 0 ? undefined : request.packages.join(",")),
    ...flag("rounds", request.rounds),
    ...flag("seed", request.seed),
    ...flag("feed", `synthetic:${request.feed}`),
    ...flag("feed-rate", request.feedRate),
    ...flag("slow-consumer", request.slowConsumer),
    ...flag("process-per-trial", request.processPerTrial),
    ...flag("keep-disturbed", request.keepDisturbed),
    ...flag("out", folder),
    ...either,
  ];
}

const tailLines = 20;
/** Writing the report of a long run that was cut takes some seconds. */
const patienceMs = 30_000;

/** Starts the runner as a separate process, which ends when this one does. */
export function startRunner(request: StartRun, place: Place): Runner {
  mkdirSync(place.folder, { recursive: true });
  if (typeof request.policy !== "string") {
    writeFileSync(join(place.folder, "policy.json"), JSON.stringify(request.policy));
  }
  const child = Bun.spawn([process.execPath, command, ...argvOf(request, place)], {
    cwd: root,
    env: runnerEnv(process.env),
    // The runner ends when this stream does, however this process ended.
    stdin: "pipe",
    stdout: "ignore",
    stderr: "pipe",
  });
  const stderrTail = tailOf(child.stderr);
  let force: Timer | undefined;
  return {
    pid: child.pid,
    exited: child.exited.then(async () => {
      clearTimeout(force);
      return {
        code: child.exitCode,
        signal: child.signalCode === null ? null : String(child.signalCode),
        said: await stderrTail,
      };
    }),
    stop: () => {
      child.kill("SIGTERM");
      force ??= setTimeout(() => child.kill("SIGKILL"), patienceMs);
    },
  };
}

/** What the service alone is to know stays with it. */
function runnerEnv(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  const { TICKBENCH_TOKEN: _token, PORT: _port, HOST: _host, ...rest } = env;
  return rest;
}

async function tailOf(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const decoder = new TextDecoder();
  let lines: string[] = [""];
  for await (const bytes of stream) {
    const [first = "", ...more] = decoder.decode(bytes, { stream: true }).split("\n");
    lines = [...lines.slice(0, -1), `${lines.at(-1)}${first}`, ...more].slice(-tailLines - 1);
  }
  return lines.filter((line) => line.trim() !== "");
}
