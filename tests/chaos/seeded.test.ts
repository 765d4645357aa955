import { expect, test } from "bun:test";
import { chaos } from "./seeded.ts";

// The long mode: bun run bench/chaos.ts. Processes are found through /proc.
test.skipIf(process.platform !== "linux").each([
  [20, "SIGKILL to the runner"],
  [33, "SIGTERM to the runner"],
])(
  "seed %p, %p: nothing measured is lost, nothing is left, and the run can be gone on with",
  async (seed, fault) => {
    const found = await chaos(seed);
    expect(found.fault).toContain(fault);
    expect(found.wrong).toEqual([]);
  },
  400_000,
);
