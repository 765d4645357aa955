import { describe, expect, test } from "bun:test";
import { decide } from "../../reports/decision/decide.ts";
import { defaultPolicy } from "../../reports/policies.ts";
import type { RunEvent } from "../../schemas/event.ts";
import type { FeedStretch } from "../../schemas/feed.ts";
import type { Measurement } from "../../schemas/load.ts";
import type { Launch, Plan, PlannedCell } from "../../schemas/plan.ts";
import { type RunWarning, warningCodes } from "../../schemas/warning.ts";
import { createRandom } from "../../stats/random.ts";
import { foundWarning } from "../candidates/custom/probe.ts";
import { runtimeWarnings } from "../candidates/runtimes/warnings.ts";
import { inventedMeasurement } from "../fixtures/invented.ts";
import { planFrom } from "../fixtures/planned.ts";
import { analyseScript, type Script } from "../fixtures/scripted-run.ts";
import type { Limits } from "../process/limits.ts";
import { planPins } from "../process/pin.ts";
import { judgeLimits } from "../quality/limits.ts";
import { judgeMachine } from "../quality/machine-busy.ts";
import { busyAtRestWarning } from "../quality/post-trial.ts";
import { partWarnings } from "./parts.ts";

/** Two candidates and the A/A pair. */
function planOf(workloads: string, rounds = 12, ...flags: string[]): Plan {
  const of = ["--candidates", "bun/serve,node/ws", "--workloads", workloads, "--rounds", `${rounds}`];
  return planFrom(...of, ...flags);
}

const quotes = planOf("echo/sbe*");
const trip = planOf("echo/*/c1w1");
const feed = planOf("feed/json/passthrough/send*");
const many = planOf("echo/json/*", 6);
const at = "2026-03-04T09:30:00.000Z";

/** node/ws alone differs, so that every warning must name it. */
const ofNode = (
  more: (round: number, cell: PlannedCell) => Partial<Measurement>,
): NonNullable<Script["measure"]> => {
  return (candidate, cell, round) => (candidate === "node/ws" ? more(round, cell) : {});
};
const rates = (throughputHz: (round: number) => number, plan = quotes): Script => ({
  plan,
  measure: ofNode((round, cell) => {
    const rate = throughputHz(round);
    const inFlight = cell.spec.workload === "echo" ? cell.spec.connections * cell.spec.window : 1;
    return { metrics: { throughputHz: rate, cpuNsPerMessage: 1000, latencyNsMean: (inFlight * 1e9) / rate } };
  }),
});
const core = (foreignNs: number, stealNs: number) => ({
  cores: [{ core: 1, elapsedNs: 1e8, busyNs: 1e8, foreignNs, stealNs }],
});
const generator = (latenessNsP99: number) => ({
  cpuNs: 1,
  waitNs: null,
  latenessNsP50: 0,
  latenessNsP99,
  latenessNsMax: latenessNsP99,
  hiccupNsMax: 0,
  turnaroundNsMean: null,
});
/** Neighbouring rounds do not resemble each other in it. */
const wobble = (round: number) => 1000 + 10 * Math.sin(4 * round);

/** The reference under its second name gives less, in every round by nearly as much. */
function replicateSlowerBy(factor: number): NonNullable<Script["measure"]> {
  return (name, _, round) => {
    const rate = name === "bun/serve#2" ? wobble(round) / factor : 1000;
    return { metrics: { throughputHz: rate, cpuNsPerMessage: 1000, latencyNsMean: 512e9 / rate } };
  };
}

const whole = { due: 100, delivered: 100, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 };

/** A window of 100 ms with this much CPU time of each side. */
const busy = (generatorNs: number, serverNs: number): Partial<Measurement> => ({
  generator: { ...generator(0), cpuNs: generatorNs },
  server: {
    cpuNs: serverNs,
    voluntarySwitches: 0,
    involuntarySwitches: 0,
    rssBytesBefore: 0,
    rssBytesConnected: 0,
    rssBytesPeak: 0,
    threads: 1,
  },
});
const look = (round: number, costNs: number): RunEvent => {
  return {
    type: "ceiling-measured",
    at,
    round,
    cell: quotes.cells[0]?.id ?? "",
    ceilingHz: 10_000,
    costNs,
    tookMs: 1,
  };
};

