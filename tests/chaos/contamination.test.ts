import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseReport } from "../../reports/json.ts";
import { withAffinity } from "../../runner/process/pin.ts";
import { FixtureBench } from "./bench.ts";
import { compare } from "./compare.ts";

setDefaultTimeout(60_000);

const bench = new FixtureBench();
const { pins } = bench;
afterAll(() => bench.close());

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
  const outcome = await compare([...short, "--out", out, ...argv]);
  rmSync(out, { recursive: true });
  return outcome;
}

describe.skipIf(!pins.pinned)("a stray process on the load's core", () => {
  test("is seen in the window, which is discarded, measured again, and never counted", async () => {
    const core = pins.pinned ? pins.load : [];
    const { events } = await besideBusyLoop(() => bench.run("good", "echo/sbe*", {}, 0, false));
    const windows = events.flatMap((e) => (e.type === "window-finished" ? [e] : []));
    // One is planned, and is so short that it may be had again twice.
    expect(windows.map((w) => w.attempt)).toEqual([1, 2, 3]);
    expect(windows.every((w) => w.doubt?.code === "foreign-cpu" && !w.counted)).toBe(true);
    expect(events.find((e) => e.type === "trial-finished")).toMatchObject({ missing: 1 });
    for (const { measurement } of windows) {
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

  test("leaves a run that was forced without a figure, and its report says why", async () => {
    const { stdout, code } = await besideBusyLoop(() => command("--force"));
    expect(code).toBe(3);
    const { warnings, noise } = parseReport(stdout, "stdout");
    const [forced] = warnings.filter((w) => w.code === "machine-was-busy");
    expect(forced?.cause).toMatch(/^started with --force on a busy machine: .+ \(pid \d+,/);
    expect(noise.windows).toMatchObject({ clean: 0, kept: 0 });
    expect(noise.windows?.missing).toBeGreaterThan(0);
    expect(noise.windows?.discarded["foreign-cpu"]).toBeGreaterThan(0);
  });

  test("is counted in a run that keeps what is disturbed, and told", async () => {
    const { stdout, code } = await besideBusyLoop(() => command("--force", "--keep-disturbed"));
    expect(code).toBe(0);
    const { warnings, noise, results } = parseReport(stdout, "stdout");
    expect(warnings.some((w) => w.code === "foreign-cpu")).toBe(true);
    expect(noise.windows?.kept).toBeGreaterThan(0);
    expect(results.every((r) => r.rounds === 1)).toBe(true);
  });
});
