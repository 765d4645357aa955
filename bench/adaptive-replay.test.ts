import { expect, test } from "bun:test";
import { parseArgs } from "../runner/cli/args.ts";
import { runExperiment } from "../runner/experiment.ts";
import { noisyRun } from "../runner/fixtures/noisy-run.ts";
import { openTrials } from "../runner/plan/adaptive.ts";
import { makePlan } from "../runner/plan/plan.ts";
import type { RunEvent } from "../schemas/event.ts";
import type { Measurement } from "../schemas/load.ts";
import type { Plan } from "../schemas/plan.ts";
import { costsMs, replay, twinsAsCandidates } from "./adaptive-replay.ts";

function planOf(): Plan {
  const argv = ["--rounds", "16", "--candidates", "bun/serve,node/ws,node/hono", "--workloads", "echo,push"];
  const invocation = parseArgs(argv, "0");
  if (invocation.kind !== "run") throw new Error("expected a run");
  return makePlan(invocation.options);
}

const slower = (name: string) => ({ "node/ws": 1.15, "node/hono": 3 })[name] ?? 1;
const fixed = planOf();
const { events } = await noisyRun({ plan: fixed, seed: 5, noise: 0.03, slower });
const plan = { ...fixed, adaptive: true };
const trial = (candidate: string, cell: string, round: number) => [candidate, cell, round].join(" ");
const trialsOf = (some: readonly RunEvent[]) =>
  some.flatMap((e) => (e.type === "trial-finished" ? [trial(e.candidate, e.cell, e.round)] : []));

/** The experiment itself, stopping early, on a bench that gives each trial what the record says of it. */
async function experimentTrials(): Promise<string[]> {
  const known = new Map<string, Measurement>();
  const ceilings = new Map<string, number>();
  for (const e of events) {
    if (e.type === "ceiling-measured") ceilings.set(e.cell, e.ceilingHz);
    if (e.type === "trial-finished") known.set(trial(e.candidate, e.cell, e.round), e.measurement);
  }
  const recorded: RunEvent[] = [];
  let now = 0;
  let name = "";
  await runExperiment({
    plan,
    bench: {
      async start(candidate) {
        name = candidate.name;
        return { server: { startupNs: 1, ready: null, alive: () => true, stop: async () => null } };
      },
      async warm() {
        return null;
      },
      async close() {},
      async measure(_, cell) {
        const measurement = known.get(trial(name, cell.id, now));
        if (measurement === undefined) throw new Error(`${name} was not measured in round ${now}`);
        return { measurement };
      },
      async ceiling(cells) {
        return new Map(cells.map(({ id }) => [id, ceilings.get(id) ?? 0]));
      },
    },
    record: (event) => recorded.push(event),
    done: [],
    unavailable: new Set(),
    now: () => new Date(0),
    openTrials: (round) => {
      now = round;
      return openTrials(plan, recorded);
    },
    stopping: () => false,
  });
  return trialsOf(recorded);
}

test("keeps the trials that the experiment itself would have run, in its order", async () => {
  const { kept, roundsRun } = replay(plan, events);
  expect(trialsOf(kept)).toEqual(await experimentTrials());
  expect(roundsRun).toBeLessThan(fixed.rounds);
  expect(kept.length).toBeLessThan(0.9 * events.length);
});

test("comparisons end at different rounds, and the larger difference first", () => {
  const { endings } = replay(plan, events);
  expect(new Set(endings.map((e) => e.decision.state))).toEqual(new Set(["decided"]));
  const last = (a: string) => Math.max(...endings.filter((e) => e.a === a).map((e) => e.rounds));
  expect(last("node/hono")).toBeLessThan(last("node/ws"));
});

test("the A/A pair as two candidates is a comparison without a floor", () => {
  const twins = twinsAsCandidates(plan);
  expect(twins.candidates.map((c) => c.name)).toEqual(["bun/serve", "bun/serve#2"]);
  const { endings } = replay(twins, events);
  expect(new Set(endings.map(({ a, b }) => `${a} ${b}`))).toEqual(new Set(["bun/serve#2 bun/serve"]));
});

test("an event took the time since the one before, and a server's warm-up is the server's", () => {
  const at = (ms: number) => new Date(ms).toISOString();
  const [start, first] = ["server-started", "trial-finished"].map((type) =>
    events.find((e) => e.type === type),
  );
  if (start === undefined || first === undefined) throw new Error("expected both");
  const timed = [
    { ...start, at: at(0) },
    { ...first, at: at(1000) },
    { ...first, at: at(1100) },
    { ...start, at: at(1150) },
    { ...first, at: at(1200) },
  ] as RunEvent[];
  const costs = costsMs({ ...plan, processWarmupMs: 400 }, timed);
  expect(timed.map((event) => costs.get(event))).toEqual([400, 600, 100, 100, 0]);
});