/** What brings each warning about. The type makes a code without an entry an error. */
const stretch: FeedStretch = {
  stretch: 0,
  draw: 0,
  fromNs: 0,
  lengthNs: 1e9,
  messages: 2000,
  meanHz: 2000,
  sourceHz: 2100,
  crowding: 60,
  sourceCrowding: 65,
};
const stretched = () => ({ feedStretch: stretch });
const recorded: Plan = {
  ...feed,
  cells: feed.cells.map((cell) => ({
    ...cell,
    spec: { ...cell.spec, feed: { source: "capture", file: "a.gz", rate: 1 } } as PlannedCell["spec"],
  })),
};
const recording: RunEvent = {
  type: "feed-read",
  at,
  recording: {
    file: "a.gz",
    lines: 2010,
    messages: 2000,
    durationNs: 4e9,
    clock: "ns",
    resolutionNs: 1,
    raisedTimes: 0,
    joins: 1,
    duplicates: 3,
    holes: { count: 1, totalNs: 7e12, longestNs: 7e12 },
    leftOut: [{ kind: "aggTrade", lines: 7, firstLine: 3, reason: null }],
  },
};

/** An open loop, whose generator tells how late it was. */
const inLoop: Partial<Measurement> = {
  generator: generator(0),
  metrics: { latencyNsP50: 1e5, latencyNsP99: 1e6, cpuNsPerMessage: 1000 },
};

/** Visits of four seconds of node/ws, the memory of each grown by up to 40 MB as `shape` of its age says. */
function leaking(visits: number, shape: (part: number) => number): RunEvent[] {
  const cell = quotes.cells[0]?.id ?? "";
  const windowsOf = (round: number) =>
    Array.from({ length: 9 }, (_, window): RunEvent => {
      const bytes = 5e7 + 4e7 * (window / 8) * shape(window / 8);
      const server = busy(1, 1e6).server;
      const measurement = inventedMeasurement({ sent: 100, metrics: {}, ledger: whole });
      return {
        type: "window-finished",
        at,
        candidate: "node/ws",
        cell,
        round: 100 + round,
        kind: "typical",
        window,
        attempt: 1,
        ageMs: 500 * window,
        waitMs: 0,
        measurement: { ...measurement, server: server ? { ...server, rssBytesEnd: bytes } : null },
        doubt: null,
        counted: true,
      };
    });
  return Array.from({ length: visits }, (_, round): RunEvent[] => [
    {
      type: "server-started",
      at,
      candidate: "node/ws",
      round: 100 + round,
      startupNs: 1e8,
      ready: null,
    },
    ...windowsOf(round),
  ]).flat();
}

function risingSoak(): RunEvent {
  const windows = Array.from({ length: 60 }, (_, i) => ({
    ...{
      atS: i,
      latencyNsP99: 1e6,
      pauseNs: 1e6,
      ownNs: 0,
      flawed: 0,
      disturbed: false,
      secondsP99Ns: [1e6],
    },
    rssBytes: 1e8 + 1e6 * i,
  }));
  const soak = { kind: "soak" as const, soak: { windowMs: 1000, windows } };
  return {
    type: "extra-finished",
    at,
    candidate: "node/ws",
    cell: "c",
    kind: "soak",
    outcome: soak,
    tookMs: 1,
  };
}

