import { expect, test } from "bun:test";
import type { RunEvent } from "../../schemas/event.ts";
import type { SoakWindow } from "../../schemas/soak.ts";
import { createRandom } from "../../stats/random.ts";
import { planFrom } from "../fixtures/planned.ts";
import { analyseScript } from "../fixtures/scripted-run.ts";
import { isComplete } from "../record/resume.ts";
import { soakWarnings } from "./soak.ts";

const planned = (argv: string) => planFrom(...argv.split(" "));
const plan = planned("--candidates bun/serve,node/ws --workloads feed --profile smoke --soak 10m");

const mib = 2 ** 20;

function windowsOf(of: (i: number, noise: () => number) => Partial<SoakWindow>): SoakWindow[] {
  const random = createRandom(3);
  return Array.from({ length: 60 }, (_, i) => ({
    atS: 10 * i,
    latencyNsP99: 1e6 * (1 + 0.02 * random.normal()),
    pauseNs: 4e6,
    ownNs: 1e6,
    rssBytes: 80 * mib * (1 + 0.002 * random.normal()),
    flawed: 0,
    disturbed: false,
    secondsP99Ns: Array.from({ length: 10 }, () => 1e6),
    ...of(i, () => random.normal()),
  }));
}

const soaked = (candidate: string, windows: SoakWindow[]): RunEvent => ({
  type: "extra-finished",
  at: "2026-03-04T09:30:00.000Z",
  candidate,
  cell: "feed/json/passthrough/send/s10",
  kind: "soak",
  outcome: { kind: "soak", soak: { windowMs: 10_000, windows } },
  tookMs: 1,
});

const told = (of: Parameters<typeof windowsOf>[0]) => {
  const [result] = analyseScript({
    plan,
    measure: () => null,
    more: [soaked("bun/serve", windowsOf(of))],
  }).soak;
  if (result === undefined) throw new Error("expected a soak");
  return result;
};

test("a server that leaks is found to rise, by how much an hour; one whose heap grows to its size is flat", () => {
  const leak = told((i) => ({ rssBytes: (80 + i / 3) * mib }));
  expect(leak.rss.verdict).toBe("rising");
  // A third of a MiB in 10 s is 120 MiB an hour.
  expect(leak.rss.perHour).toBeGreaterThan(110 * mib);
  expect(leak.rss.perHour).toBeLessThan(130 * mib);
  expect(leak.latency.verdict).toBe("flat");
  expect(soakWarnings([leak]).map(({ code }) => code)).toEqual(["soak-rising"]);
  const settling = told((i, noise) => ({
    rssBytes: (60 + 20 * Math.min(1, i / 15)) * mib * (1 + 0.002 * noise()),
  }));
  expect(settling.rss.verdict).toBe("flat");
  expect(soakWarnings([settling])).toEqual([]);
});

test("a heap that is swept now and then is no leak, and too wide a scatter decides nothing", () => {
  expect(told((i) => ({ rssBytes: (80 + (i % 7) / 2) * mib })).rss.verdict).toBe("flat");
  expect(told((_, noise) => ({ latencyNsP99: 1e6 * Math.exp(noise()) })).latency.verdict).toBe("undecided");
});

test("a disturbed window tells nothing of latency: neither its trend nor its pause", () => {
  const result = told((i) =>
    i >= 40 ? { disturbed: true, latencyNsP99: 9e6, pauseNs: 9e7, ownNs: 0 } : { pauseNs: 2e6 + i },
  );
  expect(result.latency.verdict).toBe("flat");
  expect(result.disturbed).toBe(20);
  expect(result.longestPause).toEqual({ atS: 390, ns: 1e6 + 39 });
  expect(result.points).toHaveLength(300);
});

test("few windows decide nothing", () => {
  const [result] = analyseScript({
    plan,
    measure: () => null,
    more: [soaked("bun/serve", windowsOf(() => ({})).slice(0, 12))],
  }).soak;
  expect(result?.rss).toMatchObject({ verdict: "undecided", growthPct: null });
});

test("a run is complete with its last extra trial, failed ones included", () => {
  const only = { ...plan, rounds: 0 as number };
  const started = { plan: only } as Parameters<typeof isComplete>[0]["started"];
  const one = soaked("bun/serve", []);
  const failed: RunEvent = {
    type: "extra-failed",
    at: "2026-03-04T09:30:00.000Z",
    candidate: "node/ws",
    cell: "feed/json/passthrough/send/s10",
    kind: "soak",
    phase: "start",
    reason: "no",
    tookMs: 1,
  };
  expect(isComplete({ started, events: [one] })).toBe(false);
  expect(isComplete({ started, events: [one, failed] })).toBe(true);
});

test("a soak needs a feed, and its length comes from the plan", () => {
  const bare = () => planned("--candidates bun/serve --workloads echo --soak 10m");
  expect(bare).toThrow("--soak: needs a feed");
  for (const wrong of ["10", "5s", "1d", "x"]) {
    expect(() => planned(`--candidates bun/serve --soak ${wrong}`)).toThrow("--soak: must be a time");
  }
  expect(plan.extras).toEqual({ soakMs: 600_000, why: false });
});
