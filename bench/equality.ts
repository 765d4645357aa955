/**
 * Each candidate beside a minimal server of the same framework (bench/minimal), as Markdown: what the shared rules cost.
 * Rounds are interleaved, a fresh process each, the order of the two drawn anew; medians of the rounds' ratios with
 * their intervals. About ten minutes for all candidates. Ends with 1 where a difference has no reason in docs/candidates.md.
 * `bun run bench/equality.ts [--rounds 7] [--candidates 'node/*,bun/ws']`; rows that were measured again replace those of that document.
 */
import { parseArgs } from "node:util";
import { formatDuration } from "../reports/format.ts";
import { LoadClient } from "../runner/load-client.ts";
import { Children } from "../runner/process/children.ts";
import { describePins, planPins, readTopology } from "../runner/process/pin.ts";
import { matchesGlobs, splitGlobs } from "../schemas/glob.ts";
import { candidates } from "../servers/manifest.ts";
import { createRandom } from "../stats/random.ts";
import { type Bench, type Figures, measure, type Program, programsOf } from "./equality/measure.ts";
import type { Compared } from "./equality/reasons.ts";
import { type Row, tableOf, unexplained, verdictOf } from "./equality/table.ts";

type Pair = readonly [own: Program, minimal: Program];
type Ratio = Record<Compared, Figures>;

const workloads = ["echo", "push"] as const;
const { values: flags } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, candidates: { type: "string", default: "*" } },
});
const rounds = Number(flags.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`--rounds: must be a whole number from 1, got ${flags.rounds}`);
  process.exit(2);
}
const globs = splitGlobs(flags.candidates);
const chosen = candidates.filter(({ id }) => matchesGlobs(id, globs));
if (chosen.length === 0) {
  console.error(
    `--candidates: ${flags.candidates} matches none of ${candidates.map(({ id }) => id).join(", ")}`,
  );
  process.exit(2);
}
const random = createRandom(1);

/** Candidate ÷ minimal server of every figure, measured one after the other. */
async function compare(bench: Bench, [own, minimal]: Pair): Promise<Ratio> {
  const [a, b] = random.uniform() < 0.5 ? [own, minimal] : [minimal, own];
  const [first, second] = [await measure(bench, a), await measure(bench, b)];
  const [ours, theirs] = a === own ? [first, second] : [second, first];
  return { echo: ratioOf(ours.echo, theirs.echo), push: ratioOf(ours.push, theirs.push) };
}

function ratioOf(own: Figures, minimal: Figures): Figures {
  return {
    throughputHz: own.throughputHz / minimal.throughputHz,
    cpuNsPerMessage: own.cpuNsPerMessage / minimal.cpuNsPerMessage,
  };
}

/** The ratios of every round of each candidate that runs here. */
async function compareAll(bench: Bench): Promise<ReadonlyMap<string, readonly Ratio[]>> {
  const pairs: [string, Pair][] = [];
  for (const candidate of chosen) {
    const pair = await programsOf(candidate);
    if (pair !== null) pairs.push([candidate.id, pair]);
  }
  const ratios = new Map<string, Ratio[]>(pairs.map(([id]) => [id, []]));
  const beganMs = performance.now();
  const total = rounds * pairs.length;
  for (let done = 0; done < total; done++) {
    const round = Math.floor(done / pairs.length) + 1;
    const [id, pair] = pairs[done % pairs.length]!;
    try {
      ratios.get(id)!.push(await compare(bench, pair));
    } catch (error) {
      // What the other rounds have measured is kept; the exit code tells that this one is missing.
      process.stderr.write(
        `round ${round}/${rounds} · left out: ${error instanceof Error ? error.message : error}\n`,
      );
      process.exitCode = 1;
    }
    const leftMs = ((performance.now() - beganMs) / (done + 1)) * (total - done - 1);
    process.stderr.write(`round ${round}/${rounds} · ${id} · ${formatDuration(leftMs)} left\n`);
  }
  return ratios;
}

function rowsOf(ratios: ReadonlyMap<string, readonly Ratio[]>): Row[] {
  return chosen.flatMap(({ id }) =>
    workloads.map((workload) => {
      const found = ratios.get(id)?.map((ratio) => ratio[workload]);
      if (found === undefined || found.length === 0) return { candidate: id, workload, ratios: null };
      return {
        candidate: id,
        workload,
        ratios: {
          throughput: found.map(({ throughputHz }) => throughputHz),
          cpuPerMessage: found.map(({ cpuNsPerMessage }) => cpuNsPerMessage),
        },
      };
    }),
  );
}

const pins = planPins(readTopology());
const children = new Children();
const load = new LoadClient(children, pins.pinned ? pins.load : null);
try {
  const rows = rowsOf(await compareAll({ load, children, pins }));
  console.log(`Candidate ÷ minimal server, medians of ${rounds} rounds; ${describePins(pins)}\n`);
  console.log(tableOf(rows));
  if (rows.some((row) => verdictOf(row) === unexplained)) process.exitCode = 1;
} finally {
  await load.stop();
  await children.close();
}