const causes: Readonly<Record<RunWarning["code"], Script | (() => RunWarning[])>> = {
  "not-pinned": {
    plan: quotes,
    host: { pinning: { pinned: false, how: "one core alone", serverCores: [], loadCores: [] } },
  },
  "server-cores-shared": { plan: planOf("echo/sbe*", 10, "--server-cores", "1,2") },
  virtualised: { plan: quotes, host: { virtualised: "kvm" } },
  "few-rounds": { plan: planOf("echo/sbe*", 3) },
  "nothing-delivered": {
    plan: quotes,
    measure: ofNode((round) => (round === 0 ? { metrics: { throughputHz: 0 } } : {})),
  },
  "generator-late": {
    plan: feed,
    measure: ofNode((round) => (round < 2 ? { generator: generator(9e6) } : {})),
  },
  "generator-saturated": { plan: quotes, measure: ofNode(() => busy(99e6, 80e6)) },
  "generator-drifted": { plan: quotes, more: [look(0, 100), look(5, 112)] },
  "generator-replaced": { plan: quotes, more: [{ type: "generator-replaced", at, round: 5, slowdown: 2 }] },
  "generator-was-the-limit": { plan: quotes, ceilingHz: 1400 },
  "foreign-cpu": { plan: quotes, measure: ofNode(() => core(5e7, 0)) },
  throttled: {
    plan: quotes,
    measure: ofNode(() => ({ limited: { throttledPeriods: 3, throttledNs: 2e8, memoryEvents: 0 } })),
  },
  "memory-limit": {
    plan: quotes,
    measure: ofNode(() => ({ limited: { throttledPeriods: 0, throttledNs: 0, memoryEvents: 2 } })),
  },
  "cpu-quota": () =>
    limitWarnings({ cpuQuota: { value: 1, file: "cpu.max", text: "100000 100000" } }, [0, 1]),
  cpuset: () => limitWarnings({}, [0]),
  "cores-not-accountable": () => limitWarnings({}, [4, 5]),
  steal: { plan: quotes, measure: ofNode(() => core(0, 1e7)) },
  "reach-below-100": {
    plan: feed,
    measure: ofNode(() => ({
      ledger: { due: 100, delivered: 99, gaps: 1, duplicates: 0, reorders: 0, corrupt: 0 },
    })),
  },
  "delivered-twice": { plan: feed, measure: ofNode(() => ({ ledger: { ...whole, duplicates: 1 } })) },
  "delivered-out-of-order": { plan: feed, measure: ofNode(() => ({ ledger: { ...whole, reorders: 1 } })) },
  "arrived-before-sent": {
    plan: feed,
    measure: ofNode(() => ({ ledger: { ...whole, corrupt: 1, corruptBy: { early: 1 } } })),
  },
  "warm-up-not-intact": {
    plan: feed,
    measure: ofNode(() => ({ warmUp: { ...whole, due: 101, gaps: 1 } })),
  },
  "json-rewritten": { plan: feed, measure: ofNode(() => ({ ledger: { ...whole, rewritten: 100 } })) },
  "unasked-messages": { plan: feed, measure: ofNode(() => ({ unasked: { messages: 1, first: "hello" } })) },
  "little-law": {
    plan: quotes,
    measure: ofNode(() => ({
      metrics: { throughputHz: 1000, cpuNsPerMessage: 1000, latencyNsMean: 0.94 * 512e6 },
    })),
  },
  stalls: {
    plan: feed,
    measure: ofNode(() => ({
      ...inLoop,
      late: [{ atMs: 10, lengthNs: 1e8, ownNs: 1e6 }],
    })),
  },
  "slow-youth": {
    plan: quotes,
    ageMs: (round) => 1000 * (round + 1),
    measure: ofNode((round) => ({
      metrics: { throughputHz: 1000, cpuNsPerMessage: round < 4 ? 2000 : 1000, latencyNsMean: 512e6 },
    })),
  },
  "memory-grows": { plan: quotes, more: leaking(3, () => 1) },
  "soak-rising": { plan: quotes, more: [risingSoak()] },
  "mitata-disagrees": { plan: trip, measure: ofNode(() => ({ mitataNsP50: 1060 })) },
  "first-round-slower": rates((round) => (round === 0 ? 800 : wobble(round))),
  drift: rates((round) => 1000 * 1.03 ** round),
  bimodal: rates((round) => (round % 2 === 0 ? 3 : 1) * wobble(round)),
  outliers: rates((round) => (round === 5 ? 2000 : wobble(round))),
  "estimates-disagree": rates((round) => (round === 9 ? 200 : 1080 + (round % 7))),
  "ratios-not-normal": rates((round) => (round === 9 ? 200 : wobble(round))),
  "rounds-not-independent": rates((round) => 1000 + 100 * Math.sin(round / 2)),
  "aa-pair-differs": { plan: quotes, measure: replicateSlowerBy(1.1) },
  "aa-not-chance": { plan: quotes, measure: replicateSlowerBy(1.1) },
  "trial-failed": {
    plan: quotes,
    more: [
      {
        type: "trial-failed",
        at,
        candidate: "node/ws",
        cell: quotes.cells[0]?.id ?? "",
        round: 3,
        phase: "verify",
        reason: "a message came back changed",
        stderr: [],
      },
    ],
  },
  "candidate-unavailable": {
    plan: quotes,
    more: [
      {
        type: "candidate-unavailable",
        at,
        candidate: "node/ws",
        reason: "no node",
        nextStep: "install node",
      },
    ],
  },
  "left-its-core": {
    plan: quotes,
    more: [
      { type: "visit-doubted", at, candidate: "node/ws", code: "left-its-core", reason: "it went to core 1" },
    ],
  },
  "not-attributed": {
    plan: quotes,
    measure: ofNode(() => ({
      unattributed: { code: "listener-unseen" as const, reason: "nobody is in sight" },
    })),
  },
  "impossible-figure": {
    plan: quotes,
    measure: ofNode(() => ({ metrics: { throughputHz: 1000, cpuNsPerMessage: 0, latencyNsMean: 512e6 } })),
  },
  "startup-at-most": {
    plan: quotes,
    more: [
      {
        type: "server-started",
        at,
        candidate: "node/ws",
        round: 0,
        startupNs: 1e8,
        startupBound: "at-most",
        ready: null,
      },
    ],
  },
  "found-elsewhere": () => [foundWarning("mine", "it listens on port 8080, and not on PORT")],
  "busy-after-trial": () => [busyAtRestWarning("node/ws", 0.9)],
  "capture-mended": { plan: recorded, measure: stretched, more: [recording] },
  "capture-left-out": { plan: recorded, measure: stretched, more: [recording] },
  "feed-thin": { plan: feed, measure: () => ({ feedStretch: { ...stretch, messages: 100 } }) },
  "feed-unlike-source": { plan: feed, measure: () => ({ feedStretch: { ...stretch, sourceCrowding: 100 } }) },
  "capture-looped": { plan: feed, measure: () => ({ feedLoops: 2 }) },
  "machine-was-busy": () => {
    const backup = { pid: 42, name: "backup", core: 1, cpuNs: 4e8, cpuPct: 97.3 };
    return [judgeMachine({ processes: [backup], unseen: null }, true)].filter((warning) => warning !== null);
  },
  interrupted: { plan: quotes, interrupted: true },
  "resumed-elsewhere": () => {
    const part = { startedAt: at, kernel: "6.1.7", fromRound: 0, toRound: 2, toolVersion: "0.4.1" };
    return partWarnings([part, { ...part, fromRound: 3, toRound: 3, toolVersion: "0.4.2" }]);
  },
  "runtime-not-pinned": () => runtimeWarnings([found("python", "3.13.5", false)]),
};

