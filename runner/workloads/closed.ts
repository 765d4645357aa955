import { flawsText, isIntact } from "../../schemas/delivery.ts";
import type { EarlyEnd, LedgerTotals, Measurement, Unasked } from "../../schemas/load.ts";
import type { Histogram } from "../load/histogram.ts";
import { encodeHistogram } from "../load/histogram-codec.ts";
import { TrialError } from "../load/trial-error.ts";
import type { UnaskedMessages } from "../load/unasked.ts";
import type { WindowUse } from "./window.ts";

/**
 * Throws where anything of a verifying run was lost, doubled, out of order or changed. Whatever else came is a greeting where
 * nothing was, and else what came in place of the messages due.
 */
export function mustBeIntact(ledgerOf: () => LedgerTotals, unasked: UnaskedMessages): void {
  if (isIntact(ledgerOf())) {
    unasked.forgive();
    return;
  }
  unasked.charge();
  const ledger = ledgerOf();
  const { due, delivered } = ledger;
  throw new TrialError(
    "not-intact",
    `of ${due} messages ${delivered} came back intact: ${flawsText(ledger)}`,
    ledger,
  );
}

/** Throws where messages of the warm-up are still under way: they would be counted against the window. */
export function mustDrain({ ledger, drained }: { ledger: LedgerTotals; drained: boolean }): void {
  if (drained) return;
  throw new TrialError(
    "warm-up-incomplete",
    `of ${ledger.due} warm-up messages ${ledger.gaps} had not come back when the drain's time was over`,
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

interface ClosedLoop {
  readonly use: WindowUse;
  readonly elapsedNs: number;
  readonly sent: number;
  readonly ledger: LedgerTotals;
  readonly latency: Histogram;
  readonly mitataNsP50: number | null;
  readonly turnaroundNsMean: number | null;
  readonly metrics: Measurement["metrics"];
  readonly earlyEnd: EarlyEnd | undefined;
  /** Messages sent to verify the cell; undefined where the server made them up. */
  readonly verified: number | undefined;
  /** Account of every message before the window. */
  readonly warmUp: LedgerTotals;
  readonly unasked: Unasked | undefined;
}

/** A closed loop's measurement: it has no schedule, so neither lateness nor hiccups nor time slices. */
export function closedMeasurement(loop: ClosedLoop): Measurement {
  const {
    use,
    elapsedNs,
    sent,
    ledger,
    latency,
    mitataNsP50,
    turnaroundNsMean,
    metrics,
    earlyEnd,
    verified,
    warmUp,
    unasked,
  } = loop;
  return {
    elapsedNs,
    sent,
    metrics,
    ledger,
    warmUp,
    ...(unasked === undefined ? {} : { unasked }),
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
    feed: null,
    ...(verified === undefined ? {} : { verified }),
    ...(earlyEnd === undefined ? {} : { earlyEnd }),
  };
}
