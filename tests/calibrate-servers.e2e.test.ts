import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Calibrator } from "../runner/calibrate/calibrator.ts";
import { deceivingCases } from "../runner/calibrate/cases/deceiving.ts";
import { openLoopCase } from "../runner/calibrate/cases/ledger.ts";
import { floodCases, slowCases, slowCell } from "../runner/calibrate/cases/pressure.ts";
import { recoveryCases } from "../runner/calibrate/cases/recovery.ts";
import { echoCell, openCell } from "../runner/calibrate/cells.ts";
import { verdictOf } from "../runner/calibrate/check.ts";
import { expectedLedger, type FaultKind, faultKinds, faultsBetween } from "../runner/calibrate/faults.ts";
import { countFrom } from "../runner/calibrate/histograms.ts";
import { pauseRegularly } from "../runner/calibrate/pauses.ts";
import { Connection } from "../runner/load/connection.ts";
import { EchoLoop } from "../runner/load/echo-loop.ts";
import { decodeHistogram } from "../runner/load/histogram-codec.ts";
import { addCounts, emptyCounts } from "../runner/load/ledger.ts";
import { rawShape } from "../runner/load/shape.ts";
import { LoadClient } from "../runner/load-client.ts";
import { Children } from "../runner/process/children.ts";
import { qualityFlagOf } from "../runner/quality/trial-quality.ts";

setDefaultTimeout(30_000);