function limitWarnings(limits: Partial<Limits>, allowed: readonly number[]): RunWarning[] {
  const machine = { platform: "linux", allowed, siblings: new Map(), settable: true, counted: [0, 1] };
  const all = { cpuQuota: null, memory: null, openFiles: null, ...limits };
  return judgeLimits(planPins(machine), machine, true, null, all);
}

function found(runtime: "bun" | "node" | "python", version: string, pinned: boolean) {
  return { runtime, path: `/usr/bin/${runtime}`, version, origin: `/usr/bin/${runtime}`, pinned };
}

function warningsFrom(cause: Script | (() => RunWarning[])): readonly RunWarning[] {
  return typeof cause === "function" ? cause() : analyseScript(cause).warnings;
}

describe("warnings", () => {
  test.each([...warningCodes])("%s is given where its cause is, with a next step", (code) => {
    const warnings = warningsFrom(causes[code]).filter((w) => w.code === code);
    expect(warnings.length).toBeGreaterThan(0);
    for (const { cause, nextStep } of warnings) {
      expect(cause).not.toBe("");
      expect(nextStep).not.toBe("");
    }
  });

  test("a run without trouble gives none", () => {
    for (const plan of [quotes, trip, feed]) expect(analyseScript({ plan }).warnings).toEqual([]);
    expect(warningsFrom(rates(wobble))).toEqual([]);
  });

  const codesOf = (told: Script) => analyseScript(told).warnings.map((w) => w.code as string);

  test("what the generator or other processes held up is no stall, and one visit alone is none of the server's", () => {
    const late = (ownNs: number) => ({ ...inLoop, late: [{ atMs: 10, lengthNs: 1e8, ownNs }] });
    const told = (more: Parameters<typeof ofNode>[0]) => codesOf({ plan: feed, measure: ofNode(more) });
    expect(told(() => late(0))).toContain("stalls");
    expect(told(() => late(98e6))).not.toContain("stalls");
    expect(told(() => ({ ...late(0), ...core(98e6, 0) }))).not.toContain("stalls");
    expect(told((round) => (round === 3 ? late(0) : inLoop))).not.toContain("stalls");
    // All of them alike: it is the machine.
    expect(codesOf({ plan: feed, measure: () => late(0) })).not.toContain("stalls");
  });

  test("a stalling candidate is not recommended where latency weighs", () => {
    const evidence = analyseScript(causes.stalls as Script);
    const { excluded } = decide(evidence, defaultPolicy);
    expect(excluded.filter((e) => e.code === "stalls").map((e) => e.candidate)).toEqual(["node/ws"]);
  });

  test("a heap that grows at first and then no more is no leak", () => {
    const heap = (part: number) => (part === 0 ? 0 : Math.min(part, 0.4) / part);
    expect(codesOf({ plan: quotes, more: leaking(3, heap) })).not.toContain("memory-grows");
  });

  test("a warning of a trial names candidate and cell", () => {
    const codes = [
      "nothing-delivered",
      "generator-late",
      "throttled",
      "memory-limit",
      "foreign-cpu",
      "steal",
      "little-law",
      "drift",
      "bimodal",
      "ratios-not-normal",
    ] as const;
    for (const code of codes) {
      const warnings = warningsFrom(causes[code]).filter((w) => w.code === code);
      expect(warnings.map((w) => w.cell?.split(" ")[0])).toEqual(["node/ws"]);
    }
  });
});

