import { expect, test } from "bun:test";
import { startChild } from "../process/child.ts";
import { Children } from "../process/children.ts";
import { childEnv } from "../process/env.ts";
import { busyAtRest, judgeLook } from "./post-trial.ts";

const asleep = { elapsedNs: 100, waitedNs: 0, runnable: false };

test("a server that sleeps most of the time rests", () => {
  expect(judgeLook({ ...asleep, cpuNs: 19 }).rests).toBe(true);
  expect(judgeLook({ ...asleep, cpuNs: 20 }).rests).toBe(false);
});

test("one that gets a tenth of a core that others want is as busy as one that gets all of it", () => {
  expect(judgeLook({ ...asleep, cpuNs: 10, waitedNs: 90 })).toEqual({ rests: false, share: 1 });
  expect(judgeLook({ ...asleep, cpuNs: 1, waitedNs: 50 }).rests).toBe(true);
});

test("one that has waited through the whole look has not come to rest", () => {
  expect(judgeLook({ ...asleep, cpuNs: 0, runnable: true }).rests).toBe(false);
  // The wait that began before the look is counted when it ends.
  expect(judgeLook({ ...asleep, cpuNs: 5, waitedNs: 400, runnable: true })).toEqual({
    rests: false,
    share: 1,
  });
});

test.skipIf(process.platform !== "linux")(
  "a wrapper that sleeps is as busy as what it has started",
  async () => {
    const children = new Children();
    const spec = { command: ["/bin/sh", "-c", "while :; do :; done & wait"], env: childEnv({}), cores: null };
    const started = startChild(spec, children, { onStdout: () => undefined });
    if (!started.ok) throw new Error(started.failure.reason);
    try {
      expect(await busyAtRest(started.child.pid)).toBeGreaterThan(0.2);
    } finally {
      started.child.kill();
      await started.child.exited;
    }
  },
);
