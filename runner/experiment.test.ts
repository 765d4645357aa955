import { describe, expect, test } from "bun:test";
import type { RunEvent } from "../schemas/event.ts";
import type { Measurement } from "../schemas/load.ts";
import type { Plan, PlannedCandidate, PlannedCell } from "../schemas/plan.ts";
import { type Options, parseArgs } from "./cli/args.ts";
import { type Bench, type RunningServer, runExperiment, type TrialFailure } from "./experiment.ts";
import { makePlan } from "./plan/plan.ts";

const measurement: Measurement = {
  elapsedNs: 1e8,
  sent: 10,
  metrics: { throughputHz: 100 },
  ledger: { due: 10, delivered: 10, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 },
  histograms: { latency: null, first: null, last: null, skew: null, lateness: null },
  slices: [],
  server: null,
  generator: {
    cpuNs: 1,
    waitNs: null,
    latenessNsP50: null,
    latenessNsP99: null,
    latenessNsMax: null,
    hiccupNsMax: null,
    turnaroundNsMean: null,
  },
  cores: [],
  mitataNsP50: null,
  feed: null,
};

/** Without its A/A twin, so that each test has the candidates it names. */
function planOf(...argv: string[]): Plan {
  const invocation = parseArgs(["--profile", "smoke", "--workloads", "echo,push", ...argv], "0");
  if (invocation.kind !== "run") throw new Error("expected a run");
  const plan = makePlan(invocation.options satisfies Options);
  return { ...plan, candidates: plan.candidates.filter((c) => c.twinOf === null) };
}

/** A bench without processes: it notes what is asked of it, and fails where `faults` says. */
class FakeBench implements Bench {
  readonly calls: string[] = [];
  running = 0;
  #names = new Map<RunningServer, { name: string; alive: boolean }>();
  readonly faults: {
    start?: (name: string) => TrialFailure | null;
    warm?: (name: string) => TrialFailure | null;
    measure?: (
      name: string,
      cell: string,
      call: number,
    ) => TrialFailure | Partial<Measurement> | "dies" | null;
  };

  constructor(faults: FakeBench["faults"] = {}) {
    this.faults = faults;
  }

  async start({ name }: PlannedCandidate) {
    this.calls.push(`start ${name}`);
    const failure = this.faults.start?.(name) ?? null;
    if (failure !== null) return { failure };
    this.running += 1;
    const state = { name, alive: true };
    const server: RunningServer = {
      startupNs: 1,
      ready: ready(name),
      alive: () => state.alive,
      stop: async () => {
        this.calls.push(`stop ${name}`);
        this.running -= 1;
        return null;
      },
    };
    this.#names.set(server, state);
    return { server };
  }

  async warm(server: RunningServer) {
    const state = this.#names.get(server);
    const death = this.faults.warm?.(state?.name ?? "") ?? null;
    if (death !== null && state !== undefined) state.alive = false;
    return { cells: [], death };
  }

  async close(): Promise<void> {}

  async measure(server: RunningServer, cell: PlannedCell) {
    const state = this.#names.get(server);
    const name = state?.name ?? "";
    this.calls.push(`measure ${name} ${cell.id}`);
    const outcome = this.faults.measure?.(name, cell.id, this.calls.length) ?? null;
    if (outcome === "dies" && state !== undefined) {
      state.alive = false;
      return { failure: { phase: "measure" as const, reason: "it died", stderr: ["last words"] } };
    }
    if (outcome !== null && typeof outcome === "object" && "phase" in outcome) return { failure: outcome };
    return { measurement: { ...measurement, ...(outcome as Partial<Measurement> | null) } };
  }

  async ceiling(cells: readonly PlannedCell[]) {
    return { ceilings: new Map(cells.map((cell) => [cell.id, { ceilingHz: 1e6 }])), slowdown: null };
  }
}

