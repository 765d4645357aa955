import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { openCell } from "../../runner/calibrate/cells.ts";
import { Lab } from "../../runner/calibrate/lab.ts";
import { pauseRegularly } from "../../runner/calibrate/pauses.ts";
import { standardCells, standardRun } from "../../runner/calibrate/standard-run.ts";
import { LoadClient } from "../../runner/load-client.ts";
import { Children } from "../../runner/process/children.ts";
import { planPins, readTopology } from "../../runner/process/pin.ts";
import type { LateRun } from "../../schemas/load.ts";

// Faults that show in a server's life and in no single message: it stalls, it is slow at first, it keeps what it should let go.

setDefaultTimeout(400_000);

const children = new Children();
const pins = planPins(readTopology());
const load = new LoadClient(children, pins.pinned ? pins.load : null);
const lab = new Lab(children, load, pins);
beforeAll(() => load.ready());
afterAll(async () => {
  await load.stop();
  await children.close();
});

describe("the load worker", () => {
  // Bounds from below alone: a busy machine makes every wait longer and none shorter.
  test.each([20, 100])(
    "sees a server that stalls %i ms once a second, and that it was not itself",
    async (ms) => {
      const late = await lab.with("stall", [ms * 1e6, 1e9], async (server) => {
        const { late = [] } = await lab.measure(server, openCell(1_000, 2_500, 50));
        return late;
      });
      const byServer = late.filter(({ lengthNs, ownNs }) => lengthNs - ownNs > 0.8 * ms * 1e6);
      // Two whole periods lie in it.
      expect(byServer.length).toBeGreaterThanOrEqual(2);
    },
  );

  test("tells what it stood still itself, stopped for 30 ms, from what the server did", async () => {
    const pauseNs = 30e6;
    let paused = 0;
    const late = await lab.with("plain", [], async (server) => {
      const { pid } = await load.ready();
      const pausing = pauseRegularly((signal) => process.kill(pid, signal), pauseNs, 500e6);
      const measured = lab.measure(server, openCell(1_000, 2_500, 50));
      const { late: runs = [] } = await measured.finally(async () => {
        paused = (await pausing.end()).length;
      });
      return runs;
    });
    const long = late.filter(({ lengthNs }) => lengthNs > 0.9 * pauseNs);
    const own = ({ lengthNs, ownNs }: LateRun) => ownNs > 0.8 * lengthNs;
    expect(paused).toBeGreaterThanOrEqual(4);
    expect(long.filter(own).length).toBeGreaterThanOrEqual(3);
  });
});

test("a generator that is stopped is not charged to a server, though every window counts", async () => {
  const { pid } = await load.ready();
  const pausing = pauseRegularly((signal) => process.kill(pid, signal), 30e6, 400e6);
  const cells = standardCells.filter(({ spec }) => spec.workload === "feed");
  const { evidence } = await standardRun(
    lab,
    { plain: ["plain"], other: ["plain"] },
    { cells, rounds: 3, keepDisturbed: true },
  ).finally(pausing.end);
  const explained = evidence.results.map(({ stalls }) => stalls?.explained ?? 0);
  expect(explained.reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(6);
  expect(evidence.warnings.filter((w) => w.code === "stalls")).toEqual([]);
});
