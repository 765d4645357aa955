/**
 * What a verdict is worth, shown by the real command on this machine, as Markdown:
 * - A/A: several names for one program, one run on each runtime. No verdict may come of it.
 * - Two programs of which one burns 10 % more CPU for each message. That must be found.
 *
 * `bun run bench/verdicts.ts [--rounds 20] [--burning-rounds 40] [--out DIR] [--force]`, some three minutes a run.
 * Ends with 1 where either is not so, with 130 where it was interrupted.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { findCommands } from "../runner/candidates/commands.ts";
import { parseArgs as parseCompareArgs } from "../runner/cli/args.ts";
import { makePlan } from "../runner/plan/plan.ts";
import type { Comparison, Report } from "../schemas/report.ts";
import { type CompareProcess, runBench } from "./compare-process.ts";

/** One message in flight on one connection would measure the machine's wake-ups, and JSON costs a parse of the client's own. */
const burningCell = "echo/sbe/c4w128";
const burningServer = "bench/fixtures/burning-server.ts";
const burned = 1.1;
/** How far the ratio's interval may lie from what was burned: what the echo itself costs takes some 0.005 of it, the rest is noise. */
const burnedTolerance = 0.03;

const flags = readFlags();
const rounds = roundsOf("rounds", flags.rounds);
const burningRounds = roundsOf("burning-rounds", flags["burning-rounds"]);
const out = resolve(flags.out ?? mkdtempSync(join(tmpdir(), "tickbench-verdicts-")));
const common = ["--report", "md", ...(flags.force ? ["--force"] : [])];

