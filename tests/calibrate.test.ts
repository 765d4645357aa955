import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { overall } from "../runner/calibrate/calibrate.ts";
import { CalibrationFailure } from "../runner/calibrate/calibrator.ts";
import { type Case, runCase } from "../runner/calibrate/case.ts";
import { aloneRow, countedRows } from "../runner/calibrate/cases/counted.ts";
import { closedRows } from "../runner/calibrate/cases/ledger.ts";
import { check, exactly, isWithin, plusMinus, show, verdictOf, within } from "../runner/calibrate/check.ts";
import { expectedLedger, faultKinds, faultsBetween } from "../runner/calibrate/faults.ts";
import { countFrom } from "../runner/calibrate/histograms.ts";
import { disturbanceOf, type MachineUse } from "../runner/calibrate/machine.ts";
import { pauseRegularly } from "../runner/calibrate/pauses.ts";
import { waitAtQuantileNs } from "../runner/calibrate/waits.ts";
import { Histogram } from "../runner/load/histogram.ts";
import { Ledger } from "../runner/load/ledger.ts";
import { calibrationText, exitCodeOf } from "../runner/verbs/calibrate.ts";
import type { Calibration, CalibrationCase } from "../schemas/calibration.ts";

setDefaultTimeout(30_000);

describe("the wait at a quantile", () => {
  test.each([
    [0.5, 0],
    [0.8, 0],
    [0.9, 100e6],
    [0.95, 150e6],
    [0.99, 190e6],
    [0.999, 199e6],
    [1, 200e6],
  ])("of 200 ms a second at %f is %d ns", (quantile, expected) => {
    expect(waitAtQuantileNs([200e6], 1e9, quantile)).toBeCloseTo(expected, 0);
    expect(waitAtQuantileNs([200e6, 200e6, 200e6], 1e9, quantile)).toBeCloseTo(expected, 0);
  });

  test("of pauses that differ is where the time beyond it adds up", () => {
    // Over 2 s: 250 ms wait beyond 50 ms in the longer pause and 50 ms in the shorter, which is 15 %.
    expect(waitAtQuantileNs([100, 300], 1000, 0.85)).toBeCloseTo(50, 9);
    expect(waitAtQuantileNs([100, 300], 1000, 0.9)).toBeCloseTo(100, 9);
    expect(waitAtQuantileNs([300, 100], 1000, 0.95)).toBeCloseTo(200, 9);
    expect(waitAtQuantileNs([300, 100], 1000, 0.8)).toBeCloseTo(0, 9);
  });

  test("is what a histogram of evenly spaced messages shows, whatever the phase, to one gap", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 4 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.constantFrom(0.5, 0.9, 0.95, 0.99, 1),
        (pauses, phase, quantile) => {
          const waits = pauses.flatMap((pause) =>
            Array.from({ length: 1000 }, (_, n) => Math.max(0, pause - (n + phase))),
          );
          const sorted = waits.sort((a, b) => a - b);
          const seen = sorted[Math.ceil(quantile * sorted.length - 1e-9) - 1] ?? Number.NaN;
          expect(Math.abs(seen - waitAtQuantileNs(pauses, 1000, quantile))).toBeLessThanOrEqual(1 + 1e-9);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  test("samples from a bound on are counted by the bucket", () => {
    const histogram = new Histogram();
    for (const ms of [1, 99, 101, 101, 200]) histogram.record(ms * 1e6);
    expect(countFrom(histogram, 100e6)).toBe(3);
  });
});

describe("what the ledger must count", () => {
  test("faults are the multiples that fall into the window", () => {
    expect(faultsBetween(4_004, 44_004, 10_000)).toBe(4);
    expect(faultsBetween(0, 9_999, 10_000)).toBe(0);
    expect(faultsBetween(9_999, 10_000, 10_000)).toBe(1);
    expect(faultsBetween(10_000, 20_000, 10_000)).toBe(1);
  });

  test("each fault by its name", () => {
    const nothing = { gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 };
    expect(expectedLedger("drop", 100, 3)).toEqual({ ...nothing, due: 100, delivered: 97, gaps: 3 });
    expect(expectedLedger("double", 100, 3)).toEqual({ ...nothing, due: 100, delivered: 100, duplicates: 3 });
    expect(expectedLedger("swap", 100, 3)).toEqual({ ...nothing, due: 100, delivered: 100, reorders: 3 });
    const corrupt = { ...nothing, due: 100, delivered: 97, gaps: 3, corrupt: 3 };
    expect(expectedLedger("corrupt", 100, 3)).toEqual(corrupt);
  });

  test.each([...faultKinds])("is what the ledger counts of a stream that meets %s", (fault) => {
    const ledger = new Ledger();
    for (let n = 0; n < 100; n += 1) {
      const hit = (n + 1) % 10 === 0 && n < 95;
      const follows = fault === "swap" && n % 10 === 0 && n > 0;
      if (!hit) ledger.record(n);
      if (follows) ledger.record(n - 1);
      if (hit && fault === "double") for (let twice = 0; twice < 2; twice += 1) ledger.record(n);
      if (hit && fault === "corrupt") ledger.recordCorrupt({ rule: "bytes" });
    }
    expect(ledger.settle(100)).toMatchObject(expectedLedger(fault, 100, 9));
  });
});

test("a ledger that takes more or fewer messages for due than the server was given fails a row", () => {
  const verdicts = (due: number) =>
    closedRows(expectedLedger("drop", 100, 3), expectedLedger("drop", due, 3)).map((row) => row.verdict);
  expect(new Set(verdicts(100))).toEqual(new Set(["pass"]));
  expect(verdicts(101).slice(0, 2)).toEqual(["fail", "fail"]);
  expect(verdicts(99)[0]).toBe("fail");
});

describe("Little's law by the server's count", () => {
  const known = { inFlight: 32, delayNs: 20e6 };
  /** 110 turns of 20.1 ms, of which our window saw a part; what each instrument says is off by these factors. */
  const seen = (rate: number, latency: number, count = 1) => {
    const durationNs = 109 * 20.1e6;
    const tally = { messages: 32 + Math.round(109 * 32 * count), durationNs };
    const histogram = new Histogram();
    for (let n = 0; n < 3200; n += 1) histogram.record(20.1e6 * latency);
    const metrics = { throughputHz: (rate * 32e9) / 20.1e6, latencyNsMean: histogram.meanNs };
    return countedRows(metrics, tally, known).map((row) => row.verdict);
  };

  test("holds where rate and latency are what they should be", () => {
    expect(seen(1, 1)).toEqual(["pass", "pass", "pass"]);
  });

  test("catches latencies that were recorded wrong, either way", () => {
    expect(seen(1, 1.1)).toEqual(["pass", "pass", "fail"]);
    expect(seen(1, 0.9)).toEqual(["pass", "pass", "fail"]);
  });

  test("catches messages that were counted twice or never, whoever counts", () => {
    expect(seen(1.1, 1)).toEqual(["pass", "fail", "pass"]);
    expect(seen(0.9, 1)).toEqual(["pass", "fail", "pass"]);
    expect(seen(1, 1, 0.9)).toEqual(["fail", "pass", "fail"]);
  });

  test("catches a cycle of one message in flight that was counted twice, lost, or timed by a slow clock", () => {
    const alone = (factor: number) => aloneRow({ throughputHz: factor * (1e9 / 50.5e6) }).verdict;
    expect([1, 2, 0.5, 1 / 0.9].map(alone)).toEqual(["pass", "fail", "fail", "fail"]);
    expect(aloneRow({}).verdict).toBe("fail");
  });

  test("catches a clock that is 10 % slow, which rate × latency of our own cannot", () => {
    const slow = 0.9;
    expect((1 / slow) * slow).toBe(1);
    expect(seen(1 / slow, slow)).toEqual(["pass", "fail", "fail"]);
  });
});

describe("verdicts", () => {
  test("a tolerance includes its own edge", () => {
    expect(isWithin(100, 105, within(0.05))).toBe(true);
    expect(isWithin(100, 94.9, within(0.05))).toBe(false);
    expect(isWithin(5, 6, plusMinus(1))).toBe(true);
    expect(isWithin(5, 7, plusMinus(1))).toBe(false);
    expect(isWithin(4, 4, exactly)).toBe(true);
    expect(isWithin(4, 5, exactly)).toBe(false);
    expect(isWithin(100, Number.NaN, within(0.05))).toBe(false);
  });

  test("a figure that is missing fails", () => {
    expect(check("p50", "ns", 1, undefined, exactly)).toMatchObject({ measured: null, verdict: "fail" });
  });

  const good = check("a", "count", 1, 1, exactly);
  const bad = check("b", "count", 1, 2, exactly);
  const shown = show("c", "ns", 1);
  test("one failing row fails its case, one failing case the whole, and so does an interrupt", () => {
    expect(verdictOf([good, bad, shown])).toBe("fail");
    expect(verdictOf([good, shown])).toBe("pass");
    expect(verdictOf([shown])).toBe("shown");
    expect(overall([{ verdict: "pass" }, { verdict: "shown" }], false)).toBe("pass");
    expect(overall([{ verdict: "pass" }, { verdict: "fail" }], false)).toBe("fail");
    expect(overall([{ verdict: "pass" }], true)).toBe("fail");
  });

  const use = (foreignNs: number, more: Partial<MachineUse> = {}): MachineUse => ({
    elapsedNs: 1e9,
    cores: [{ core: 0, elapsedNs: 1e9, busyNs: 1e9, foreignNs, stealNs: 0 }],
    hiccupNsMax: null,
    latenessNsP99: null,
    ...more,
  });
  test("the machine is reported by its worst window", () => {
    const seen = [
      use(0, { hiccupNsMax: 3e6, latenessNsP99: 1e6 }),
      use(0.25e9),
      use(0, { hiccupNsMax: 1e6 }),
    ];
    expect(disturbanceOf(seen, 0)).toEqual({
      foreignShareMax: 0.25,
      stealShareMax: 0,
      hiccupNsMax: 3e6,
      latenessNsP99: 1e6,
      disturbedBy: "other processes took 25 % of a core",
    });
    expect(disturbanceOf([], 0)).toMatchObject({
      foreignShareMax: 0,
      hiccupNsMax: null,
      disturbedBy: null,
    });
    const late = use(0, { latenessNsP99: 190e6 });
    expect(disturbanceOf([late], 0).disturbedBy).toBe("the generator was 190 ms late at its 99th percentile");
    expect(disturbanceOf([late], 200e6).disturbedBy).toBeNull();
  });

  /** A case whose n-th measurement takes the n-th of `seen` and answers with the n-th of `outcomes`, the last for good. */
  function script(seen: readonly MachineUse[], outcomes: readonly ("pass" | "fail" | "lost")[]) {
    let runs = 0;
    const task: Case<{ takeSeen: () => MachineUse[] }> = {
      id: "scripted",
      title: "scripted",
      run: () => {
        const outcome = outcomes[Math.min(runs, outcomes.length - 1)];
        runs += 1;
        if (outcome === "lost") return Promise.reject(new CalibrationFailure("measure: lost"));
        return Promise.resolve([outcome === "pass" ? good : bad]);
      },
    };
    const calibrator = { takeSeen: () => seen.slice(runs - 1, runs) };
    return runCase(task, calibrator, () => false);
  }
  const dirty = use(0.5e9);
  const clean = use(0);
  test("a case is measured again only where the machine may be to blame, three times at most", async () => {
    const outcome = async (seen: MachineUse[], outcomes: ("pass" | "fail" | "lost")[]) => {
      const { attempts, verdict } = await script(seen, outcomes);
      return [attempts, verdict];
    };
    expect(await outcome([clean], ["pass"])).toEqual([1, "pass"]);
    expect(await outcome([clean], ["fail"])).toEqual([1, "fail"]);
    expect(await outcome([dirty], ["pass"])).toEqual([1, "pass"]);
    expect(await outcome([dirty, clean], ["fail", "pass"])).toEqual([2, "pass"]);
    expect(await outcome([dirty, clean], ["fail", "fail"])).toEqual([2, "fail"]);
    expect(await outcome([dirty, dirty, dirty, dirty], ["fail"])).toEqual([3, "fail"]);
    expect(await outcome([clean, clean, clean], ["lost"])).toEqual([3, "fail"]);
  });

  test("a case that could not be measured says why", async () => {
    expect(await script([], ["lost"])).toMatchObject({ rows: [], failure: "measure: lost", verdict: "fail" });
  });
});

test("a process that is stopped always goes on at the end", async () => {
  const told: string[] = [];
  const begun = Promise.withResolvers<void>();
  const pausing = pauseRegularly(
    () => 1,
    1e6,
    3e6,
    (_, signal) => {
      told.push(signal);
      if (told.length === 5) begun.resolve();
      return true;
    },
  );
  await begun.promise;
  const pausesNs = await pausing.end();
  expect(told).toEqual(["SIGSTOP", "SIGCONT", "SIGSTOP", "SIGCONT", "SIGSTOP", "SIGCONT"]);
  expect(pausesNs).toHaveLength(2);
  expect(Math.min(...pausesNs)).toBeGreaterThan(0);
});

test("a process that has gone is not stopped, and its pauses are none", async () => {
  let asked = 0;
  const begun = Promise.withResolvers<void>();
  const pausing = pauseRegularly(
    () => {
      asked += 1;
      if (asked === 2) begun.resolve();
      // The kernel gives no pid above 2²².
      return 2 ** 22 + 1;
    },
    1e6,
    3e6,
  );
  await begun.promise;
  expect(await pausing.end()).toEqual([]);
});

describe("the table", () => {
  const machine = {
    foreignShareMax: 0.31,
    stealShareMax: 0,
    hiccupNsMax: 12.4e6,
    latenessNsP99: 60_000,
    disturbedBy: "other processes took 31 % of a core",
  };
  const passing: CalibrationCase = {
    id: "stall",
    title: "server stalls",
    rows: [
      show("clock's resolution", "ns", 10),
      check("p90", "ns", 100e6, 99.6e6, within(0.05), 41_200),
      check("in flight", "ratio", 1024, 1020.4, within(0.05)),
      check("samples", "count", 5, 6, plusMinus(1)),
      check("gaps", "count", 40_000, 40_000, exactly),
    ],
    attempts: 1,
    machine: { ...machine, disturbedBy: null },
    failure: null,
    verdict: "pass",
  };
  const failing: CalibrationCase = {
    id: "delay",
    title: "delay",
    rows: [check("p50", "ns", 5e6, 6e6, within(0.02))],
    attempts: 3,
    machine,
    failure: null,
    verdict: "fail",
  };
  const calibration = (cases: CalibrationCase[], interrupted = false): Calibration => ({
    calibrationVersion: 1,
    startedAt: "2026-01-02T03:04:05.000Z",
    durationMs: 41_234,
    toolVersion: "1.2.3",
    host: {
      cpu: "some CPU",
      cores: 2,
      os: "some Linux",
      kernel: "6.1",
      memoryBytes: 1,
      governor: null,
      virtualised: null,
      cpuQuotaCores: null,
      memoryLimitBytes: null,
      cpuset: "0-1",
      pinning: { pinned: true, how: "server on core 0, load on core 1", serverCores: [0], loadCores: [1] },
    },
    cases,
    interrupted,
    verdict: overall(cases, interrupted),
  });

  test("puts expected beside measured, and the machine beside a failure", () => {
    expect(calibrationText(calibration([passing, failing]), false)).toBe(
      `tickbench 1.2.3 on some CPU, kernel 6.1; server on core 0, load on core 1

  figure              expected  measured     error  bound  pass  closed loop

server stalls
  clock's resolution             10.0 ns
  p90                   100 ms   99.6 ms   −0.40 %   ±5 %  pass      41.2 µs
  in flight              1,024     1,020   −0.35 %   ±5 %  pass
  samples                    5         6        +1     ±1  pass
  gaps                  40,000    40,000        +0  exact  pass

delay (measured 3 times)
  p50                  5.00 ms   6.00 ms  +20.00 %   ±2 %  FAIL
  the machine: others took 31 % of a core, the hypervisor 0 %, longest stall 12.4 ms; too disturbed to tell the tool's fault from the machine's: close other programs, then repeat

4 of 5 known answers reproduced in 41 s; failed: delay
`,
    );
  });

  test("tells a failure on a quiet machine from one on a busy one, and what could not be measured", () => {
    const lost = { ...failing, rows: [], failure: "connect: refused", machine: passing.machine };
    const text = calibrationText(calibration([lost]), false);
    expect(text).toContain("  not measured: connect: refused\n");
    expect(text).toContain("within limits, so look for the fault in the tool");
  });

  test("the outcome decides the exit code", () => {
    expect(exitCodeOf(calibration([passing]))).toBe(0);
    expect(exitCodeOf(calibration([passing, failing]))).toBe(1);
    expect(exitCodeOf(calibration([passing], true))).toBe(130);
  });

  test("JSON is the calibration itself", () => {
    const whole = calibration([passing, failing]);
    expect(JSON.parse(calibrationText(whole, true))).toEqual(whole);
  });
});