describe("the reference servers, measured as a trial is", () => {
  const children = new Children();
  const load = new LoadClient(children, null);
  const calibrator = new Calibrator(children, load, {
    pinned: false,
    reason: "counts do not depend on cores",
  });
  beforeAll(() => load.ready());
  afterAll(async () => {
    await load.stop();
    await children.close();
  });

  test.each([...faultKinds])("an open loop's ledger counts %s exactly", async (fault) => {
    // 4 to verify, 400 of lead, 4,000 that count: faults at 500, 1,000 … 4,000.
    const task = openLoopCase(fault, 500, openCell(20_000, 200, 0));
    const rows = await task.run(calibrator);
    const counted = Object.fromEntries(rows.map((row) => [row.figure, row.measured]));
    const { delivered, gaps, duplicates, reorders, corrupt } = expectedLedger(fault, 4_000, 8);
    const expected = { delivered, gaps, duplicates, reorders, corrupt };
    expect(counted).toEqual(expected);
    expect(verdictOf(rows)).toBe("pass");
  });

  test.each([...slowCases, ...floodCases, ...recoveryCases])("$title", async ({ run }) => {
    const rows = await run(calibrator);
    expect(rows.filter((row) => row.verdict === "fail")).toEqual([]);
  });

  test("what the kernel still holds for a subscriber that was cut is waited for, as long as its sender takes to try again", async () => {
    await calibrator.with("slow", ["cuts"], async (server) => {
      for (let window = 0; window < 2; window += 1) {
        const { stopped } = await calibrator.measure(server, slowCell);
        expect(stopped?.subscribers[0]).toMatchObject({ struck: true, closeCode: 1006, missing: 0 });
      }
    });
  });

  test.each([...deceivingCases])("$title", async ({ run }) => {
    const rows = await run(calibrator);
    expect(rows.filter((row) => row.verdict === "fail")).toEqual([]);
  });

  test.each([...faultKinds])("a closed loop's ledger counts %s exactly", async (fault) => {
    const every = 500;
    await calibrator.with("faulty", [fault, every], async (server) => {
      const target = { host: "127.0.0.1", port: server.ready.port, path: "/echo" };
      const connection = await Connection.open(target, { message: () => undefined });
      const loop = new EchoLoop([connection], { shapeOf: () => rawShape(64, 1), window: 16 });
      const ledger = emptyCounts();
      // By count and not by time: a busy machine takes longer to meet its faults.
      for (let left = 4 * every; left > 0; ) {
        const result = await loop.run(20, 100);
        addCounts(ledger, result.ledger);
        left -= result.sent;
      }
      connection.terminate();
      const { messages } = await calibrator.tally(server);
      const faults = faultsBetween(0, messages, every);
      expect(faults).toBeGreaterThanOrEqual(4);
      expect(ledger).toMatchObject(expectedLedger(fault, messages, faults));
    });
  });

  test("a pipelined echo sends what verifies it and what is due, and nothing else", async () => {
    await calibrator.with("plain", [], async (server) => {
      const { ledger, sentBefore = 0 } = await calibrator.measure(server, echoCell(2, 8, 50, 20));
      expect(sentBefore).toBeGreaterThan(0);
      expect(ledger.due).toBe((await calibrator.tally(server)).messages - sentBefore);
    });
  });

  test.each(["drop", "double", "corrupt"] as const)(
    "one message in flight: the ledger counts %s exactly",
    async (fault) => {
      const { ledger, faults } = await oneInFlight(fault);
      expect(ledger).toMatchObject(expectedLedger(fault, ledger.due, faults));
    },
  );

  test("one message in flight: what is held back until the next was sent is late, and the last held is lost", async () => {
    const { ledger, faults } = await oneInFlight("swap");
    const { due } = ledger;
    expect(ledger).toEqual({
      due,
      delivered: due - 1,
      gaps: 1,
      duplicates: 0,
      reorders: faults - 1,
      corrupt: 0,
    });
  });

  /** A window long enough for three messages that are given up after a second each, the last of which ends it. */
  const oneInFlight = (fault: FaultKind) =>
    calibrator.with("faulty", [fault, 50], async (server) => {
      const { ledger, sent } = await calibrator.measure(server, echoCell(1, 1, 2_500, 0));
      const { messages } = await calibrator.tally(server);
      const faults = faultsBetween(messages - sent, messages, 50);
      expect(faults).toBeGreaterThanOrEqual(2);
      return { ledger, faults };
    });

  test("a server that counts by itself says what we sent, over as long as it took", async () => {
    await calibrator.with("delay", [2e6], async (server) => {
      const { sent, metrics } = await calibrator.measure(server, echoCell(4, 2, 60, 10));
      const { messages, durationNs } = await calibrator.tally(server);
      // What verifies the cell comes before the window's own.
      expect(messages).toBeGreaterThan(sent);
      expect(durationNs).toBeGreaterThanOrEqual(60e6);
      expect(metrics.latencyNsMean).toBeGreaterThanOrEqual(2e6);
    });
  });

  test("what the generator could not send is late from when it was due, and voids the trial", async () => {
    // Bounds from below alone: a busy machine makes every wait longer and none shorter.
    const measurement = await calibrator.with("plain", [], async (server) => {
      const { pid } = await load.ready();
      const pausing = pauseRegularly(() => pid, 200e6, 500e6);
      return calibrator.measure(server, openCell(1_000, 1_000, 0)).finally(pausing.end);
    });
    const { latency, lateness } = measurement.histograms;
    if (latency === null || lateness === null) throw new Error("nothing was measured");
    for (const seen of [latency, lateness]) {
      expect(seen.maxNs).toBeGreaterThan(180e6);
      // A whole pause lies in a second of these at least, and half of what is due in it waits for 100 ms.
      expect(countFrom(decodeHistogram(seen), 100e6)).toBeGreaterThan(80);
    }
    expect(qualityFlagOf(measurement)).toMatchObject({ code: "generator-late" });
  });

  test("a delayed echo is never early", async () => {
    const measurement = await calibrator.with("delay", [2e6], (server) =>
      calibrator.measure(server, echoCell(1, 1, 50, 0)),
    );
    expect(measurement.histograms.latency?.minNs).toBeGreaterThanOrEqual(2e6);
  });

  test("a server that gets ready late is seen to", async () => {
    const startupNs = await calibrator.with("slow-start", [300e6], (server) =>
      Promise.resolve(server.startupNs),
    );
    expect(startupNs).toBeGreaterThanOrEqual(300e6);
  });

  test("a server that is told nonsense is a failure with its reason", async () => {
    const started = calibrator.with("faulty", ["mangle", 10], () => Promise.resolve());
    await expect(started).rejects.toThrow(
      "the faulty server did not start: the process ended with exit code 1",
    );
  });
});
