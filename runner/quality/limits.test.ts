import { describe, expect, test } from "bun:test";
import type { RunEvent } from "../../schemas/event.ts";
import { type Limits, readLimits } from "../process/limits.ts";
import { planPins } from "../process/pin.ts";
import { judgeLimits, LimitWatch } from "./limits.ts";

const none: Limits = { cpuQuota: null, memory: null, openFiles: null };
const quota = (cores: number): Limits => ({
  ...none,
  cpuQuota: { value: cores, file: "/sys/fs/cgroup/cpu.max", text: `${cores * 1e5} 100000` },
});

function judge(limits: Limits, { force = false, allowed = [0, 1], counted = [0, 1] } = {}) {
  const machine = { platform: "linux", allowed, siblings: new Map(), settable: true, counted };
  return judgeLimits(planPins(machine), machine, force, null, limits);
}

describe("judgeLimits", () => {
  test("two cores or more, and none, are enough", () => {
    for (const limits of [none, quota(2), quota(8)]) expect(judge(limits)).toEqual([]);
  });

  test("less is refused in one line with the limit, its value, its file and the fix", () => {
    expect(() => judge(quota(1.5))).toThrow(
      /^the CPU quota must be at least 2 cores, .+ got 1\.5 \(\/sys\/fs\/cgroup\/cpu\.max: 150000 100000\); raise it \(docker run --cpus.+--force$/,
    );
    const memory = { value: 2 ** 29, file: "/sys/fs/cgroup/memory.max", text: "536870912" };
    expect(() => judge({ ...none, memory })).toThrow(/^the memory limit .+ got 512 MiB \(.+memory\.max/);
    expect(() => judge(none, { allowed: [3], counted: [3] })).toThrow(
      /^two cores must be allowed.+ got core 3/,
    );
  });

  test("with --force each is a warning of its own cause", () => {
    const memory = { value: 2 ** 29, file: "m", text: "536870912" };
    const warnings = judge({ ...quota(1), memory }, { force: true, allowed: [0] });
    expect(warnings.map((w) => w.code)).toEqual(["cpu-quota", "cpuset", "memory-limit"]);
  });

  test("cores that cannot be accounted are reported, and refuse nothing", () => {
    expect(judge(none, { allowed: [2, 3] }).map((w) => w.code)).toEqual(["cores-not-accountable"]);
  });

  test("throttling before the start is refused", () => {
    const machine = {
      platform: "linux",
      allowed: [0, 1],
      siblings: new Map(),
      settable: true,
      counted: [0, 1],
    };
    const taken = { throttledPeriods: 2, throttledNs: 5e7, memoryEvents: 0 };
    const judged = (force: boolean) => judgeLimits(planPins(machine), machine, force, taken, quota(2));
    expect(() => judged(false)).toThrow("50.0 ms");
    expect(judged(true).map((w) => w.code)).toEqual(["throttled"]);
  });

  test("the limits of this machine can be read", () => {
    expect(readLimits().openFiles?.value).toBeGreaterThan(0);
  });
});

describe("LimitWatch", () => {
  const trial = (code: string | null): RunEvent =>
    ({
      type: "window-finished",
      doubt: code === null ? null : { code, reason: "held back" },
    }) as never;
  const after = (...codes: (string | null)[]) => {
    const watch = new LimitWatch();
    for (const code of codes) watch.see(trial(code));
    return watch.refusal !== null;
  };

  test("ends a run of which three windows in a row were held back, and no other", () => {
    expect(after("throttled", "memory-limit", "throttled", null)).toBe(true);
    expect(after("throttled", "throttled", null, "throttled", "throttled")).toBe(false);
    expect(after("foreign-cpu", "foreign-cpu", "foreign-cpu")).toBe(false);
  });
});
