/**
 * How often a regression gate is right, by the real command on this machine, as Markdown. One server is measured once, as
 * the baseline; then in turn it is held to that baseline as it was (A/A: must end with 0) and burning more CPU for each
 * message (must end with 1).
 *
 * `bun run bench/gates-measured.ts [--repetitions 20] [--out DIR] [--force]`, some 30 s a repetition on a quiet machine, so
 * that 20 are done within eleven minutes. What an earlier call has left in DIR is not measured again.
 * Ends with 1 where a gate was wrong, with 130 where it was interrupted.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Change, compareRuns } from "../reports/diff/runs.ts";
import { parseReport } from "../reports/json.ts";
import { exitCodes } from "../schemas/exit-codes.ts";
import type { MetricName } from "../schemas/metric.ts";
import type { Report } from "../schemas/report.ts";
import { median } from "../stats/moments.ts";
import { CompareFailed, type CompareProcess, runBench } from "./compare-process.ts";

/** Where the burning server's messages cost most beside the machine's wake-ups: one message in flight would measure those. */
const cell = "echo/sbe/c4w128";
const name = "gated";
/** The echo itself burns nothing: a sixth more burned is some 16 % more CPU for a message. */
const burned = 1.17;
const burnedRatioMin = 1.15;
const kinds = { same: { factor: 1, expected: 0 }, burning: { factor: burned, expected: 1 } } as const;
type Kind = keyof typeof kinds;

interface Gated {
  readonly kind: Kind;
  readonly repetition: number;
  readonly exitCode: number;
  readonly changes: readonly Change[];
}

const flags = readFlags();
const repetitions = Number(flags.repetitions);
if (!Number.isInteger(repetitions) || repetitions < 1 || repetitions > 1000) {
  console.error(`--repetitions: must be a whole number from 1 to 1000, got ${flags.repetitions}`);
  process.exit(exitCodes.usage);
}
const out = resolve(flags.out ?? mkdtempSync(join(tmpdir(), "tickbench-gates-")));

function readFlags() {
  try {
    return parseArgs({
      options: {
        repetitions: { type: "string", default: "20" },
        out: { type: "string" },
        force: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(exitCodes.usage);
  }
}

const baselineFolder = join(out, "baseline");
const reportIn = (folder: string): Report => {
  const file = join(folder, "latest", "report.json");
  return parseReport(readFileSync(file, "utf8"), file);
};

/**
 * One run of the server into `folder`, or what an earlier call left there. Gives the command's exit code, 0 or 1; anything
 * else is thrown. The code is written last, so that a run which was cut is begun anew.
 */
async function measured(compare: CompareProcess, folder: string, factor: number, gate: readonly string[]) {
  const kept = join(folder, "exit-code");
  if (existsSync(kept)) return Number(readFileSync(kept, "utf8"));
  mkdirSync(folder, { recursive: true });
  const server = `${name}="${process.execPath}" bench/fixtures/burning-server.ts ${factor}`;
  const what = ["--candidates", name, "--candidate", server, "--workloads", cell];
  const how = ["--profile", "quick", "--rounds", "6", "--report", "md", "--quiet"];
  const args = [...what, ...how, ...(flags.force ? ["--force"] : []), ...gate];
  const exitCode = await codeOf(compare.run(args, folder), folder);
  writeFileSync(kept, `${exitCode}\n`);
  return exitCode;
}

/** A command that broke down ends with 1 as well; one whose gate failed has told so in gates.md. */
async function codeOf(run: Promise<Report>, folder: string): Promise<number> {
  try {
    await run;
    return exitCodes.done;
  } catch (error) {
    const isJudged = existsSync(join(folder, "latest", "gates.md"));
    if (isJudged && error instanceof CompareFailed && error.exitCode === exitCodes.gateFailed) return 1;
    throw error;
  }
}

async function gatedRuns(compare: CompareProcess): Promise<Gated[]> {
  await measured(compare, baselineFolder, 1, []);
  const gate = ["--baseline", join(baselineFolder, "latest"), "--fail-on", "regression:5%"];
  const gated: Gated[] = [];
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    for (const kind of Object.keys(kinds) as Kind[]) {
      const folder = join(out, `${kind}-${repetition}`);
      const exitCode = await measured(compare, folder, kinds[kind].factor, gate);
      process.stderr.write(`${kind} ${repetition} of ${repetitions}: ended with ${exitCode}\n`);
      const [candidate] = compareRuns(reportIn(baselineFolder), reportIn(folder)).candidates;
      gated.push({ kind, repetition, exitCode, changes: candidate?.changes ?? [] });
    }
  }
  return gated;
}

const range = (values: readonly number[], text: (value: number) => string): string =>
  values.length === 0
    ? "none"
    : `${text(median(values))} (${text(Math.min(...values))} to ${text(Math.max(...values))})`;
const changesOf = (gated: readonly Gated[], metric: MetricName): Change[] =>
  gated.flatMap((g) => g.changes.filter((c) => c.metric === metric));
const ratiosOf = (gated: readonly Gated[], metric: MetricName): number[] =>
  changesOf(gated, metric).flatMap((c) => c.ratio ?? []);

function table(gated: readonly Gated[]): string {
  const rows = (Object.keys(kinds) as Kind[]).map((kind) => {
    const of = gated.filter((g) => g.kind === kind);
    const margins = changesOf(of, "cpuNsPerMessage").flatMap((c) => c.marginPct ?? []);
    const cells = [
      kind === "same" ? "the same server" : `burning ${burned} times as much`,
      of.length,
      of.filter((g) => g.exitCode === 1).length,
      range(ratiosOf(of, "cpuNsPerMessage"), (v) => v.toFixed(3)),
      range(ratiosOf(of, "throughputHz"), (v) => v.toFixed(3)),
      range(margins, (v) => `${v.toPrecision(2)} %`),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const head = [
    `${cell}, 6 rounds, limit 5 %`,
    "runs",
    "gate failed",
    "CPU per message ÷ baseline",
    "throughput ÷ baseline",
    "noise floor of CPU per message",
  ];
  return [`| ${head.join(" | ")} |`, `| ${head.map(() => "---").join(" | ")} |`, ...rows].join("\n");
}

/** What is not as it must be, a line each. */
function errors(gated: readonly Gated[]): string[] {
  const wrong = gated
    .filter((g) => g.exitCode !== kinds[g.kind].expected)
    .map((g) => `${g.kind} ${g.repetition}: must end with ${kinds[g.kind].expected}, got ${g.exitCode}`);
  const ratios = ratiosOf(
    gated.filter((g) => g.kind === "burning"),
    "cpuNsPerMessage",
  );
  const ratio = ratios.length === 0 ? 0 : median(ratios);
  if (ratio >= burnedRatioMin) return wrong;
  return [
    ...wrong,
    `burning: must cost ${burnedRatioMin} times the baseline's CPU per message or more, got ${ratio.toFixed(3)}`,
  ];
}

async function main(compare: CompareProcess): Promise<number> {
  const gated = await gatedRuns(compare);
  console.log(table(gated));
  const wrong = errors(gated);
  for (const line of wrong) console.error(line);
  process.stderr.write(`the runs are in ${out}\n`);
  return wrong.length === 0 ? 0 : 1;
}

await runBench(main, `interrupted; --out ${out} goes on from here`);
