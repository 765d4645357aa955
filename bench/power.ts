/**
 * What the real command finds of what was planted, on this machine: `bun run bench/power.ts --plant cpu15 --runs 3`. Each run is
 * added to docs/power/runs.json as it ends, so that pieces of it can be run when there is time, and docs/POWER.md is made anew.
 *
 *   --plant NAME[,NAME]   which plants (see bench/power/plants.ts); without it, all
 *   --runs N              runs of each (default 1); each takes another seed
 *   --profile NAME        default standard
 *   --rounds N            instead of the profile's
 *   --out DIR             where the run folders go; a temporary folder unless given
 *   --force               run on a busy machine all the same
 *   --render              only make the page of the runs that are there
 *
 * Ends with 1 where a run of this call gave a false verdict, with 130 where it was interrupted.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { readEventLog } from "../runner/record/event-log.ts";
import { metricKinds } from "../schemas/metric.ts";
import type { Report } from "../schemas/report.ts";
import { validate } from "../schemas/validation.ts";
import { logRatios } from "../stats/log-ratios.ts";
import { variance } from "../stats/moments.ts";
import { type CompareProcess, runBench } from "./compare-process.ts";
import { curveOf, outcomeOf, type StoredRun, storedRun } from "./power/outcome.ts";
import { powerPage } from "./power/page.ts";
import { type Plant, plants, serverArgs } from "./power/plants.ts";

const docs = join(import.meta.dir, "../docs");
const store = join(docs, "power/runs.json");

const flags = readFlags();

function exitWithUsageError(message: string): never {
  console.error(message);
  process.exit(2);
}

function readFlags() {
  try {
    const { values } = parseArgs({
      options: {
        plant: { type: "string" },
        runs: { type: "string", default: "1" },
        profile: { type: "string", default: "standard" },
        rounds: { type: "string" },
        out: { type: "string" },
        force: { type: "boolean", default: false },
        render: { type: "boolean", default: false },
      },
    });
    const runs = Number(values.runs);
    if (!(Number.isInteger(runs) && runs >= 1 && runs <= 100)) {
      exitWithUsageError(`--runs: must be a whole number from 1 to 100, got ${values.runs}`);
    }
    const names = values.plant?.split(",").map((name) => name.trim());
    const unknown = names?.find((name) => !plants.some((plant) => plant.name === name));
    if (unknown !== undefined) {
      exitWithUsageError(
        `--plant: must be of ${plants.map((plant) => plant.name).join(", ")}, got ${unknown}`,
      );
    }
    const chosen = plants.filter((plant) => names === undefined || names.includes(plant.name));
    return { ...values, runs, chosen };
  } catch (error) {
    exitWithUsageError(error instanceof Error ? error.message : String(error));
  }
}

function readRuns(): StoredRun[] {
  if (!existsSync(store)) return [];
  const parsed = validate(z.array(storedRun), JSON.parse(readFileSync(store, "utf8")));
  if ("error" in parsed) exitWithUsageError(`${store}: ${parsed.error.text}; move it away to begin anew`);
  return parsed.data;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function render(runs: readonly StoredRun[]): void {
  for (const { path, text } of powerPage(runs)) write(join(docs, path), text);
}

/** One run of the command with the plant in place. */
async function runOnce(compare: CompareProcess, plant: Plant, seed: number, out: string): Promise<StoredRun> {
  const neighbour =
    plant.neighbourPct === null
      ? null
      : Bun.spawn([
          process.execPath,
          join(import.meta.dir, "fixtures/neighbour.ts"),
          `${plant.neighbourPct}`,
        ]);
  try {
    const rounds = flags.rounds === undefined ? [] : ["--rounds", flags.rounds];
    // The neighbour is what makes the machine busy, and the run is to bear it.
    const force = flags.force || neighbour !== null ? ["--force"] : [];
    const args = [...serverArgs(plant), "--profile", flags.profile, ...rounds, "--seed", `${seed}`];
    const report = await compare.run([...args, "--report", "md", ...force], out);
    return stored(plant, report, realpathSync(join(out, "latest")));
  } finally {
    neighbour?.kill();
    await neighbour?.exited;
  }
}

function stored(plant: Plant, report: Report, folder: string): StoredRun {
  const { started, events } = readEventLog(folder);
  const replicate = report.candidates.find((c) => c.replicateOf !== null);
  const of = (name: string | null | undefined, cell: string) =>
    report.results.find((r) => r.candidate === name && r.cell === cell);
  return {
    plant: plant.name,
    profile: report.run.profile,
    startedAt: report.run.startedAt,
    toolVersion: report.run.toolVersion,
    cpu: report.host.cpu,
    cores: report.host.cores,
    // The interpreter's place is this machine's.
    argv: report.run.argv
      .map((word) => word.replaceAll(process.execPath, "bun"))
      .filter((word) => word !== "--out" && word !== dirname(folder)),
    minutes: report.run.durationMs / 60_000,
    measuringShare: shareOf(report.run),
    calibration: report.noise.calibration.factor,
    curve: curveOf(plant, started, events),
    comparisons: report.comparisons
      .filter((c) => c.declared)
      .map((c) => ({
        cell: c.cell,
        metric: c.metric,
        a: c.a,
        b: c.b,
        ratio: c.ratio,
        ciLow: c.ciLow,
        ciHigh: c.ciHigh,
        equalWithinPct: c.equalWithinPct,
        code: c.code,
        outcome: outcomeOf(plant, c),
      })),
    aaSpread: report.noise.aa.flatMap(({ cell, metric }) => {
      const [x, y] = [
        of(replicate?.id, cell)?.metrics[metric],
        of(replicate?.replicateOf, cell)?.metrics[metric],
      ];
      if (x === undefined || y === undefined || metricKinds[metric].unit === "count") return [];
      const pairs = logRatios(x.perRound, y.perRound);
      return pairs.status === "withheld" ? [] : [{ cell, metric, sd: Math.sqrt(variance(pairs.logs)) }];
    }),
  };
}

/** The share of a run's time that lay in measuring windows, where its report tells it. */
function shareOf(run: object): number | null {
  return "measuringShare" in run && typeof run.measuringShare === "number" ? run.measuringShare : null;
}

async function main(compare: CompareProcess): Promise<number> {
  const out = resolve(flags.out ?? mkdtempSync(join(tmpdir(), "tickbench-power-")));
  let wrong = 0;
  for (const plant of flags.chosen) {
    for (let i = 0; i < flags.runs; i += 1) {
      const runs = readRuns();
      const before = runs.filter((run) => run.plant === plant.name).length;
      process.stderr.write(`${plant.name}: ${plant.title}, run ${i + 1} of ${flags.runs}\n`);
      const run = await runOnce(compare, plant, before + 1, join(out, plant.name));
      const all = [...runs, run];
      write(store, `${JSON.stringify(all, null, 1)}\n`);
      render(all);
      for (const c of run.comparisons.filter(({ outcome }) => outcome === "false")) {
        wrong += 1;
        console.error(
          `${plant.name}: false: ${c.cell} ${c.metric}, ${c.a} ÷ ${c.b} = ${c.ratio?.toPrecision(4)}`,
        );
      }
      const last = run.curve.at(-1);
      console.log(
        `${plant.name} ${run.minutes.toFixed(1)} min ${JSON.stringify({ latency: last?.latency, rate: last?.rate, cost: last?.cost })}`,
      );
    }
  }
  process.stderr.write(`the runs are in ${out}\n`);
  return wrong === 0 ? 0 : 1;
}

if (flags.render) render(readRuns());
else await runBench(main, "interrupted: the runs that ended are kept");
