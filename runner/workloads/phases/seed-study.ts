import type { SeedStudyCell } from "../../../schemas/workloads/seed-study.ts";
import type { BufferView } from "../../load/buffer-view.ts";
import { nowNs } from "../../load/clock.ts";
import type { Connection, ConnectionSink } from "../../load/connection.ts";
import { type DataOpcode, opcodes } from "../../load/frame.ts";
import { Histogram } from "../../load/histogram.ts";
import { Ledger } from "../../load/ledger.ts";
import { withTimeout } from "../../load/timeout.ts";
import { textOf, type UnsolicitedMessages } from "../../load/unsolicited.ts";
import { coreUsage, readCores } from "../../process/cores.ts";
import { memoryUsed } from "../../process/procfs.ts";
import { closedMeasurement, lastArrivals, openClosed, requireIntact } from "../closed.ts";
import { collectAndWait } from "../collect.ts";
import type { OpenCell, TrialContext } from "../context.ts";
import { Earlier } from "../earlier.ts";
import { costMetrics, latencyMetrics } from "../metrics.ts";

/** Round trips that must come back intact before the cell counts, and those that warm it. */
const verifyTrips = 3;
const warmTrips = 20;

/** One message at a time. What comes back is known by its place: nothing else is under way. */
class Study implements ConnectionSink {
  /** Set while the cell is verified: takes what is no echo. */
  verifying: UnsolicitedMessages | null = null;
  ledger = new Ledger();
  latency = new Histogram();
  sendNs = 0;
  readonly #connection: Connection;
  readonly #text: string;
  readonly #bytes: Buffer;
  #next = 0;
  #sentNs = 0;
  #awaited: PromiseWithResolvers<void> | null = null;

  constructor(connection: Connection, size: number) {
    this.#connection = connection;
    this.#text = JSON.stringify({ data: "x".repeat(size) });
    this.#bytes = Buffer.from(this.#text);
    connection.sink = this;
  }

  /** Sequence of the next message. */
  get next(): number {
    return this.#next;
  }

  /** A new account, from the next message on. */
  open(): void {
    this.ledger = new Ledger(this.#next);
    this.latency = new Histogram();
    this.sendNs = 0;
  }

  /** Sends so many messages, each when the one before is back. False where one did not come within the limit. */
  async trips(count: number, limitMs: number): Promise<boolean> {
    for (let i = 0; i < count; i += 1) {
      this.#awaited = Promise.withResolvers();
      const { promise } = this.#awaited;
      this.#next += 1;
      this.#sentNs = nowNs();
      this.#connection.sendText(this.#text);
      this.sendNs += nowNs() - this.#sentNs;
      const arrived = await withTimeout(limitMs, Promise.race([promise, this.#connection.closed]));
      if (!arrived || this.#awaited !== null) return false;
    }
    return true;
  }

  message(opcode: DataOpcode, buffer: BufferView, start: number, end: number): void {
    const now = nowNs();
    const same = this.#isSame(buffer, start, end);
    if (opcode !== opcodes.text || same === "other") {
      const fault =
        opcode === opcodes.text
          ? { rule: "bytes" as const, text: textOf(buffer.bytes, start, end) }
          : { rule: "opcode" as const, expected: opcodes.text, got: opcode };
      if (this.verifying !== null) this.verifying.hold(buffer.bytes, start, end, this.ledger, fault);
      else this.ledger.recordCorrupt(fault);
      return;
    }
    const awaited = this.#awaited;
    if (awaited === null) {
      this.ledger.recordDuplicate();
      return;
    }
    if (this.ledger.record(this.#next - 1)) this.latency.record(now - this.#sentNs);
    if (same === "values") this.ledger.noteRewritten();
    this.#awaited = null;
    awaited.resolve();
  }

  /** The same bytes, the same values in other bytes, or another message. */
  #isSame(buffer: BufferView, start: number, end: number): "bytes" | "values" | "other" {
    const got = Buffer.from(buffer.bytes.buffer, buffer.bytes.byteOffset + start, end - start);
    if (got.equals(this.#bytes)) return "bytes";
    try {
      return JSON.stringify(JSON.parse(got.toString())) === this.#text ? "values" : "other";
    } catch {
      return "other";
    }
  }
}

/**
 * What the study that this project grew from timed, the call to `send` alone, and beside it what it never read: the answer. The CPU
 * time and memory of the whole machine, which it took for the server's, stand beside those of the server's process.
 */
export async function open(context: TrialContext<SeedStudyCell>): Promise<OpenCell> {
  const { cell, enter, drainTimeoutMs } = context;
  return openClosed(context, "echo", async ({ connections, meter, times, unasked, earlyCloses }) => {
    const [connection] = connections;
    if (connection === undefined) throw new Error("the study needs one connection");
    const study = new Study(connection, cell.size);
    enter("verify");
    study.verifying = unasked;
    await study.trips(verifyTrips, drainTimeoutMs);
    requireIntact(() => study.ledger.settle(study.next), unasked);
    study.verifying = null;
    enter("warm-up");
    times.connected();
    await study.trips(Math.min(warmTrips, cell.iterations), drainTimeoutMs);
    const warmUp = times.warmed();
    const accountOf = (ledger: Ledger, next: number) => () => ledger.settle(next);
    const earlier = new Earlier(accountOf(study.ledger, study.next), unasked.report);
    return {
      warmUp,
      window: async ({ windowMs, waitMs }) => {
        await collectAndWait(waitMs);
        const sentBefore = study.next;
        const before = earlier.take();
        enter("measure");
        study.open();
        const coresBefore = readCores();
        meter.begin();
        const beganNs = nowNs();
        const drained = await study.trips(cell.iterations, drainTimeoutMs);
        const elapsedNs = nowNs() - beganNs;
        const use = meter.end();
        const coresAfter = readCores();
        await lastArrivals();
        enter("account");
        const sent = study.next - sentBefore;
        const { ledger, latency, sendNs } = study;
        const totals = ledger.settle(study.next);
        earlier.follow(accountOf(ledger, study.next));
        const busyNs =
          coresBefore === null || coresAfter === null
            ? null
            : coreUsage(coresBefore, coresAfter).reduce((sum, core) => sum + core.busyNs, 0);
        const usedBytes = memoryUsed();
        return closedMeasurement({
          use,
          windowMs,
          elapsedNs,
          sent,
          ledger: totals,
          latency,
          earlyEnd: earlyCloses.soFar,
          isSpent: !drained,
          sentBefore,
          before,
          metrics: {
            ...latencyMetrics(latency),
            sendNsMean: sendNs / Math.max(1, sent),
            throughputHz: (totals.delivered / elapsedNs) * 1e9,
            ...costMetrics(use, totals.delivered, 1),
            ...(busyNs === null ? {} : { machineCpuNsPerMessage: busyNs / Math.max(1, totals.delivered) }),
            ...(usedBytes === null ? {} : { machineBytesUsed: usedBytes }),
          },
        });
      },
    };
  });
}