function readFlags() {
  try {
    return parseArgs({
      options: {
        rounds: { type: "string", default: "20" },
        "burning-rounds": { type: "string", default: "40" },
        out: { type: "string" },
        force: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}

function roundsOf(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 2 && value <= 1000) return value;
  console.error(`--${flag}: must be a whole number from 2 to 1000, got ${text}`);
  process.exit(2);
}

/** The command of a candidate, word for word as the runner starts it, and the headline cells of a run. */
async function programOf(candidate: string) {
  const invocation = parseCompareArgs(["--candidates", candidate], "0");
  if (invocation.kind !== "run") throw new Error("expected a run");
  const plan = makePlan(invocation.options);
  const { commands, unavailable } = await findCommands(plan.candidates);
  const command = commands.get(candidate);
  if (command === undefined) throw new Error(`${candidate}: ${unavailable.get(candidate)?.reason}`);
  const headline = plan.cells.filter((cell) => cell.headline.length > 0).map((cell) => cell.id);
  return { command: command.map((word) => `"${word}"`).join(" "), headline };
}

const isVerdict = ({ verdict }: Comparison) => verdict === "a-better" || verdict === "b-better";
const declaredOf = ({ comparisons }: Report) => comparisons.filter((c) => c.declared);
const pct = (value: number | null) => (value === null ? "none" : `${value.toPrecision(2)} %`);
const row = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");

/** A run of one program under three names: its own, the A/A twin's, and one that comes by `--candidate`. */
async function sameProgram(compare: CompareProcess, candidate: string): Promise<Report> {
  const again = `${candidate}-again`;
  const { command, headline } = await programOf(candidate);
  const args = ["--candidates", `${candidate},${again}`, "--candidate", `${again}=${command}`];
  const folder = join(out, `same-${candidate.replace("/", "-")}`);
  return compare.run(
    [...args, "--workloads", headline.join(","), "--rounds", `${rounds}`, ...common],
    folder,
  );
}

function sameTable(reports: readonly Report[]): string {
  const rows = reports.map((report) => {
    const declared = declaredOf(report);
    const beyondOne = declared.filter((c) => (c.ciLow ?? 0) > 1 || (c.ciHigh ?? 2) < 1);
    return [
      report.candidates.map((c) => c.id).join(", "),
      report.run.roundsRun,
      declared.length,
      declared.filter(isVerdict).length,
      declared.filter((c) => c.verdict === "withheld").length,
      beyondOne.length,
      report.noise.calibration.factor.toFixed(2),
      `${Math.round(report.run.durationMs / 1000)} s`,
    ];
  });
  const head = [
    "names of one program",
    "rounds",
    "comparisons declared",
    "verdicts",
    "withheld",
    "intervals without 1",
    "intervals widened by",
    "took",
  ];
  return table(head, rows);
}

function burningRun(compare: CompareProcess): Promise<Report> {
  const servers = [
    ["plain", 1],
    ["burning", burned],
  ].flatMap(([name, factor]) => ["--candidate", `${name}="${process.execPath}" ${burningServer} ${factor}`]);
  const args = ["--candidates", "plain,burning", ...servers, "--workloads", burningCell];
  return compare.run([...args, "--rounds", `${burningRounds}`, ...common], join(out, "burning"));
}

function burningTable(report: Report): string {
  const { roundsRun, durationMs } = report.run;
  const rows = declaredOf(report).map((c) => [
    c.metric,
    c.ratio?.toFixed(3) ?? "none",
    `${c.ciLow?.toFixed(3) ?? "none"} to ${c.ciHigh?.toFixed(3) ?? "none"}`,
    pct(c.equalWithinPct),
    pct(c.detectablePct),
    c.pHolm?.toPrecision(2) ?? "none",
    nameOf(c),
  ]);
  const head = [
    `${burningCell}, ${roundsRun} rounds, ${Math.round(durationMs / 1000)} s`,
    "burning ÷ plain",
    "95 % interval",
    "equal within",
    "minimum detectable effect",
    "p after Holm",
    "verdict",
  ];
  return table(head, rows);
}

function nameOf({ verdict, a, b }: Comparison): string {
  if (verdict === "a-better") return `${a} is better`;
  return verdict === "b-better" ? `${b} is better` : verdict;
}

/** What is not as it must be, a line each. */
function complaints(same: readonly Report[], burning: Report): string[] {
  const wrong = same
    .flatMap(declaredOf)
    .filter(isVerdict)
    .map((c) => `${c.cell} ${c.metric}: ${nameOf(c)}, and ${c.a} and ${c.b} are one program`);
  const declared = declaredOf(burning);
  const impossible = declared
    .filter((c) => nameOf(c) === "burning is better")
    .map((c) => `${c.metric}: nothing can be better for burning more`);
  const cpu = declared.find((c) => c.metric === "cpuNsPerMessage");
  const [low, high] = [cpu?.ciLow ?? Infinity, cpu?.ciHigh ?? 0];
  const mistuned = low > burned + burnedTolerance || high < burned - burnedTolerance;
  return [
    ...wrong,
    ...impossible,
    ...(mistuned
      ? [`cpuNsPerMessage: the interval must reach ${burned} ± ${burnedTolerance}, got ${low} to ${high}`]
      : []),
    ...(cpu !== undefined && nameOf(cpu) === "plain is better"
      ? []
      : [`cpuNsPerMessage: 10 % more was not found, got ${cpu?.why ?? cpu?.verdict ?? "nothing"}`]),
  ];
}

async function main(compare: CompareProcess): Promise<number> {
  const same: Report[] = [];
  for (const candidate of ["bun/serve", "node/ws"]) {
    process.stderr.write(`A/A: ${candidate} under three names, ${rounds} rounds\n`);
    same.push(await sameProgram(compare, candidate));
  }
  process.stderr.write(`10 % more CPU a message, ${burningRounds} rounds\n`);
  const burning = await burningRun(compare);
  console.log(`${sameTable(same)}\n\n${burningTable(burning)}`);
  const wrong = complaints(same, burning);
  for (const line of wrong) console.error(line);
  process.stderr.write(`the runs are in ${out}\n`);
  return wrong.length === 0 ? 0 : 1;
}

await runBench(main, "interrupted");