describe("an A/A pair that differs", () => {
  const differs = (told: Script) => analyseScript(told).warnings.filter((w) => w.code === "aa-pair-differs");

  test("is reported with its size and its interval, for the metric that differs", () => {
    expect(differs({ plan: quotes, measure: replicateSlowerBy(1.1) })).toEqual([
      expect.objectContaining({
        cell: `bun/serve#2 ${quotes.cells[0]?.id}`,
        cause: expect.stringMatching(
          /^throughput of one program under two names: 0\.909 × \(0\.90\d–0\.91\d\), p = .+ after Holm over 2 A\/A pairs$/,
        ),
      }),
    ]);
  });

  test("is not told for what one in twenty pairs does by chance: their number counts", () => {
    let [single, told] = [0, 0];
    for (let seed = 1; seed <= 120; seed += 1) {
      const random = createRandom(seed);
      const around = () => 1000 * Math.exp(0.05 * random.normal());
      const metrics = () => ({ throughputHz: around(), cpuNsPerMessage: around(), latencyNsP50: around() });
      const { noise, warnings } = analyseScript({ plan: many, measure: () => ({ metrics: metrics() }) });
      if (noise.aa.some((n) => (n.ciLow ?? 0) > 1 || (n.ciHigh ?? 2) < 1)) single += 1;
      if (warnings.some((w) => w.code === "aa-pair-differs")) told += 1;
    }
    expect(single).toBeGreaterThan(15);
    expect(told).toBeLessThan(12);
  });
});

const causeOf = (script: Script, code: RunWarning["code"]) =>
  analyseScript(script).warnings.find((w) => w.code === code)?.cause;

test("estimates that disagree are given with the intervals that show it", () => {
  const script = rates((round) => (round === 9 ? 200 : 1080 + (round % 7)));
  expect(causeOf(script, "estimates-disagree")).toMatch(
    /says [\d.]+ × \([\d.]+–[\d.]+\), Hodges–Lehmann [\d.]+ × \([\d.]+–[\d.]+\)$/,
  );
});

test("deliveries are counted with their thousands apart", () => {
  const ledger = { ...whole, due: 12_345, delivered: 12_345, rewritten: 1_234 };
  expect(causeOf({ plan: feed, measure: ofNode(() => ({ ledger })) }, "json-rewritten")).toMatch(
    /^\d{1,3}(,\d{3})+ of \d{1,3}(,\d{3})+ deliveries/,
  );
});

describe("few rounds", () => {
  const few = (told: Script) => analyseScript(told).warnings.filter((w) => w.code === "few-rounds");

  test("are those that were measured, not those that were planned", () => {
    const plan = { ...quotes, rounds: 40 };
    const until = (rounds: number) => ({
      plan,
      measure: (_: string, __: PlannedCell, round: number) => (round < rounds ? {} : null),
    });
    expect(few(until(5)).map((w) => w.cause)).toEqual([
      "5 rounds: too few for distribution-free intervals, and few verdicts are possible",
    ]);
    expect(few(until(6))).toEqual([]);
  });

  test("are reported once, with how many results have them", () => {
    const one = {
      plan: quotes,
      measure: (name: string, _: PlannedCell, round: number) => (name === "node/ws" && round > 3 ? null : {}),
    };
    expect(few(one).map((w) => w.cause)).toEqual([expect.stringMatching(/^1 of 3 results have 4 rounds: /)]);
  });

  test("of exploratory cells are no warning", () => {
    const plan = planOf("echo/sbe*,echo/raw/*", 10);
    const cells = plan.cells.map((c) =>
      c.id === plan.cells[0]?.id ? c : { ...c, headline: [], everyRounds: 4 },
    );
    expect(few({ plan: { ...plan, cells } })).toEqual([]);
  });
});

