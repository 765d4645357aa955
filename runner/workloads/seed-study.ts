import { type SeedStudyCell, studyIterations, studySizes } from "../../schemas/workloads/seed-study.ts";
import type { Depth, ProfileCell } from "../plan/depth.ts";
import type { MeasuredWorkload } from "./workload.ts";

function cells({ warmupMs, closed }: Depth): ProfileCell[] {
  return studySizes.map((size) => ({
    spec: {
      workload: "seed-study",
      codec: "json",
      size,
      iterations: studyIterations,
      warmupMs,
      windowMs: closed.ms,
    },
    windows: 1,
    longWindowMs: null,
    headline: ["sendNsMean", "latencyNsMean"],
  }));
}

export const seedStudy: MeasuredWorkload<SeedStudyCell> = {
  cells,
  offeredHz: () => Promise.resolve(null),
  phases: () => import("./phases/seed-study.ts"),
};
