import type { Profile } from "../../schemas/plan.ts";
import type { FloodCell } from "../../schemas/workloads/flood.ts";
import type { Depth, ProfileCell } from "../plan/depth.ts";
import type { MeasuredWorkload } from "./workload.ts";

/** Length of the flood. */
const windowMs: Readonly<Record<Profile, number>> = {
  smoke: 250,
  quick: 400,
  standard: 500,
  thorough: 1_000,
  open: 500,
};

function cells({ profile, warmupMs }: Depth): ProfileCell[] {
  const cell = (codec: "json" | "sbe"): ProfileCell => ({
    spec: {
      workload: "flood",
      codec,
      broadcast: "send",
      subscribers: 10,
      times: 8,
      warmupMs,
      windowMs: windowMs[profile],
    },
    windows: 1,
    longWindowMs: null,
    headline: codec === "json" ? ["deliveriesHz", "rssBytesPeak"] : [],
  });
  return [cell("json"), cell("sbe")];
}

export const flood: MeasuredWorkload<FloodCell> = {
  cells,
  offeredHz: () => Promise.resolve(null),
  phases: () => import("./phases/flood.ts"),
};
