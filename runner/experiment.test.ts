import { describe, expect, spyOn, test } from "bun:test";
import type { RunEvent } from "../schemas/event.ts";
import type { Measurement, WindowAsked } from "../schemas/load.ts";
import type { Plan, PlannedCandidate, PlannedCell } from "../schemas/plan.ts";
import {
  type Bench,
  type Opened,
  type RunningServer,
  runExperiment,
  type TrialFailure,
} from "./experiment.ts";
import { planFrom } from "./fixtures/planned.ts";
import { depths } from "./plan/depth.ts";

const measurement: Measurement = {
  windowMs: 40,
  events: 10,
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

/** Without its A/A replicate, so that each test has the candidates it names. */
function planOf(...argv: string[]): Plan {
  const plan = planFrom("--profile", "smoke", "--workloads", "echo,push", ...argv);
  return { ...plan, candidates: plan.candidates.filter((c) => c.replicateOf === null) };
}

/** A bench without processes: it notes what is asked of it, and fails where `faults` says. */
class FakeBench implements Bench {
  readonly calls: string[] = [];
  readonly asked: WindowAsked[] = [];
  /** Warm-ups in the order of the openings, in ms. */
  readonly warmed: { readonly name: string; readonly cell: string; readonly ms: number }[] = [];
  running = 0;
  openCells = 0;
  #names = new Map<RunningServer, { name: string; alive: boolean }>();
  readonly faults: {
    start?: (name: string) => TrialFailure | null;
    /** Of opening a cell, which warms the server: one that fails has died of it. */
    open?: (name: string, cell: string) => TrialFailure | null;
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
      hold: () => {
        this.calls.push(`hold ${name}`);
        return () => void this.calls.push(`release ${name}`);
      },
      stop: async () => {
        this.calls.push(`stop ${name}`);
        this.running -= 1;
        return null;
      },
    };
    this.#names.set(server, state);
    return { server };
  }

  async close(): Promise<void> {}

  async open(server: RunningServer, cell: PlannedCell): Promise<Opened> {
    const state = this.#names.get(server);
    const name = state?.name ?? "";
    this.calls.push(`open ${name} ${cell.id}`);
    this.warmed.push({ name, cell: cell.id, ms: cell.spec.warmupMs });
    const failure = this.faults.open?.(name, cell.id) ?? null;
    if (failure !== null) {
      if (state !== undefined) state.alive = false;
      return { failure };
    }
    this.openCells += 1;
    return {
      cell: {
        warmUp: { connectMs: 1, warmUpMs: 1 },
        window: async (asked) => {
          this.asked.push(asked);
          this.calls.push(`measure ${name} ${cell.id}`);
          const outcome = this.faults.measure?.(name, cell.id, this.calls.length) ?? null;
          const failed = (failure: TrialFailure) => {
            this.openCells -= 1;
            return { failure };
          };
          if (outcome === "dies") {
            if (state !== undefined) state.alive = false;
            return failed({ phase: "measure", reason: "it died", stderr: ["last words"] });
          }
          if (outcome !== null && "phase" in outcome) return failed(outcome);
          return { measurement: { ...measurement, ...outcome } };
        },
        close: async () => {
          this.openCells -= 1;
        },
      },
    };
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
    broadcast: ["send" as const],
  };
  const versioned = { name: "x", version: "1" };
  return { ready: true, port: 1, candidate, runtime: versioned, framework: versioned, options };
}

