import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { startChild } from "./child.ts";
import { Children } from "./children.ts";
import { childEnv } from "./env.ts";
import { type ProcessSample, resetPeak, sampleProcess, sampleTree, usageBetween } from "./sample.ts";

setDefaultTimeout(30_000);

const before: ProcessSample = {
  atNs: 1000,
  pid: 7,
  startTicks: 5,
  cpuNs: 100,
  rssBytes: 4096,
  rssBytesPeak: 8192,
  threads: 2,
  switches: new Map([
    [7, { voluntary: 10, involuntary: 1 }],
    [8, { voluntary: 100, involuntary: 9 }],
  ]),
};

test("use is the difference, thread by thread", () => {
  const after: ProcessSample = {
    ...before,
    atNs: 3000,
    cpuNs: 900,
    rssBytes: 6144,
    threads: 2,
    // Thread 8 has ended and 9 has begun: neither may make the count go back.
    switches: new Map([
      [7, { voluntary: 15, involuntary: 1 }],
      [9, { voluntary: 3, involuntary: 2 }],
    ]),
  };
  expect(usageBetween(before, after)).toEqual({
    elapsedNs: 2000,
    cpuNs: 800,
    voluntarySwitches: 8,
    involuntarySwitches: 2,
    rssBytes: 6144,
    rssBytesPeak: 8192,
    threads: 2,
  });
});

test("two processes have no difference", () => {
  expect(usageBetween(before, { ...before, pid: 8 })).toBeNull();
  expect(usageBetween(before, { ...before, startTicks: 6 })).toBeNull();
});

describe.skipIf(process.platform !== "linux")("real processes", () => {
  const children = new Children();
  afterAll(() => children.close());

  function sampled(pid: number): ProcessSample {
    const result = sampleProcess(pid);
    if (!result.ok) throw new Error(result.reason);
    return result.sample;
  }

  test("CPU time agrees with what the runtime counts for itself", () => {
    const own = process.cpuUsage();
    const first = sampled(process.pid);
    const until = performance.now() + 60;
    while (performance.now() < until) Math.sqrt(until);
    const last = sampled(process.pid);
    const spent = process.cpuUsage(own);
    const usage = usageBetween(first, last);
    expect(usage?.cpuNs).toBeGreaterThan(0);
    expect(usage?.cpuNs).toBeLessThanOrEqual((spent.user + spent.system) * 1000 + 1e6);
    expect(last.rssBytes).toBeGreaterThan(1 << 20);
    expect(last.rssBytesPeak).toBeGreaterThanOrEqual(last.rssBytes);
    expect(last.switches.size).toBeGreaterThanOrEqual(1);
  });

  test("the peak starts again after a reset", async () => {
    const code = `
      let big = new Uint8Array(64 << 20).fill(1);
      big = null;
      Bun.gc(true);
      console.log("released");
      setInterval(() => {}, 1e6);`;
    const released = Promise.withResolvers<void>();
    const result = startChild(
      { command: [process.execPath, "-e", code], env: childEnv({}), cores: null },
      children,
      { onStdout: () => released.resolve() },
    );
    if (!result.ok) throw new Error(result.failure.reason);
    await released.promise;
    const { pid } = result.child;
    const high = sampled(pid).rssBytesPeak;
    expect(high).toBeGreaterThan(64 << 20);
    expect(resetPeak(pid)).toBe(true);
    expect(sampled(pid).rssBytesPeak).toBeLessThan(high);
    expect(sampleTree(process.pid).map((each) => each.pid)).toContain(pid);
    await result.child.stop(20_000);
    expect(sampleProcess(pid)).toEqual({ ok: false, reason: "gone" });
    expect(resetPeak(pid)).toBe(false);
  });
});
