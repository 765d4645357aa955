import type { Profile } from "../../schemas/plan.ts";
import type { SlowConsumerCell } from "../../schemas/workloads/slow-consumer.ts";
import type { Depth, ProfileCell } from "../plan/depth.ts";
import type { MeasuredWorkload } from "./workload.ts";

/**
 * Books of this size at this rate are 9 MB/s to each subscriber: beyond 16 MiB and the kernel's 4 within the stop, and for all of them
 * together well below what a server can send.
 */
const load = { subscribers: 10, slow: 1, rateHz: 900, bookBytes: 20_000 } as const;
const windowMs = 4_500;

const variants: Readonly<Record<Profile, readonly ("send" | "coalesced" | "native")[]>> = {
  smoke: ["send"],
  quick: ["send"],
  standard: ["send"],
  thorough: ["send", "coalesced", "native"],
  open: ["send"],
};

function cells({ profile, warmupMs }: Depth): ProfileCell[] {
  const cell = (codec: "json" | "sbe", broadcast: "send" | "coalesced" | "native"): ProfileCell => ({
    spec: { workload: "slow-consumer", codec, broadcast, ...load, warmupMs, windowMs },
    windows: 1,
    longWindowMs: null,
    headline: codec === "json" && broadcast === "send" ? ["latencyNsP99", "rssBytesPeak"] : [],
  });
  return [...variants[profile].map((broadcast) => cell("json", broadcast)), cell("sbe", "send")];
}

export const slowConsumer: MeasuredWorkload<SlowConsumerCell> = {
  cells,
  offeredHz: ({ rateHz, subscribers }) => Promise.resolve(rateHz * subscribers),
  phases: () => import("./phases/slow-consumer.ts"),
};
