/**
 * What `--adaptive` would have saved on the noise of finished runs, as Markdown: the tool's own rule after each round of their
 * records. `bun run bench/adaptive.ts [--same] [--permutations 200] RUN_FOLDER...`; the runs must have a fixed number of rounds.
 * `--same` says that all candidates of these runs are one program: then every verdict is a false one.
 */
import { parseArgs } from "node:util";
import { analyse } from "../runner/analysis/report.ts";
import { UsageError } from "../runner/cli/usage-error.ts";
import { type RunStarted, readEventLog } from "../runner/record/event-log.ts";
import type { RunEvent } from "../schemas/event.ts";
import type { Plan } from "../schemas/plan.ts";
import type { Comparison } from "../schemas/report.ts";
import { createRandom } from "../stats/random.ts";
import { shareOf } from "../stats/simulation/share.ts";
import { plantedHead, plantedRows } from "./adaptive-planted.ts";
import { costsMs, type Ending, headlineOnly, replay, twinsAsCandidates } from "./adaptive-replay.ts";

interface Flags {
  readonly folders: readonly string[];
  readonly permutations: number;
  readonly same: boolean;
}

function readFlags(): Flags {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        permutations: { type: "string", default: "200" },
        same: { type: "boolean", default: false },
      },
    });
    const permutations = Number(values.permutations);
    if (!Number.isInteger(permutations) || permutations < 1) {
      throw new UsageError(`--permutations: must be a whole number from 1, got ${values.permutations}`);
    }
    if (positionals.length === 0) throw new UsageError("RUN_FOLDER: must be named, e.g. reports/out/latest");
    return { folders: positionals, permutations, same: values.same };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}

const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const print = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  console.log([line(head), line(head.map(() => "---")), ...rows.map(line), ""].join("\n"));
const seconds = (ms: number) => `${(ms / 1000).toFixed(0)} s`;

const sameComparison = (x: Ending | Comparison, y: Comparison) =>
  x.cell === y.cell && x.metric === y.metric && x.a === y.a && x.b === y.b;

/** A run beside what would have been left of it. */
function tellRun(started: RunStarted, events: readonly RunEvent[]): void {
  const plan: Plan = { ...started.plan, adaptive: true };
  const replayed = replay(plan, events);
  const costs = costsMs(plan, events);
  const tookMs = (some: readonly RunEvent[]) => some.reduce((sum, event) => sum + (costs.get(event) ?? 0), 0);
  const fixed = analyse(started, events).comparisons.filter((c) => c.declared);
  const adaptive = analyse({ ...started, plan }, replayed.kept).comparisons.filter((c) => c.declared);
  const rows = fixed.map((was) => {
    const ending = replayed.endings.find((e) => sameComparison(e, was));
    const now = adaptive.find((c) => sameComparison(c, was));
    const ended = ending === undefined ? ["not measured", ""] : [ending.decision.state, `${ending.rounds}`];
    return [was.cell, was.metric, `${was.a} ÷ ${was.b}`, ...ended, now?.verdict ?? "none", was.verdict];
  });
  const [wholeMs, keptMs] = [tookMs(events), tookMs(replayed.kept)];
  const agree = rows.filter((row) => row.at(-1) === row.at(-2)).length;
  const states = Map.groupBy(replayed.endings, (e) => e.decision.state);
  const count = (state: Ending["decision"]["state"]) => `${states.get(state)?.length ?? 0}`;
  console.log(`## ${started.runId}: ${plan.candidates.map((c) => c.name).join(", ")}\n`);
  print(
    ["rounds", "needed", "decided", "tie", "withheld", "budget", "time", "needed", "saved", "verdicts alike"],
    [
      [
        `${plan.rounds}`,
        `${replayed.roundsRun}`,
        count("decided"),
        count("tie"),
        count("withheld"),
        count("budget"),
        seconds(wholeMs),
        seconds(keptMs),
        `${(100 * (1 - keptMs / wholeMs)).toFixed(0)} %`,
        `${agree} of ${rows.length}`,
      ],
    ],
  );
  print(["cell", "metric", "pair", "ended", "after rounds", "verdict", "verdict of all rounds"], rows);
}

/** Of how many orders of the same rounds one comparison or more is decided. */
function decidedOrders(plan: Plan, events: readonly RunEvent[], permutations: number): string[] {
  const light = headlineOnly(plan, events);
  const random = createRandom(plan.seed);
  let [runs, comparisons, decided] = [0, 0, 0];
  for (let i = 0; i < permutations; i += 1) {
    const order = random.shuffle([...Array(plan.rounds).keys()]);
    const permuted = light.events.map((e) => ("round" in e ? { ...e, round: order[e.round] ?? e.round } : e));
    const { endings } = replay(light.plan, permuted);
    const verdicts = endings.filter((e) => e.decision.state === "decided").length;
    comparisons += endings.length;
    decided += verdicts;
    if (verdicts > 0) runs += 1;
  }
  const { share, low, high } = shareOf(runs, permutations);
  const interval = `${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}`;
  return [`${permutations}`, `${comparisons}`, `${decided}`, `${(100 * share).toFixed(1)} (${interval})`];
}

function tellErrors(
  { plan: fixed, runId }: RunStarted,
  events: readonly RunEvent[],
  flags: Flags,
): string[][] {
  const plan: Plan = { ...fixed, adaptive: true };
  const twins = [
    runId,
    "A/A pair, no floor",
    ...decidedOrders(twinsAsCandidates(plan), events, flags.permutations),
  ];
  if (!flags.same) return [twins];
  return [twins, [runId, "every comparison", ...decidedOrders(plan, events, flags.permutations)]];
}

function main(flags: Flags): void {
  const runs = flags.folders.map((folder) => readEventLog(folder));
  for (const { started } of runs) {
    if (!started.plan.adaptive) continue;
    throw new UsageError(`RUN_FOLDER: must be a run of a fixed number of rounds, got ${started.runId}`);
  }
  for (const { started, events } of runs) tellRun(started, events);
  console.log("## False verdicts, over the same rounds in random orders\n");
  const head = [
    "run",
    "one program twice",
    "orders",
    "comparisons",
    "verdicts",
    "orders with any, % (99 % interval)",
  ];
  print(
    head,
    runs.flatMap(({ started, events }) => tellErrors(started, events, flags)),
  );
  console.log("## A difference of 10 % on the noise of the A/A pair\n");
  for (const { started, events } of runs) {
    console.log(`${started.runId}\n`);
    print(plantedHead, plantedRows(started.plan, events));
  }
}

try {
  main(readFlags());
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message.replace("--resume: ", ""));
  process.exit(2);
}
