import { describe, expect, test } from "bun:test";
import type { CoreUse, Measurement } from "../../schemas/load.ts";
import { mayPass, qualityFlagOf } from "./trial-quality.ts";

function measured(latenessNsP99: number | null, cores: readonly CoreUse[] = []): Measurement {
  return {
    windowMs: 100,
    elapsedNs: 1e8,
    events: 1,
    sent: 1,
    metrics: {},
    ledger: { due: 1, delivered: 1, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 },
    histograms: { latency: null, first: null, last: null, skew: null, lateness: null },
    slices: [],
    server: null,
    generator: {
      cpuNs: 1,
      waitNs: null,
      latenessNsP50: latenessNsP99,
      latenessNsP99,
      latenessNsMax: latenessNsP99,
      hiccupNsMax: null,
      turnaroundNsMean: null,
    },
    cores: [...cores],
    mitataNsP50: null,
    feed: null,
  };
}

const use = {
  cpuNs: 0,
  voluntarySwitches: 0,
  involuntarySwitches: 0,
  rssBytesBefore: 0,
  rssBytesConnected: 0,
  rssBytesPeak: 0,
  threads: 1,
};

const core = (number: number, foreignNs: number, stealNs = 0): CoreUse => {
  return { core: number, elapsedNs: 2e8, busyNs: 2e8, foreignNs, stealNs };
};

describe("qualityFlagOf", () => {
  test("load processes that did not begin a window together have not measured the same window", () => {
    const began = (startSkewNs: number, windowMs: number) =>
      qualityFlagOf({
        ...measured(null),
        windowMs,
        shards: { count: 2, startSkewNs, clockBoundNs: 0, latencyOf: "all" },
      });
    expect(began(2e6, 20)).toBeNull();
    expect(began(2.1e6, 20)).toMatchObject({ code: "generator-late" });
    expect(began(5e6, 100)).toBeNull();
    expect(began(5.1e6, 100)).toMatchObject({ code: "generator-late" });
  });

  test("a window that is to show a tail allows half of what lies beyond it to come from outside", () => {
    const held = (heldNs: number, hiccupNsMax = 0): Measurement => {
      const quiet = measured(1e5, [{ ...core(0, heldNs), heldNs }]);
      return { ...quiet, windowMs: 200, generator: { ...quiet.generator, hiccupNsMax } };
    };
    const flags = (m: Measurement) =>
      [null, 90, 99].map((percent) => qualityFlagOf(m, percent)?.code ?? null);
    expect(flags(held(1e6))).toEqual([null, null, null]);
    expect(flags(held(1.1e6))).toEqual([null, null, "foreign-cpu"]);
    // The limit of every window holds beside it.
    expect(flags(held(4.1e6))).toEqual(["foreign-cpu", "foreign-cpu", "foreign-cpu"]);
    expect(flags(held(0, 1e6))).toEqual([null, null, null]);
    expect(flags(held(0, 1.1e6))).toEqual([null, null, "generator-late"]);
    expect(flags(held(0, 4.1e6))).toEqual([null, "generator-late", "generator-late"]);
    expect(qualityFlagOf(held(1.1e6), 99)?.reason).toBe(
      "other processes held the server or the generator up for 1.10 ms of the window, and its p99 allows 1.00 ms",
    );
    expect(qualityFlagOf(held(0, 1.1e6), 99)?.reason).toBe(
      "the generator did not look at its sockets for 1.10 ms, and the window's p99 allows 1.00 ms",
    );
  });

  test("nothing speaks against a quiet, punctual trial", () => {
    expect(qualityFlagOf(measured(1.9e6, [core(0, 4e6), core(1, 0, 4e6)]))).toBeNull();
    expect(qualityFlagOf(measured(null))).toBeNull();
  });

  test("a window that ended before anything came is no rate of 0, and one in which all was lost is a matter of reach", () => {
    const empty = { ...measured(null, [core(0, 9e7)]), metrics: { throughputHz: 0 } };
    expect(qualityFlagOf(empty)).toEqual({
      code: "nothing-delivered",
      reason: "nothing was delivered within the window",
    });
    const quiet = measured(null);
    expect(qualityFlagOf({ ...quiet, metrics: { throughputHz: 1 } })).toBeNull();
    expect(qualityFlagOf({ ...quiet, metrics: {} })).toBeNull();
    const lost = { ...quiet.ledger, delivered: 0, gaps: 1 };
    expect(qualityFlagOf({ ...quiet, metrics: { throughputHz: 0 }, ledger: lost })).toBeNull();
  });

  test("a late generator voids for good, whatever else there is", () => {
    expect(qualityFlagOf(measured(2.5e6, [core(0, 1e8)]))).toEqual({
      code: "generator-late",
      reason: "the generator's p99 lateness was 2.50 ms, the limit is 2.00 ms",
    });
  });

  test("a generator at its limit beside a server that is not makes the rate its own, which no repeat changes", () => {
    const both = (generatorNs: number, serverNs: number, metrics: Measurement["metrics"]) => {
      const quiet = measured(null, [core(0, 0), core(1, 0)]);
      const server = { ...use, cpuNs: serverNs };
      return qualityFlagOf({
        ...quiet,
        metrics,
        server,
        generator: { ...quiet.generator, cpuNs: generatorNs },
      });
    };
    const rate = { throughputHz: 1e6 };
    const flag = both(1.9e8, 1.7e8, rate);
    expect(flag).toMatchObject({ code: "generator-saturated" });
    expect(flag !== null && mayPass(flag)).toBe(false);
    expect(both(1.89e8, 1.7e8, rate)).toBeNull();
    expect(both(1.9e8, 1.8e8, rate)).toBeNull();
    // An open loop's generator spins whatever it has to do.
    expect(both(2e8, 1e7, { deliveriesHz: 1e6 })).toBeNull();
  });

  test("lateness is measured by what it is a part of", () => {
    const slow = { ...measured(4.9e6), metrics: { latencyNsP99: 5e7 } };
    expect(qualityFlagOf(slow)).toBeNull();
    expect(qualityFlagOf({ ...slow, metrics: { latencyNsP99: 4e7 } })?.reason).toContain(
      "the limit is 4.00 ms",
    );
  });

  test("foreign CPU is a share of the time between the readings, and the worst core speaks", () => {
    expect(qualityFlagOf(measured(null, [core(0, 3e7), core(1, 9e7)]))).toEqual({
      code: "foreign-cpu",
      reason: "other processes took 45 % of core 1 during the window",
    });
  });

  test("stolen time asks for a repeat from 5 % on", () => {
    expect(qualityFlagOf(measured(null, [core(0, 0, 2e7)]))?.reason).toBe(
      "the hypervisor took 10 % of core 0 during the window",
    );
  });
});
