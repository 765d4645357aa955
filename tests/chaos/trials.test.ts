import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { freePort } from "../../runner/process/ports.ts";
import type { RunEvent } from "../../schemas/event.ts";
import { FixtureBench } from "./bench.ts";

setDefaultTimeout(60_000);

const bench = new FixtureBench();
afterAll(() => bench.close());

/** Short, so that a hang costs little. */
const limits = { readyMs: 3000, connectMs: 2000, drainMs: 300, trialGraceMs: 1500, stopMs: 500 };
const run = (mode: string) => bench.run(mode, "echo/sbe*,echo/raw/64B/c1w1", limits);

const failures = (events: readonly RunEvent[]) =>
  events.flatMap((e) => (e.type === "trial-failed" ? [e] : []));
const finished = (events: readonly RunEvent[]) =>
  events.flatMap((e) => (e.type === "trial-finished" ? [e] : []));

describe("whatever a server does, its cell fails with the phase and the reason, and the run goes on", () => {
  test("a good one is measured", async () => {
    const { events } = await run("good");
    expect(failures(events)).toEqual([]);
    const cells = new Set(finished(events).map((e) => e.cell));
    expect(cells.size).toBe(2);
  });

  test("a good one is measured on a fixed port, which the null server leaves free", async () => {
    const { events } = await bench.run("good", "echo/sbe*", limits, freePort());
    expect(failures(events)).toEqual([]);
    expect(events.map((e) => e.type)).toContain("ceiling-measured");
    expect(finished(events).length).toBeGreaterThan(0);
  });

  test("it never gets ready", async () => {
    const [failure, ...more] = failures((await run("never-ready")).events);
    expect(more).toEqual([]);
    expect(failure).toMatchObject({ cell: null, phase: "start", reason: "no ready line within 3000 ms" });
    expect(failure?.stderr).toEqual(["still loading the order book"]);
  });

  test("it exits in the middle of a trial", async () => {
    const failed = failures((await run("exits")).events);
    expect(failed.length).toBeGreaterThan(0);
    for (const failure of failed) {
      expect(failure.cell).not.toBeNull();
      expect(failure.reason).toContain("the process ended with exit code 7");
      expect(failure.stderr).toContain("fatal: out of luck");
    }
  });

  test("it exits while it is warmed, and the next cell gets a fresh one", async () => {
    const { events } = await run("dies-warming");
    const failed = failures(events);
    expect(failed.length).toBeGreaterThan(0);
    for (const failure of failed) {
      expect(failure).toMatchObject({
        cell: expect.any(String),
        reason: "the server was lost: the process ended with exit code 7",
        stderr: ["fatal: out of luck"],
      });
    }
  });

  test("it stops answering", async () => {
    const failed = failures((await run("hangs")).events);
    expect(failed.some((f) => f.cell !== null)).toBe(true);
    expect(failed.filter((f) => f.fault === "generator")).toEqual([]);
  });

  test("it closes every connection", async () => {
    const failed = failures((await run("refuses")).events);
    expect(failed.length).toBeGreaterThan(0);
  });

  test("it answers with something else", async () => {
    const failed = failures((await run("lies")).events);
    expect(failed.map((f) => f.phase)).toEqual(["verify", "verify"]);
  });

  test("it floods stderr, which is no failure", async () => {
    const { events } = await run("floods");
    expect(failures(events)).toEqual([]);
  });

  test("it goes on working when nobody is connected, which is a finding", async () => {
    const { busyAtRest } = await run("never-rests");
    expect(busyAtRest).toHaveLength(1);
    expect(busyAtRest[0]).toBeGreaterThan(0.2);
  });

  test("it ignores SIGTERM, which is reported and ends nothing", async () => {
    const { events } = await run("ignores-sigterm");
    expect(new Set(finished(events).map((e) => e.cell)).size).toBe(2);
    expect(failures(events)).toMatchObject([{ phase: "stop", reason: expect.stringContaining("500 ms") }]);
  });
});
