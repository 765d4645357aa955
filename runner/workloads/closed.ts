import { flawsText, isCorrect } from "../../schemas/delivery.ts";
import type {
  EarlyEnd,
  LedgerTotals,
  Measurement,
  ShardParts,
  WarmUp,
  WindowUse,
} from "../../schemas/load.ts";
import { nowNs, waitUntil } from "../load/clock.ts";
import type { Connection } from "../load/connection.ts";
import { EarlyCloseWatch } from "../load/early-close.ts";
import type { Histogram } from "../load/histogram.ts";
import { TrialError } from "../load/trial-error.ts";
import { UnsolicitedMessages } from "../load/unsolicited.ts";
import type { OpenCell, ShardContext, TrialContext } from "./context.ts";
import { encoded, usageFields } from "./measurement.ts";
import { openAll } from "./open.ts";
import { WindowMeter } from "./window.ts";

/**
 * Throws where anything of a verifying run was lost, doubled, out of order or changed. Whatever else came is a greeting where
 * nothing was, and else what came in place of the messages due.
 */
export function requireIntact(ledgerOf: () => LedgerTotals, unasked: UnsolicitedMessages): void {
  if (isCorrect(ledgerOf())) {
    unasked.forgive();
    return;
  }
  unasked.charge();
  const ledger = ledgerOf();
  const { due, delivered } = ledger;
  throw new TrialError(
    "not-intact",
    `of ${due} messages ${delivered} came back unchanged: ${flawsText(ledger)}`,
    ledger,
  );
}

/** Throws where messages of the warm-up are still under way: they would be counted against the window. */
export function mustDrain({ ledger, drained }: { ledger: LedgerTotals; drained: boolean }): void {
  if (drained) return;
  throw new TrialError(
    "warm-up-incomplete",
    `of ${ledger.due} warm-up messages ${ledger.gaps} had not come back within the time limit`,
    ledger,
  );
}

/**
 * Takes in what has come while the window's use was read: a message that came twice, the second time behind the last one
 * due, is then in the account. It costs a turn of the loop; what comes later than that is not seen.
 */
export async function lastArrivals(): Promise<void> {
  for (let turns = 0; turns < 2; turns += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** When a shard's window began: how late, and how far its clock may be from the others'. */
type Started = Pick<ShardParts, "lateStartNs" | "clockBoundNs">;
const atOnce: Started = { lateStartNs: 0, clockBoundNs: 0 };

/** Waits for the moment at which all shards begin a window; at once where this process has the whole cell. */
export async function startTogether(shard: ShardContext | undefined): Promise<Started> {
  if (shard === undefined) return atOnce;
  const { startNs, clockBoundNs } = await shard.together();
  await waitUntil(startNs);
  return { lateStartNs: Math.max(0, nowNs() - startNs), clockBoundNs };
}

/** Reports what a server's use is divided by, where another process looks at the server. */
export function reportParts(
  shard: ShardContext | undefined,
  messages: number,
  connections: number,
  started = atOnce,
): void {
  shard?.report({ messages, connections, ...started, slices: [] });
}

/** The connections of a closed loop, and what its windows are measured with. */
interface ClosedEnds {
  readonly connections: readonly Connection[];
  readonly meter: WindowMeter;
  readonly times: OpeningTimes;
  readonly unasked: UnsolicitedMessages;
  readonly earlyCloses: EarlyCloseWatch;
}

/** Opens a closed loop's connections and has `prepare` verify and warm them. They are cut where that fails. */
export async function openClosed(
  context: TrialContext,
  path: "echo" | "push",
  prepare: (ends: ClosedEnds) => Promise<Omit<OpenCell, "close"> & Partial<Pick<OpenCell, "close">>>,
): Promise<OpenCell> {
  const { cell, enter, shard } = context;
  const count = "connections" in cell ? cell.connections : 1;
  const meter = new WindowMeter(context);
  const times = new OpeningTimes();
  const unasked = new UnsolicitedMessages();
  enter("connect");
  await shard?.together();
  const connections = await openAll(context, path, count, () => unasked.sink);
  const close = () => {
    for (const connection of connections) connection.terminate();
  };
  try {
    await shard?.together();
    meter.connected();
    const earlyCloses = new EarlyCloseWatch(connections);
    return { close, ...(await prepare({ connections, meter, times, unasked, earlyCloses })) };
  } catch (error) {
    close();
    throw error;
  }
}

/** How long it took to open a cell, in its two parts. */
export class OpeningTimes {
  readonly #beganNs = nowNs();
  #connectedNs = this.#beganNs;

  /** Everything is open and verified: the warm-up begins. */
  connected(): void {
    this.#connectedNs = nowNs();
  }

  /** The warm-up is over. */
  warmed(): WarmUp {
    return {
      connectMs: (this.#connectedNs - this.#beganNs) / 1e6,
      warmUpMs: (nowNs() - this.#connectedNs) / 1e6,
    };
  }
}

interface ClosedLoop {
  readonly use: WindowUse;
  readonly windowMs: number;
  readonly elapsedNs: number;
  readonly sent: number;
  readonly ledger: LedgerTotals;
  readonly latency: Histogram;
  readonly mitataNsP50?: number;
  readonly turnaroundNsMean?: number;
  readonly metrics: Measurement["metrics"];
  readonly earlyEnd?: EarlyEnd | undefined;
  /** Messages are still under way, so that the cell can give no further window. */
  readonly isSpent?: boolean;
  /** Messages sent before those that the ledger accounts; absent where the server made them up. */
  readonly sentBefore?: number;
  readonly before: Pick<Measurement, "warmUp" | "unasked">;
}

/** A closed loop's measurement: it has no schedule, so neither lateness nor hiccups nor time slices. */
export function closedMeasurement(loop: ClosedLoop): Measurement {
  const {
    use,
    latency,
    turnaroundNsMean = null,
    earlyEnd,
    isSpent = false,
    sentBefore,
    before,
    ...figures
  } = loop;
  return {
    mitataNsP50: null,
    ...figures,
    ...before,
    histograms: {
      latency: encoded(latency),
      first: null,
      last: null,
      skew: null,
      lateness: null,
    },
    slices: [],
    ...usageFields(use, { lateness: null, hiccupNsMax: null, turnaroundNsMean }),
    // Each message waits for the one before it, so that none shares the fate of another.
    events: latency.total,
    feed: null,
    ...(sentBefore === undefined ? {} : { sentBefore }),
    ...(earlyEnd === undefined ? {} : { earlyEnd }),
    ...(isSpent || earlyEnd !== undefined ? { spent: true } : {}),
  };
}
