import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { RunEvent } from "../../schemas/event.ts";
import { whyOf } from "../analysis/why.ts";
import { Calibrator } from "../calibrate/calibrator.ts";
import { commandWithin, findRuntimes } from "../candidates/commands.ts";
import { planFrom } from "../fixtures/planned.ts";
import { LoadClient } from "../load-client.ts";
import { startChild } from "../process/child.ts";
import { Children } from "../process/children.ts";
import { childEnv } from "../process/env.ts";
import { thisHost } from "../process/runtimes.ts";
import { InsideLink } from "./inside-link.ts";
import { runDiagnostics } from "./run-diagnostics.ts";

setDefaultTimeout(120_000);

const children = new Children();
const load = new LoadClient(children, null);
const calibrator = new Calibrator(children, load, { pinned: false, reason: "counts do not depend on cores" });
afterAll(async () => {
  await load.stop();
  await children.close();
});

const argv = ["--candidates", "bun/serve,node/ws", "--workloads", "feed", "--profile", "smoke", "--why"];
const made = planFrom(...argv);
const program = made.candidates.find(({ name }) => name === "node/ws");
if (program === undefined) throw new Error("expected node/ws");

test("a trial counts what a server asks of the kernel, and tells its queue at three rates", async () => {
  const cells = made.cells.map((cell) => ({ ...cell, spec: { ...cell.spec, windowMs: 15 } }));
  const plan = { ...made, candidates: [program], cells };
  const events: RunEvent[] = [];
  await runDiagnostics({
    plan,
    bench: calibrator.bench(plan, { "node/ws": ["plain"] }),
    benchWithin: () => Promise.resolve(null),
    children,
    serverCores: null,
    record: (event) => void events.push(event),
    done: [],
    unavailable: new Set(),
    now: () => new Date(),
    stopping: () => false,
  });
  expect(events.map(({ type }) => type)).toEqual(["extra-finished"]);
  const [found] = whyOf(plan, events);
  expect(found?.inside).toEqual({ notMeasured: "runtime-tells-nothing" });
  expect(found?.cost?.cpuNs).toBeGreaterThan(0);
  expect(found?.explained?.predictions.map(({ times }) => times)).toEqual([2, 4]);
  const calls = found?.systemCalls;
  if (calls === undefined || "notMeasured" in calls) {
    // Where strace is not there, or may not look into other processes, that is what is told.
    expect(calls?.notMeasured).toBe(thisHost.which("strace") === null ? "no-strace" : "not-permitted");
    return;
  }
  // A message to ten subscribers is ten writes at most, of a hundred bytes and more each.
  expect(calls.writes).toBeGreaterThan(0);
  expect(calls.writes).toBeLessThanOrEqual(calls.calls);
  expect(calls.bytes).toBeGreaterThan(100 * calls.deliveries);
});

test.each([
  ["node/ws", true],
  ["bun/serve", false],
])(
  "the runtime of %s is watched from within: its loop, its functions, and its collector where it tells",
  async (name, reportsGc) => {
    const candidate = made.candidates.find((c) => c.name === name);
    if (candidate === undefined) throw new Error(`expected ${name}`);
    const { runtimes } = await findRuntimes([candidate]);
    const path = runtimes.get(name)?.path ?? "";
    const busy = join(import.meta.dir, "fixtures", "busy.mjs");
    const command = await commandWithin(candidate, { commands: new Map([[name, [path, busy]]]) });
    // By count and not by time: a busy machine takes longer to burn.
    let onBurnt = (_: Uint8Array): void => undefined;
    const burntAgain = () =>
      new Promise<void>((resolve) => {
        let lines = 0;
        onBurnt = (chunk) => {
          lines += chunk.filter((byte) => byte === 10).length;
          if (lines > 12) resolve();
        };
      });
    const link = new InsideLink();
    const started = startChild(
      { command: command ?? [], env: childEnv({ TICKBENCH_INSIDE: `${link.port}` }), cores: null },
      children,
      { onStdout: (chunk) => onBurnt(chunk) },
    );
    if (!started.ok) throw new Error(started.failure.reason);
    expect(await link.start()).toBe(true);
    await burntAgain();
    const told = await link.stop();
    link.close();
    started.child.kill();
    await started.child.exited;
    expect(told?.loop.lateMsMax).toBeGreaterThan(5);
    expect(told?.profile?.frames.map((frame) => frame.name)).toContain("burnForTest");
    expect(told?.gc === null).toBe(!reportsGc);
    if (reportsGc) expect(told?.gc?.pauses).toBeGreaterThan(0);
  },
);

test("a server that never answers, or goes, is given up", async () => {
  const link = new InsideLink();
  const { connect } = await import("node:net");
  const socket = connect({ host: "127.0.0.1", port: link.port });
  socket.write('not json\n{"type":"hello"}\n');
  socket.once("data", () => socket.destroy());
  expect(await link.start()).toBe(false);
  expect(await link.stop()).toBeNull();
  link.close();
});
