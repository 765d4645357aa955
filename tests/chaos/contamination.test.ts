import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseReport } from "../../reports/json.ts";
import { parseArgs } from "../../runner/args.ts";
import { runExperiment } from "../../runner/experiment.ts";
import { LoadClient } from "../../runner/load-client.ts";
import { makePlan } from "../../runner/plan.ts";
import { Children } from "../../runner/proc/children.ts";
import { planPins, readTopology, withAffinity } from "../../runner/proc/pin.ts";
import { createBench } from "../../runner/trial.ts";
import type { RunEvent } from "../../schemas/event.ts";

setDefaultTimeout(60_000);

const pins = planPins(readTopology());
const fixture = join(import.meta.dir, "fixtures", "server.ts");
const children = new Children();
const load = new LoadClient(children, pins.pinned ? pins.load : null);
afterAll(async () => {
  await load.stop();
  await children.close();
});

/** One echo cell, one round, of the fixture server. */
async function measure(): Promise<RunEvent[]> {
  const argv = [
    "--profile",
    "smoke",
    "--rounds",
    "1",
    "--candidates",
    "bun/serve",
    "--workloads",
    "echo/sbe*",
  ];
  const invocation = parseArgs(argv, "0");
  if (invocation.kind !== "run") throw new Error("expected a run");
  const made = makePlan(invocation.options);
  const plan = { ...made, candidates: made.candidates.filter((c) => c.twinOf === null) };
  const commands = new Map([
    ["bun/serve", [process.execPath, fixture, "good"]],
    ["null-server", [process.execPath, join(import.meta.dir, "../../runner/load/null-server.ts")]],
  ]);
  const events: RunEvent[] = [];
  await runExperiment({
    plan,
    bench: createBench({ plan, pins, children, load, port: 0, commands, onBusyAtRest: () => undefined }),
    record: (event) => events.push(event),
    done: [],
    unavailable: new Set(),
    now: () => new Date(),
    openTrials: () => null,
    stopping: () => false,
  });
  return events;
}

/** A loop that never rests, on the load's core, for the time of `use`. */
async function besideBusyLoop<T>(use: () => Promise<T>): Promise<T> {
  const busy = withAffinity(pins.pinned ? pins.load : [], () =>
    Bun.spawn([process.execPath, "-e", "for (;;);"], { stdio: ["ignore", "ignore", "ignore"] }),
  );
  try {
    return await use();
  } finally {
    busy.kill("SIGKILL");
    await busy.exited;
  }
}

/** The command, on one cell of one round. */
async function command(...argv: string[]) {
  const out = mkdtempSync(join(tmpdir(), "tickbench-busy-"));
  const short = "--profile smoke --rounds 1 --candidates bun/serve --workloads push --quiet --json".split(
    " ",
  );
  const child = Bun.spawn([process.execPath, "runner/compare.ts", ...short, "--out", out, ...argv], {
    cwd: join(import.meta.dir, "..", ".."),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  rmSync(out, { recursive: true });
  return { stdout, stderr, code };
}

describe.skipIf(!pins.pinned)("a stray process on the load's core", () => {
  test("is seen in the trial, which is done again and at last counted with its doubt", async () => {
    const core = pins.pinned ? pins.load : [];
    const events = await besideBusyLoop(measure);
    const trials = events.flatMap((e) => (e.type === "trial-finished" ? [e] : []));
    expect(trials.length).toBeGreaterThan(1);
    expect(trials.every((t) => t.doubt?.code === "foreign-cpu")).toBe(true);
    expect(trials.slice(0, -1).every((t) => t.void !== null)).toBe(true);
    expect(trials.at(-1)?.void).toBeNull();
    for (const { measurement } of trials) {
      const own = measurement.cores.find((c) => c.core === core[0]);
      expect((own?.foreignNs ?? 0) / (own?.elapsedNs ?? 1)).toBeGreaterThan(0.1);
    }
  });

  test("has a run refused at the start, by the names of the processes", async () => {
    const { stdout, stderr, code } = await besideBusyLoop(() => command());
    expect([stdout, code]).toEqual(["", 2]);
    expect(stderr).toMatch(/^the machine is busy: .+ \(pid \d+, \d+ % of core \d+\)/);
    expect(stderr).toContain("--force");
  });

  test("is in the report of a run that was forced", async () => {
    const { stdout, code } = await besideBusyLoop(() => command("--force"));
    expect(code).toBe(0);
    const { warnings, noise } = parseReport(stdout, "stdout");
    const [forced] = warnings.filter((w) => w.code === "machine-was-busy");
    expect(forced?.cause).toMatch(/^started with --force on a busy machine: .+ \(pid \d+,/);
    expect(noise.contaminatedTrials).toBeGreaterThan(0);
  });
});
