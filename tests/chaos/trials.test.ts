import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { parseArgs } from "../../runner/args.ts";
import { runExperiment } from "../../runner/experiment.ts";
import { LoadClient } from "../../runner/load-client.ts";
import { makePlan } from "../../runner/plan.ts";
import { Children } from "../../runner/proc/children.ts";
import { planPins, readTopology } from "../../runner/proc/pin.ts";
import { createBench } from "../../runner/trial.ts";
import type { RunEvent } from "../../schemas/event.ts";
import type { Plan } from "../../schemas/plan.ts";

setDefaultTimeout(60_000);

const fixture = join(import.meta.dir, "fixtures", "server.ts");
const children = new Children();
const pins = planPins(readTopology());
const load = new LoadClient(children, pins.pinned ? pins.load : null);
afterAll(async () => {
  await load.stop();
  await children.close();
});

/** Shares of servers that were busy with nobody connected. */
const busy: number[] = [];

/** One candidate, one round, the two echo cells; the limits are short so that a hang costs little. */
function planOf(): Plan {
  const argv = [
    "--profile",
    "smoke",
    "--rounds",
    "1",
    "--candidates",
    "bun/serve",
    "--workloads",
    "echo/sbe*,echo/raw*",
  ];
  const invocation = parseArgs(argv, "0");
  if (invocation.kind !== "run") throw new Error("expected a run");
  const plan = makePlan(invocation.options);
  const limits = { readyMs: 3000, connectMs: 2000, drainMs: 300, trialGraceMs: 1500, stopMs: 500 };
  return { ...plan, candidates: plan.candidates.filter((c) => c.twinOf === null), limits };
}

async function runMode(mode: string): Promise<RunEvent[]> {
  const plan = planOf();
  const commands = new Map([
    ["bun/serve", [process.execPath, fixture, mode]],
    ["null-server", [process.execPath, join(import.meta.dir, "../../runner/load/null-server.ts")]],
  ]);
  const events: RunEvent[] = [];
  await runExperiment({
    plan,
    bench: createBench({
      plan,
      pins,
      children,
      load,
      port: 0,
      commands,
      onBusyAtRest: (_, share) => busy.push(share),
    }),
    record: (event) => events.push(event),
    done: [],
    unavailable: new Set(),
    now: () => new Date(),
    openTrials: () => null,
    stopping: () => false,
  });
  // The load worker may live on; every server has ended.
  expect(children.pids.filter((pid) => pid !== load.pid)).toEqual([]);
  return events;
}

const failures = (events: readonly RunEvent[]) =>
  events.flatMap((e) => (e.type === "trial-failed" ? [e] : []));
const finished = (events: readonly RunEvent[]) =>
  events.flatMap((e) => (e.type === "trial-finished" ? [e] : []));

describe("whatever a server does, its cell fails with the phase and the reason, and the run goes on", () => {
  test("a good one is measured", async () => {
    const events = await runMode("good");
    expect(failures(events)).toEqual([]);
    const cells = new Set(finished(events).map((e) => e.cell));
    expect(cells.size).toBe(2);
  });

  test("it never gets ready", async () => {
    const [failure, ...more] = failures(await runMode("never-ready"));
    expect(more).toEqual([]);
    expect(failure).toMatchObject({ cell: null, phase: "start", reason: "no ready line within 3000 ms" });
    expect(failure?.stderr).toEqual(["still loading the order book"]);
  });

  test("it exits in the middle of a trial", async () => {
    const failed = failures(await runMode("exits"));
    expect(failed.length).toBeGreaterThan(0);
    for (const failure of failed) {
      expect(failure.reason).toContain("the process ended with exit code 7");
      expect(failure.stderr).toContain("fatal: out of luck");
    }
  });

  test("it stops answering", async () => {
    const failed = failures(await runMode("hangs"));
    expect(failed.some((f) => f.cell !== null)).toBe(true);
  });

  test("it closes every connection", async () => {
    const failed = failures(await runMode("refuses"));
    expect(failed.length).toBeGreaterThan(0);
  });

  test("it answers with something else", async () => {
    const failed = failures(await runMode("lies"));
    expect(failed.map((f) => f.phase)).toEqual(["verify", "verify"]);
  });

  test("it floods stderr, which is no failure", async () => {
    const events = await runMode("floods");
    expect(failures(events)).toEqual([]);
  });

  test("it goes on working when nobody is connected, which is a finding", async () => {
    busy.length = 0;
    await runMode("never-rests");
    expect(busy.length).toBe(1);
    expect(busy[0]).toBeGreaterThan(0.2);
  });

  test("it ignores SIGTERM, which is told and ends nothing", async () => {
    const events = await runMode("ignores-sigterm");
    expect(new Set(finished(events).map((e) => e.cell)).size).toBe(2);
    expect(failures(events)).toMatchObject([
      { phase: "stop", reason: "still running 500 ms after SIGTERM, killed" },
    ]);
  });
});
