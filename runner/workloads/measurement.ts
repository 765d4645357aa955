import type { HistogramSnapshot, Measurement, WindowUse } from "../../schemas/load.ts";
import type { Histogram } from "../load/histogram.ts";
import { encodeHistogram } from "../load/histogram-codec.ts";

/** Null where nothing was recorded. */
export const encoded = (histogram: Histogram | undefined): HistogramSnapshot | null =>
  histogram === undefined || histogram.total === 0 ? null : encodeHistogram(histogram);

/** How a window's loop kept its schedule. Null is what the loop does not have: a closed loop has no schedule. */
interface LoopTimes {
  readonly lateness: Histogram | null;
  readonly hiccupNsMax: number | null;
  readonly turnaroundNsMean: number | null;
}

/** What a measurement says of the use of the server, the generator and the cores. */
export function usageFields(
  { server, unattributed, generatorCpuNs, generatorWaitNs, cores, limited }: WindowUse,
  { lateness, hiccupNsMax, turnaroundNsMean }: LoopTimes,
): Pick<Measurement, "server" | "unattributed" | "generator" | "cores" | "limited"> {
  return {
    server,
    ...(unattributed === null ? {} : { unattributed }),
    generator: {
      cpuNs: generatorCpuNs,
      waitNs: generatorWaitNs,
      latenessNsP50: lateness?.percentileNs(50) ?? null,
      latenessNsP99: lateness?.percentileNs(99) ?? null,
      latenessNsMax: lateness?.maxNs ?? null,
      hiccupNsMax,
      turnaroundNsMean,
    },
    cores,
    ...(limited === null ? {} : { limited }),
  };
}
