import type { Profile } from "../../schemas/plan.ts";
import type { RecoveryCause } from "../../schemas/recovery.ts";
import type { RecoveryCell } from "../../schemas/workloads/recovery.ts";
import type { Depth, ProfileCell, Windows } from "../plan/depth.ts";
import type { MeasuredWorkload } from "./workload.ts";

/** Windows by profile; one is as long as a thinned socket takes to be given up and replaced. */
const typical: Readonly<Record<Profile, Readonly<Record<RecoveryCause, Windows>>>> = {
  smoke: { cut: { count: 1, ms: 400 }, restart: { count: 1, ms: 600 }, thin: { count: 1, ms: 600 } },
  quick: { cut: { count: 3, ms: 500 }, restart: { count: 2, ms: 800 }, thin: { count: 2, ms: 800 } },
  standard: { cut: { count: 3, ms: 500 }, restart: { count: 2, ms: 800 }, thin: { count: 2, ms: 800 } },
  thorough: {
    cut: { count: 6, ms: 800 },
    restart: { count: 4, ms: 1_000 },
    thin: { count: 4, ms: 1_000 },
  },
  open: { cut: { count: 3, ms: 500 }, restart: { count: 2, ms: 800 }, thin: { count: 2, ms: 800 } },
};

function cells({ profile, warmupMs }: Depth): ProfileCell[] {
  const cell = (codec: "json" | "sbe", cause: RecoveryCause): ProfileCell => {
    const { count, ms } = typical[profile][cause];
    return {
      spec: { workload: "recovery", codec, cause, subscribers: 100, rateHz: 100, warmupMs, windowMs: ms },
      windows: count,
      longWindowMs: null,
      headline: ["bookNsP50", "bookNsP99"],
    };
  };
  return [
    cell("json", "cut"),
    cell("sbe", "cut"),
    cell("json", "restart"),
    cell("sbe", "restart"),
    cell("json", "thin"),
  ];
}

export const recovery: MeasuredWorkload<RecoveryCell> = {
  cells,
  offeredHz: ({ rateHz, subscribers }) => Promise.resolve(rateHz * subscribers),
  phases: () => import("./phases/recovery.ts"),
};
