import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { runtimeIntake } from "./direct.ts";
import { pace } from "./pace.ts";

/** A loop in model time: each step takes the next of `stepsNs`. */
function model(stepsNs: readonly number[]) {
  let now = 1e9;
  let step = 0;
  const intake = {
    ...runtimeIntake,
    until: async (isDone: () => boolean) => {
      do now += stepsNs[step++ % stepsNs.length] ?? 1;
      while (!isDone());
    },
  };
  return { clock: () => now, intake };
}

async function run(intended: readonly number[], windowAtNs: number, stepsNs: readonly number[]) {
  const { clock, intake } = model(stepsNs);
  const sent: { n: number; atNs: number }[] = [];
  const order: string[] = [];
  let startNs = 0;
  const result = await pace({
    intendedNs: Float64Array.from(intended),
    windowAtNs,
    clock,
    intake,
    onStart: (ns) => {
      startNs = ns;
    },
    onWindow: () => order.push("window"),
    send: (from, to) => {
      for (let n = from; n < to; n += 1) {
        sent.push({ n, atNs: clock() - startNs });
        order.push(`${n}`);
      }
    },
  });
  return { sent, order, ...result };
}

describe("pace", () => {
  test("every message goes once, in order, never before its time and never more than a turn late", async () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 500_000 }), { minLength: 1, maxLength: 60 });
    const steps = fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(gaps, steps, async (gapsNs, stepsNs) => {
        let at = 0;
        const intended = gapsNs.map((gap) => (at += gap));
        const { sent } = await run(intended, 0, stepsNs);
        expect(sent.map(({ n }) => n)).toEqual(intended.map((_, n) => n));
        for (const { n, atNs } of sent) {
          const late = atNs - (intended[n] ?? 0);
          expect(late).toBeGreaterThanOrEqual(0);
          expect(late).toBeLessThanOrEqual(Math.max(...stepsNs));
        }
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  test("lateness is told of the window's messages alone, and a stall shows in it and in the hiccups", async () => {
    const intended = Array.from({ length: 100 }, (_, n) => n * 1e6);
    // One turn of 20 ms every 41 turns of 0.5 ms.
    const stepsNs = [...Array<number>(40).fill(5e5), 2e7];
    const { lateness, hiccups } = await run(intended, 50e6, stepsNs);
    expect(lateness.total).toBe(50);
    expect(hiccups.maxNs).toBe(2e7);
    expect(lateness.maxNs).toBeGreaterThan(1.8e7);
    expect(lateness.maxNs).toBeLessThanOrEqual(2e7);
  });

  test("the window is opened once, before its first message", async () => {
    const { order } = await run([0, 1e6, 4e6, 5e6], 4e6, [2e5]);
    expect(order).toEqual(["0", "1", "window", "2", "3"]);
  });

  test("what the send throws ends the pacing", async () => {
    const { clock, intake } = model([1e6]);
    const failing = pace({
      intendedNs: Float64Array.of(0, 1e6),
      windowAtNs: 0,
      clock,
      intake,
      onStart: () => undefined,
      send: () => {
        throw new Error("the publisher is gone");
      },
    });
    await expect(failing).rejects.toThrow("the publisher is gone");
  });
});
