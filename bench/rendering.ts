/**
 * What the tool takes beside measuring: its usage text, its list of candidates, and a report in every form of a run, by its number of
 * cells. Prints a Markdown table of medians over interleaved rounds. `--rounds` (default 5).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { reportJson } from "../reports/json.ts";
import { defaultReports } from "../runner/cli/flags.ts";
import { type CellSpec, cellId } from "../schemas/cell.ts";
import type { CellResult, Report } from "../schemas/report.ts";
import { median } from "../stats/moments.ts";
import { makeReport } from "../tests/golden/make-report.ts";

const { values: flags } = parseArgs({ options: { rounds: { type: "string", default: "5" } } });
const rounds = Number(flags.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`--rounds: must be a whole number from 1, got ${flags.rounds}`);
  process.exit(2);
}

/** Cells of one candidate each. */
const sizes = [67, 500, 2_000];
const compare = join(import.meta.dir, "..", "runner", "compare.ts");
const folder = mkdtempSync(join(tmpdir(), "tickbench-rendering-"));

interface Row {
  readonly name: string;
  readonly argv: readonly string[];
  readonly samples: { readonly ms: number; readonly cpuMs: number; readonly peakMiB: number }[];
}

/** The same cell with more connections or subscribers, and so under another id. */
function larger(spec: CellSpec, by: number): CellSpec {
  if ("connections" in spec) return { ...spec, connections: spec.connections + by };
  return "subscribers" in spec ? { ...spec, subscribers: spec.subscribers + by } : spec;
}

/** The golden report with its cells again and again at other sizes, until it has `count`. */
function ofSize(report: Report, count: number): Report {
  const results: CellResult[] = [];
  for (let by = 0; results.length < count; by += 7) {
    for (const result of report.results) {
      const params = larger(result.params, by);
      results.push({ ...result, params, cell: cellId(params) });
    }
  }
  return { ...report, results: results.slice(0, count) };
}

async function rowsOf(): Promise<Row[]> {
  const golden = makeReport();
  const rendered = sizes.map(async (size): Promise<Row> => {
    const file = join(folder, String(size), "report.json");
    await Bun.write(file, reportJson(ofSize(golden, size)));
    const argv = ["render", file, "--report", ["json", ...defaultReports].join(","), "--out", `${file}.out`];
    return { name: `render ${size} cells in ${defaultReports.join(", ")}`, argv, samples: [] };
  });
  const asked = ["--version", "--help", "list"].map((word) => ({ name: word, argv: [word], samples: [] }));
  return [...asked, ...(await Promise.all(rendered))];
}

async function measure({ argv, samples, name }: Row): Promise<void> {
  const began = Bun.nanoseconds();
  const child = Bun.spawn([process.execPath, compare, ...argv], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
  });
  const code = await child.exited;
  const ms = (Bun.nanoseconds() - began) / 1e6;
  const use = child.resourceUsage();
  if (code !== 0 || use === undefined) throw new Error(`${name} ended with exit code ${code}`);
  samples.push({ ms, cpuMs: Number(use.cpuTime.total) / 1000, peakMiB: use.maxRSS / 2 ** 20 });
}

try {
  const rows = await rowsOf();
  for (let round = 0; round < rounds; round += 1) for (const row of rows) await measure(row);
  console.log(
    `${rounds} interleaved rounds, medians; ${cpus()[0]?.model}, ${cpus().length} cores, ${process.platform} ${release()}; Bun ${Bun.version}\n`,
  );
  // The system counts what this process held when it started a child as the child's: too much for those that take little.
  console.log("| command | ms | CPU ms | peak memory, MiB |");
  console.log("| --- | ---: | ---: | ---: |");
  for (const { name, argv, samples } of rows) {
    const of = (read: (sample: Row["samples"][number]) => number) => median(samples.map(read)).toFixed(0);
    console.log(
      `| ${name} | ${of((s) => s.ms)} | ${of((s) => s.cpuMs)} | ${argv.length > 1 ? of((s) => s.peakMiB) : ""} |`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