async function runWith(
  plan: Plan,
  bench: FakeBench,
  done: RunEvent[] = [],
  stopping = () => false,
  together = Number.POSITIVE_INFINITY,
) {
  const events: RunEvent[] = [];
  await runExperiment({
    plan,
    bench,
    record: (event) => events.push(event),
    done,
    unavailable: new Set(),
    now: () => new Date(0),
    cellsOf: () => null,
    together,
    stopping,
  });
  expect([bench.running, bench.openCells]).toEqual([0, 0]);
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

  describe("the visits of a round", () => {
    const twoOf = (...argv: string[]) => planOf("--rounds", "1", "--candidates", "node/ws,bun/ws", ...argv);
    const opened = (bench: FakeBench) =>
      bench.calls.filter((c) => c.startsWith("open")).map((c) => c.split(" ").slice(1));

    test("go side by side, cell by cell, on one server each", async () => {
      const plan = twoOf();
      const bench = new FakeBench();
      await runWith(plan, bench);
      const cells = opened(bench).map(([, cell]) => cell);
      expect(cells.filter((cell, i) => i === 0 || cell !== cells[i - 1])).toHaveLength(plan.cells.length);
      for (let i = 0; i < cells.length; i += 2)
        expect(
          new Set(
            opened(bench)
              .slice(i, i + 2)
              .map(([name]) => name),
          ),
        ).toEqual(new Set(["node/ws", "bun/ws"]));
      expect(bench.calls.filter((c) => c.startsWith("start"))).toHaveLength(2);
    });

    test("hold every server still but the one that is measured", async () => {
      const bench = new FakeBench();
      await runWith(twoOf(), bench);
      const running = new Set<string>();
      for (const call of bench.calls) {
        const [verb = "", name = ""] = call.split(" ");
        if (verb === "start" || verb === "release") running.add(name);
        if (verb === "hold" || verb === "stop") running.delete(name);
        if (verb === "open" || verb === "measure") expect([...running]).toEqual([name]);
      }
      expect(bench.calls.some((c) => c.startsWith("hold"))).toBe(true);
      expect(bench.calls.filter((c) => c.startsWith("release")).length).toBe(
        bench.calls.filter((c) => c.startsWith("hold")).length,
      );
    });

    test("take turns window by window, every second time in the reverse order", async () => {
      const plan = twoOf("--profile", "standard", "--workloads", "fanout/json/send/s100@200Hz");
      const bench = new FakeBench();
      await runWith(plan, bench);
      const windows = plan.cells[0]!.windows;
      const calls = bench.calls.filter((c) => /^(open|measure)/.test(c)).map((c) => c.split(" ").slice(0, 2));
      const [first, second] = [calls[0]![1]!, calls[1]![1]!];
      const turns = Array.from({ length: windows }, (_, turn) =>
        (turn % 2 === 0 ? [first, second] : [second, first]).map((name) => ["measure", name]),
      );
      expect(first).not.toBe(second);
      expect(calls).toEqual([["open", first], ["open", second], ...turns.flat()]);
    });

    test("go on without the one whose server dies", async () => {
      const plan = twoOf("--profile", "standard", "--workloads", "fanout/json/send/s100@200Hz");
      let looks = 0;
      const bench = new FakeBench({
        measure: (name) => {
          looks += name === "node/ws" ? 1 : 0;
          return name === "node/ws" && looks === 2 ? "dies" : null;
        },
      });
      const events = await runWith(plan, bench);
      const finished = events.flatMap((e) => (e.type === "trial-finished" ? [[e.candidate, e.missing]] : []));
      expect(finished).toEqual([["bun/ws", 0]]);
      expect(count(events, "trial-failed")).toBe(1);
    });

    test("follow each other where servers may not be alive together", async () => {
      const plan = twoOf();
      const bench = new FakeBench();
      await runWith(plan, bench, [], () => false, 1);
      const names = opened(bench).map(([name]) => name);
      expect(names.filter((name, i) => i === 0 || name !== names[i - 1])).toHaveLength(2);
      expect(bench.calls.some((c) => c.startsWith("hold"))).toBe(false);
    });

    test("are as old as they have run, without the time that they were held", async () => {
      let nowMs = 0;
      const clock = spyOn(performance, "now").mockImplementation(() => nowMs);
      const bench = new FakeBench({
        measure: (name) => {
          nowMs += name === "node/ws" ? 1000 : 1;
          return null;
        },
      });
      const events = await runWith(twoOf(), bench).finally(() => clock.mockRestore());
      const ages = events.flatMap((e) =>
        e.type === "window-finished" && e.candidate === "bun/ws" ? [e.ageMs] : [],
      );
      expect(ages).toEqual(ages.map((_, i) => i + 1));
    });
  });

  test("a fresh server's first cell floods it, and is warmed for longer than the others", async () => {
    const asked = planOf(
      "--profile",
      "standard",
      "--workloads",
      "echo,push,feed,fanout",
      "--candidates",
      "bun/serve,node/ws",
    );
    const plan = { ...asked, allocated: false };
    const bench = new FakeBench();
    await runWith(plan, bench);
    const { warmupMs, freshMs } = depths.standard;
    const seen = new Map<string, number>();
    const visits = Map.groupBy(bench.warmed, ({ name }) => {
      const before = seen.get(name) ?? 0;
      seen.set(name, before + 1);
      return `${name} ${Math.floor(before / plan.cells.length)}`;
    });
    expect(visits.size).toBe(2 * plan.rounds);
    for (const [first, ...others] of visits.values()) {
      expect(plan.cells.find(({ id }) => id === first?.cell)?.longWindowMs).not.toBeNull();
      expect(first?.ms).toBeGreaterThanOrEqual(warmupMs + freshMs.least);
      expect(first?.ms).toBeLessThanOrEqual(warmupMs + freshMs.most);
      for (const other of others)
        expect(other.ms).toBe(plan.cells.find(({ id }) => id === other.cell)!.spec.warmupMs);
    }
    // All candidates of a round are warmed alike, and each round otherwise.
    const lengths = [...visits].map(([visit, [first]]) => `${visit.split(" ")[1]} ${first?.ms}`);
    expect(new Set(lengths).size).toBe(plan.rounds);
    expect(new Set(lengths.map((each) => each.split(" ")[1])).size).toBeGreaterThan(plan.rounds / 2);
  });

  test("--process-per-trial starts a server for each cell", async () => {
    const plan = planOf("--process-per-trial", "--candidates", "node/ws");
    const events = await runWith(plan, new FakeBench());
    expect(count(events, "server-started")).toBe(plan.rounds * plan.cells.length);
  });

  test("a cell that needs a server of its own gets one, wherever it stands in the order", async () => {
    const plan = planOf("--workloads", "echo,connections", "--candidates", "node/ws", "--rounds", "4");
    const bench = new FakeBench();
    const events = await runWith(plan, bench);
    const at = bench.calls.flatMap((call, i) => (call.startsWith("open node/ws connections/") ? [i] : []));
    expect(at).toHaveLength(4);
    // Its one window lies between opening it and the server's end.
    for (const i of at)
      expect([bench.calls[i - 1], bench.calls[i + 2]]).toEqual(["start node/ws", "stop node/ws"]);
    expect(count(events, "trial-finished")).toBe(4 * plan.cells.length);
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

  test("a server that dies while a cell is opened fails that cell, and the next gets a fresh one", async () => {
    const plan = planOf("--rounds", "1", "--candidates", "node/ws");
    const victim = plan.cells[1]?.id ?? "";
    const death = { phase: "warm-up" as const, reason: "the server was lost", stderr: ["out of heap"] };
    const bench = new FakeBench({ open: (_, cell) => (cell === victim ? death : null) });
    const events = await runWith(plan, bench);
    expect(events.filter((e) => e.type === "trial-failed")).toMatchObject([
      { candidate: "node/ws", cell: victim, round: 0, ...death },
    ]);
    expect(count(events, "trial-finished")).toBe(plan.cells.length - 1);
    expect(count(events, "server-started")).toBe(count(events, "server-stopped"));
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

  /** Windows of one trial, as place, attempt and whether each counts. */
  const windowsIn = (events: readonly RunEvent[], candidate: string, cell: string, round: number) =>
    events.flatMap((e) =>
      e.type === "window-finished" && e.candidate === candidate && e.cell === cell && e.round === round
        ? [[e.window, e.attempt, e.counted]]
        : [],
    );

  const foreign = { cores: [{ core: 1, elapsedNs: 1e8, busyNs: 9e7, foreignNs: 5e7, stealNs: 0 }] };
  const feedOf = (...argv: string[]) => {
    const plan = planOf(
      "--rounds",
      "1",
      "--candidates",
      "node/ws",
      "--workloads",
      "feed/json/passthrough/send/*",
      ...argv,
    );
    return { plan, feed: plan.cells[0]!, windows: (plan.cells[0]?.windows ?? 0) + 1 };
  };

  /** Places of the windows of a trial of `windows`, in the order they are measured: the long one, which is the last, comes second. */
  const places = (windows: number) => [0, windows - 1, ...[...Array(windows - 1).keys()].slice(1)];

  test("a trial is its windows in turn, the long one second, on connections that are opened once", async () => {
    const { plan, feed, windows } = feedOf();
    const bench = new FakeBench();
    const events = await runWith(plan, bench);
    expect(bench.calls.filter((c) => c.startsWith("open"))).toHaveLength(1);
    expect(windowsIn(events, "node/ws", feed.id, 0)).toEqual(
      places(windows).map((window) => [window, 1, true]),
    );
    expect(bench.asked.map((a) => a.windowMs)).toEqual([
      feed.spec.windowMs,
      feed.longWindowMs!,
      ...Array.from({ length: feed.windows - 1 }, () => feed.spec.windowMs),
    ]);
  });

  test.each<[string, Partial<Measurement>]>([
    ["late generator", { generator: { ...measurement.generator, latenessNsP99: 5e6 } }],
    ["disturbed core", foreign],
  ])("a window with a %s is measured again at once, over the same stretch", async (_, fault) => {
    const { plan, feed, windows } = feedOf();
    let measured = 0;
    const bench = new FakeBench({
      measure: () => {
        measured += 1;
        return measured === 2 ? fault : null;
      },
    });
    const events = await runWith(plan, bench);
    const expected: (number | boolean)[][] = places(windows).map((window) => [window, 1, true]);
    expected.splice(1, 1, [windows - 1, 1, false], [windows - 1, 2, true]);
    expect(windowsIn(events, "node/ws", feed.id, 0)).toEqual(expected);
    expect(bench.asked[1]).toEqual(bench.asked[2]!);
    expect(events.find((e) => e.type === "trial-finished")).toMatchObject({ missing: 0 });
  });

  test("a window whose tail was not the server's is measured again, and counts where no tail is asked of it", async () => {
    const held = {
      cores: [{ core: 1, elapsedNs: 1e8, busyNs: 9e7, foreignNs: 1e6, stealNs: 0, heldNs: 1e6 }],
    };
    const { plan, feed, windows } = feedOf();
    const last = windows - 1;
    const discarded = async (changed: Partial<PlannedCell>) => {
      const cells = [{ ...feed, ...changed }];
      const events = await runWith({ ...plan, cells }, new FakeBench({ measure: () => held }));
      const all = windowsIn(events, "node/ws", feed.id, 0);
      return {
        discarded: all.filter(([, , counted]) => counted === false).length,
        long: all.find(([at]) => at === last),
      };
    };
    // The long one counts, since what runs on the machine falls into it each time.
    const all = await discarded({});
    expect(all.long).toEqual([last, 1, true]);
    expect(all.discarded).toBeGreaterThanOrEqual(feed.windows);
    expect(await discarded({ headline: ["latencyNsP50"] })).toMatchObject({ discarded: 0 });
    expect(await discarded({ windows: 1, longWindowMs: null })).toMatchObject({ discarded: 0 });
  });

  test("what cannot be had clean is left out when the visit's tries are used up", async () => {
    const { plan, feed, windows } = feedOf();
    const events = await runWith(plan, new FakeBench({ measure: () => foreign }));
    const all = windowsIn(events, "node/ws", feed.id, 0);
    expect(all).toHaveLength(2 * windows);
    expect(all.every(([, , counted]) => counted === false)).toBe(true);
    // Each window has had a try, however long those before it took.
    expect(new Set(all.map(([window]) => window)).size).toBe(windows);
    expect(events.find((e) => e.type === "trial-finished")).toMatchObject({ missing: windows });
  });

  test("--keep-disturbed counts it all the same, and keeps what was said against it", async () => {
    const { plan, feed, windows } = feedOf("--keep-disturbed");
    const events = await runWith(plan, new FakeBench({ measure: () => foreign }));
    expect(windowsIn(events, "node/ws", feed.id, 0)).toEqual(
      places(windows).map((window) => [window, 1, true]),
    );
    expect(events.find((e) => e.type === "window-finished")).toMatchObject({
      doubt: { code: "foreign-cpu" },
    });
  });

  test("a cell that can give no further window ends with what it gave", async () => {
    const { plan, feed, windows } = feedOf();
    const events = await runWith(plan, new FakeBench({ measure: () => ({ spent: true }) }));
    expect(windowsIn(events, "node/ws", feed.id, 0)).toEqual([[0, 1, true]]);
    expect(events.find((e) => e.type === "trial-finished")).toMatchObject({ missing: windows - 1 });
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
    expect(count(events, "trial-finished")).toBe(0);
    // One server was being started when it came.
    expect(bench.calls.filter((c) => c.startsWith("start"))).toHaveLength(2);
    expect(bench.calls.filter((c) => c.startsWith("measure"))).toHaveLength(0);
  });
});
