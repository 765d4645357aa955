import type { EarlyEnd, LedgerTotals, Measurement } from "../../schemas/load.ts";
import type { ConnectionSink } from "../load/connection.ts";
import type { Histogram } from "../load/histogram.ts";
import { encodeHistogram } from "../load/histogram-codec.ts";
import type { WindowUse } from "./window.ts";

/** For connections that nothing is expected from yet. */
export const noSink: ConnectionSink = { message: () => undefined };

/** Throws where anything of a verifying run was lost, doubled, out of order or changed. */
export function mustBeIntact({ ledger, drained }: { ledger: LedgerTotals; drained: boolean }): void {
  const { due, delivered, gaps, duplicates, reorders, corrupt } = ledger;
  if (due > 0 && drained && delivered === due && duplicates + reorders + corrupt === 0) return;
  throw new Error(
    `of ${due} messages ${delivered} came back intact: ${gaps} gaps, ${duplicates} duplicates, ${reorders} reorders, ${corrupt} corrupt`,
  );
}

/** Throws where messages of the warm-up are still under way: they would be counted against the window. */
export function mustDrain({ ledger, drained }: { ledger: LedgerTotals; drained: boolean }): void {
  if (drained) return;
  throw new Error(
    `of ${ledger.due} warm-up messages ${ledger.gaps} had not come back when the drain's time was over`,
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
  } = loop;
  return {
    elapsedNs,
    sent,
    metrics,
    ledger,
    histograms: {
      latency: latency.total === 0 ? null : encodeHistogram(latency),
      first: null,
      last: null,
      skew: null,
      lateness: null,
    },
    slices: [],
    server: use.server,
    generator: {
      cpuNs: use.generatorCpuNs,
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