function ready(candidate: string): RunningServer["ready"] {
  const options = {
    compression: false,
    maxPayloadBytes: 1,
    backpressureLimitBytes: 1,
    slowConsumer: "disconnect" as const,
    idleTimeoutSeconds: 0,
    noDelay: true,
    utf8Validation: true,
    backlog: null,
    broadcast: ["loop" as const],
  };
  const versioned = { name: "x", version: "1" };
  return { ready: true, port: 1, candidate, runtime: versioned, framework: versioned, options };
}

async function runWith(plan: Plan, bench: FakeBench, done: RunEvent[] = [], stopping = () => false) {
  const events: RunEvent[] = [];
  await runExperiment({
    plan,
    bench,
    record: (event) => events.push(event),
    done,
    unavailable: new Set(),
    now: () => new Date(0),
    stopping,
  });
  expect(bench.running).toBe(0);
  return events;
}

const count = (events: readonly RunEvent[], type: RunEvent["type"]) =>
  events.filter((e) => e.type === type).length;

describe("runExperiment", () => {
  test("a fresh server for each candidate and round, and each cell once", async () => {
    const plan = planOf();
    const bench = new FakeBench();
    const events = await runWith(plan, bench);
    expect(count(events, "server-started")).toBe(plan.candidates.length * plan.rounds);
    expect(count(events, "trial-finished")).toBe(plan.candidates.length * plan.rounds * plan.cells.length);
    expect(count(events, "ceiling-measured")).toBe(plan.cells.length * 2);
    expect(count(events, "trial-failed")).toBe(0);
  });

  test("--process-per-trial starts a server for each cell", async () => {
    const plan = planOf("--process-per-trial", "--candidates", "node/ws");
    const events = await runWith(plan, new FakeBench());
    expect(count(events, "server-started")).toBe(plan.rounds * plan.cells.length);
  });

  test("a candidate that cannot start is given up after two rounds, and the rest goes on", async () => {
    const plan = planOf("--rounds", "5");
    const refuse = (name: string) =>
      name === "node/ws" ? { phase: "start" as const, reason: "no ready line", stderr: ["boom"] } : null;
    const bench = new FakeBench({ start: refuse });
    const events = await runWith(plan, bench);
    expect(bench.calls.filter((c) => c === "start node/ws").length).toBe(2);
    expect(count(events, "trial-failed")).toBe(2);
    expect(events.find((e) => e.type === "trial-failed")).toMatchObject({
      candidate: "node/ws",
      cell: null,
      phase: "start",
      reason: "no ready line",
      stderr: ["boom"],
    });
    expect(count(events, "trial-finished")).toBe(3 * 5 * plan.cells.length);
  });

  test("a server that dies in a trial fails that cell alone; the next gets a fresh one", async () => {
    const plan = planOf("--rounds", "1", "--candidates", "node/ws");
    const victim = plan.cells[1]?.id ?? "";
    const bench = new FakeBench({ measure: (_, cell) => (cell === victim ? "dies" : null) });
    const events = await runWith(plan, bench);
    expect(count(events, "trial-failed")).toBe(1);
    expect(count(events, "trial-finished")).toBe(plan.cells.length - 1);
  });

  test("a server that dies while it is warmed fails in no cell, and is given up after two rounds", async () => {
    const plan = planOf("--rounds", "5", "--candidates", "node/ws,bun/serve");
    const death = { phase: "warm-up" as const, reason: "the server was lost", stderr: ["out of heap"] };
    const bench = new FakeBench({ warm: (name) => (name === "node/ws" ? death : null) });
    const events = await runWith(plan, bench);
    expect(events.filter((e) => e.type === "trial-failed")).toMatchObject([
      { candidate: "node/ws", cell: null, round: 0, ...death },
      { candidate: "node/ws", cell: null, round: 1, ...death },
    ]);
    expect(bench.calls.filter((c) => c.startsWith("measure node/ws"))).toEqual([]);
    expect(count(events, "trial-finished")).toBe(5 * plan.cells.length);
  });

  test("with a process for each trial, the warm-up is of one cell, which is what failed", async () => {
    const plan = planOf("--process-per-trial", "--rounds", "1", "--candidates", "node/ws");
    let servers = 0;
    const death = { phase: "warm-up" as const, reason: "the server was lost", stderr: [] };
    const bench = new FakeBench({
      warm: () => {
        servers += 1;
        return servers === 2 ? death : null;
      },
    });
    const events = await runWith(plan, bench);
    const [failed, ...more] = events.filter((e) => e.type === "trial-failed");
    expect(more).toEqual([]);
    expect(failed?.cell).not.toBeNull();
    expect(count(events, "trial-finished")).toBe(plan.cells.length - 1);
  });

  test("what the generator lost by itself is recorded as such, and gives nobody up", async () => {
    const plan = planOf("--rounds", "4", "--candidates", "node/ws");
    const victim = plan.cells[0]?.id ?? "";
    const lost = {
      phase: "measure" as const,
      reason: "the load generator was lost",
      stderr: [],
      fault: "generator" as const,
    };
    const bench = new FakeBench({ measure: (_, cell) => (cell === victim ? lost : null) });
    const events = await runWith(plan, bench);
    const failed = events.filter((e) => e.type === "trial-failed");
    expect(failed.map((e) => e.type === "trial-failed" && [e.cell, e.round, e.fault])).toEqual(
      [0, 1, 2, 3].map((round) => [victim, round, "generator"]),
    );
  });

  test("a late generator voids a trial, which is done again up to three times", async () => {
    const plan = planOf("--rounds", "3", "--candidates", "node/ws,bun/serve");
    const late = { generator: { ...measurement.generator, latenessNsP99: 5e6 } };
    const victim = plan.cells[0]?.id ?? "";
    const bench = new FakeBench({
      measure: (name, cell) => (name === "node/ws" && cell === victim ? late : null),
    });
    const events = await runWith(plan, bench);
    const trials = events.filter(
      (e) => e.type === "trial-finished" && e.candidate === "node/ws" && e.cell === victim,
    );
    // Two repeats are the run's allowance: 5 % of its 24 trials, rounded up.
    expect(trials.map((e) => e.type === "trial-finished" && [e.round, e.attempt, e.void !== null])).toEqual([
      [0, 1, true],
      [0, 2, true],
      [0, 3, true],
      [1, 1, true],
      [2, 1, true],
    ]);
  });

  test("a contaminated trial is done again, and at last counted with its doubt", async () => {
    const plan = planOf("--rounds", "3", "--candidates", "node/ws,bun/serve");
    const foreign = { cores: [{ core: 1, elapsedNs: 1e8, busyNs: 9e7, foreignNs: 5e7, stealNs: 0 }] };
    const victim = plan.cells[0]?.id ?? "";
    const bench = new FakeBench({
      measure: (name, cell) => (name === "node/ws" && cell === victim ? foreign : null),
    });
    const events = await runWith(plan, bench);
    const first = events.filter(
      (e) => e.type === "trial-finished" && e.candidate === "node/ws" && e.cell === victim && e.round === 0,
    );
    expect(first.map((e) => e.type === "trial-finished" && [e.void !== null, e.doubt?.code])).toEqual([
      [true, "foreign-cpu"],
      [true, "foreign-cpu"],
      [false, "foreign-cpu"],
    ]);
  });

  test("what an earlier, cut run has measured is not measured again", async () => {
    const plan = planOf();
    const whole = await runWith(plan, new FakeBench());
    const cut = whole.slice(0, Math.floor(whole.length / 3));
    const rest = await runWith(plan, new FakeBench(), cut);
    const keys = (events: readonly RunEvent[]) =>
      events
        .flatMap((e) => (e.type === "trial-finished" ? [`${e.candidate} ${e.cell} ${e.round}`] : []))
        .sort();
    expect(keys([...cut, ...rest])).toEqual(keys(whole));
  });

  test("an interrupt ends it at the next boundary, without a failure", async () => {
    const plan = planOf();
    const bench = new FakeBench();
    const events = await runWith(plan, bench, [], () => bench.calls.length >= 4);
    expect(count(events, "trial-failed")).toBe(0);
    expect(bench.calls.length).toBeLessThan(8);
  });
});