describe("the next step", () => {
  const of = (told: Script, code: RunWarning["code"]) =>
    analyseScript(told).warnings.find((w) => w.code === code)?.nextStep;

  test("names a flag only where the flag moves something", () => {
    const late = ofNode(() => ({ generator: generator(9e6) }));
    expect(of({ plan: feed, measure: late }, "generator-late")).toContain("--feed-rate");
    const fanout = planOf("fanout/json/send/s100*");
    expect(of({ plan: fanout, measure: late }, "generator-late")).not.toContain("--feed-rate");
    const lost = ofNode(() => ({
      ledger: { due: 100, delivered: 99, gaps: 1, duplicates: 0, reorders: 0, corrupt: 0 },
    }));
    expect(of({ plan: feed, measure: lost }, "reach-below-100")).toContain("--feed-rate");
    expect(of({ plan: quotes, measure: lost }, "reach-below-100")).not.toContain("--");
  });

  test("sends nobody to the contract suite that does not run over his server", () => {
    const measure = ofNode(() => ({
      ledger: { due: 100, delivered: 99, gaps: 0, duplicates: 0, reorders: 0, corrupt: 1 },
    }));
    const launched = (launch: Launch) => ({
      ...feed,
      candidates: feed.candidates.map((c) => (c.id === "node/ws" ? { ...c, launch } : c)),
    });
    expect(of({ plan: feed, measure }, "reach-below-100")).toContain("bun test tests/contract");
    const command: Launch = { kind: "command", command: ["x"], cwd: "/", env: {}, listensOn: null };
    const running: Launch = { kind: "running", port: 1, pid: null };
    for (const launch of [command, running]) {
      const step = of({ plan: launched(launch), measure }, "reach-below-100");
      expect(step).toContain("docs/CONTRACT.md");
      expect(step).not.toContain("tests/contract");
    }
    const lost = ofNode(() => ({
      ledger: { due: 100, delivered: 99, gaps: 1, duplicates: 0, reorders: 0, corrupt: 0 },
    }));
    expect(of({ plan: launched(command), measure: lost }, "reach-below-100")).toContain("--slow-consumer");
    expect(of({ plan: launched(running), measure: lost }, "reach-below-100")).not.toContain("--slow");
  });

  test("looks where connections ended during a trial, and tells how the first one did", () => {
    const measure = ofNode(() => ({
      ledger: { due: 100, delivered: 82, gaps: 18, duplicates: 0, reorders: 0, corrupt: 0 },
      earlyEnd: { connections: 4, code: 1011, reason: "out of memory" },
    }));
    const warning = analyseScript({ plan: quotes, measure }).warnings.find(
      (w) => w.code === "reach-below-100",
    );
    expect(warning?.cause).toMatch(
      /gaps, 0 corrupt\); \d+ connections ended during a trial, the first with code 1011 \(out of memory\)$/,
    );
    expect(warning?.nextStep).toContain("closes its connections");
    const unsaid = ofNode(() => ({
      ledger: { due: 100, delivered: 82, gaps: 18, duplicates: 0, reorders: 0, corrupt: 0 },
    }));
    expect(of({ plan: quotes, measure: unsaid }, "reach-below-100")).toContain("never sends");
  });

  test.each([
    ["python", "Python comes from the system"],
    ["node", "--runtime node@VERSION"],
    ["bun", "--runtime bun@VERSION"],
  ] as const)("for a %s that is not pinned is one that it has", (runtime, step) => {
    const [warning] = runtimeWarnings([found(runtime, "99.0.0", false)]);
    expect(warning).toMatchObject({ code: "runtime-not-pinned" });
    expect(warning?.nextStep).toContain(step);
    expect(warning?.nextStep.includes("--runtime")).toBe(runtime !== "python");
  });
});
