import type { Measurement, WindowAsked } from "../../../schemas/load.ts";
import type { CodecCell } from "../../../schemas/workloads/codec.ts";
import { Histogram } from "../../load/histogram.ts";
import { emptyCounts } from "../../load/ledger.ts";
import { closedMeasurement, OpeningTimes } from "../closed.ts";
import { ProbeProcess } from "../codec/probe-process.ts";
import { collectAndWait } from "../collect.ts";
import type { OpenCell, TrialContext } from "../context.ts";
import { WindowMeter } from "../window.ts";

/** A process of the candidate's runtime on the server's core, which does one thing again and again. */
export async function open(context: TrialContext<CodecCell>): Promise<OpenCell> {
  const { cell, enter, probe } = context;
  if (probe === undefined) throw new Error("this runtime has no codecs to time");
  const { operation, message } = cell;
  const times = new OpeningTimes();
  enter("connect");
  const process = new ProbeProcess(probe, context.cores.slice(0, 1));
  try {
    const meter = new WindowMeter({ ...context, serverPid: process.pid });
    enter("warm-up");
    times.connected();
    // The first answer is also the proof that the operation takes the message.
    await process.ask({ operation, message, warmupMs: 0, windowMs: Math.max(1, cell.warmupMs) });
    const warmUp = times.warmed();
    return {
      warmUp,
      close: () => process.end(),
      window: async ({ windowMs, waitMs }: WindowAsked): Promise<Measurement> => {
        await collectAndWait(waitMs);
        enter("measure");
        meter.watching();
        meter.begin();
        const found = await process.ask({ operation, message, warmupMs: 0, windowMs });
        const use = meter.end();
        enter("account");
        const operations = found.operations;
        const { heapBytes } = found;
        return {
          ...closedMeasurement({
            use,
            windowMs,
            elapsedNs: found.elapsedNs,
            sent: operations,
            ledger: { ...emptyCounts(), due: operations, delivered: operations },
            latency: new Histogram(),
            mitataNsP50: found.p50Ns,
            before: {},
            metrics: {
              operationNsMean: found.meanNs,
              operationNsP50: found.p50Ns,
              operationNsP99: found.p99Ns,
              ...(heapBytes === null ? {} : { heapBytesPerOperation: heapBytes }),
            },
          }),
          events: found.samples,
        };
      },
    };
  } catch (error) {
    process.end();
    throw error;
  }
}
