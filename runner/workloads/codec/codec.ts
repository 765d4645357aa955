import type { Measurement, WindowAsked } from "../../../schemas/load.ts";
import { type CodecCell, codecOperations, messageKinds } from "../../../schemas/workloads/codec.ts";
import { Histogram } from "../../load/histogram.ts";
import { emptyCounts } from "../../load/ledger.ts";
import type { Depth, ProfileCell } from "../../plan/depth.ts";
import { closedMeasurement, OpeningTimes } from "../closed.ts";
import { collectAndWait } from "../collect.ts";
import type { OpenCell, TrialContext } from "../context.ts";
import { WindowMeter } from "../window.ts";
import type { MeasuredWorkload } from "../workload.ts";
import { ProbeProcess } from "./probe-process.ts";

/** Engines compile an operation within some tens of ms of running it. */
const warmupMs = 50;

function cells({ closed }: Depth): ProfileCell[] {
  const timing = { warmupMs, windowMs: closed.ms };
  return (["json", "sbe"] as const).flatMap((codec) =>
    codecOperations[codec].flatMap((operation) =>
      messageKinds.map(
        (message): ProfileCell => ({
          spec: { workload: "codec", codec, operation, message, ...timing },
          windows: closed.count,
          longWindowMs: null,
          headline: ["operationNsMean"],
        }),
      ),
    ),
  );
}

/** A process of the candidate's runtime on the server's core, which does one thing again and again. */
async function open(context: TrialContext<CodecCell>): Promise<OpenCell> {
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
            turnaroundNsMean: null,
            earlyEnd: undefined,
            isSpent: false,
            sentBefore: undefined,
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

export const codec: MeasuredWorkload<CodecCell> = { open, cells, offeredHz: () => Promise.resolve(null) };
