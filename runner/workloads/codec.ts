import { type CodecCell, codecOperations, messageKinds } from "../../schemas/workloads/codec.ts";
import type { Depth, ProfileCell } from "../plan/depth.ts";
import type { MeasuredWorkload } from "./workload.ts";

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

export const codec: MeasuredWorkload<CodecCell> = {
  cells,
  offeredHz: () => Promise.resolve(null),
  phases: () => import("./phases/codec.ts"),
};
