import { flawsText, isCorrect } from "../../schemas/delivery.ts";
import type { EarlyEnd, LedgerTotals, Measurement, WarmUp, WindowUse } from "../../schemas/load.ts";
import { nowNs } from "../load/clock.ts";
import type { Histogram } from "../load/histogram.ts";
import { encodeHistogram } from "../load/histogram-codec.ts";
import { TrialError } from "../load/trial-error.ts";
import type { UnsolicitedMessages } from "../load/unsolicited.ts";
import type { ShardContext } from "./context.ts";

/**
 * Throws where anything of a verifying run was lost, doubled, out of order or changed. Whatever else came is a greeting where
 * nothing was, and else what came in place of the messages due.
 */
export function mustBeIntact(ledgerOf: () => LedgerTotals, unasked: UnsolicitedMessages): void {
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
 * due, is then in the books. It costs a turn of the loop; what comes later than that is not seen.
 */
export async function lastArrivals(): Promise<void> {
  for (let turns = 0; turns < 2; turns += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Tells what a server's use is divided by, where this process has the whole cell and another one looks at the server. */
export function tellWhole(shard: ShardContext | undefined, messages: number, connections: number): void {
  shard?.tell({ messages, connections, lateStartNs: 0, clockBoundNs: 0, slices: [] });
}

/** How long it took to open a cell, told in its two parts. */
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
  readonly mitataNsP50: number | null;
  readonly turnaroundNsMean: number | null;
  readonly metrics: Measurement["metrics"];
  readonly earlyEnd: EarlyEnd | undefined;
  /** Messages are still under way, so that the cell can give no further window. */
  readonly isSpent: boolean;
  /** Messages sent before those that the ledger accounts; undefined where the server made them up. */
  readonly sentBefore: number | undefined;
  readonly before: Pick<Measurement, "warmUp" | "unasked">;
}

/** A closed loop's measurement: it has no schedule, so neither lateness nor hiccups nor time slices. */
export function closedMeasurement(loop: ClosedLoop): Measurement {
  const {
    use,
    windowMs,
    elapsedNs,
    sent,
    ledger,
    latency,
    mitataNsP50,
    turnaroundNsMean,
    metrics,
    earlyEnd,
    isSpent,
    sentBefore,
    before,
  } = loop;
  return {
    windowMs,
    elapsedNs,
    sent,
    metrics,
    ledger,
    ...before,
    histograms: {
      latency: latency.total === 0 ? null : encodeHistogram(latency),
      first: null,
      last: null,
      skew: null,
      lateness: null,
    },
    slices: [],
    server: use.server,
    ...(use.unattributed === null ? {} : { unattributed: use.unattributed }),
    generator: {
      cpuNs: use.generatorCpuNs,
      waitNs: use.generatorWaitNs,
      latenessNsP50: null,
      latenessNsP99: null,
      latenessNsMax: null,
      hiccupNsMax: null,
      turnaroundNsMean,
    },
    cores: use.cores,
    ...(use.limited === null ? {} : { limited: use.limited }),
    mitataNsP50,
    // Each message waits for the one before it, so that none shares the fate of another.
    events: latency.total,
    feed: null,
    ...(sentBefore === undefined ? {} : { sentBefore }),
    ...(earlyEnd === undefined ? {} : { earlyEnd }),
    ...(isSpent || earlyEnd !== undefined ? { spent: true } : {}),
  };
}
