import { z } from "zod";
import { costMetrics, latencyMetrics, sameForLonger, timing, type WorkloadFacts } from "./workload.ts";

/** Sizes of the earlier study's payloads, in characters of `{"data":"x…"}`'s text. */
export const studySizes = [500, 1_000, 10_000, 30_000, 50_000, 100_000] as const;
/** Messages that it sent of each. */
export const studyIterations = 100;

/** One message in flight on one connection: `{"data":"xxx…"}`, its send timed as the earlier study did, and its round trip. */
const cell = z.strictObject({
  workload: z.literal("seed-study"),
  codec: z.literal("json"),
  /** Characters of the text in the payload. */
  size: z.int().positive(),
  iterations: z.int().positive(),
  ...timing,
});
export type SeedStudyCell = z.infer<typeof cell>;

export const seedStudy = {
  cell,
  loop: "closed",
  measuredBy: "asked",
  metrics: [
    ...latencyMetrics,
    "sendNsMean",
    "throughputHz",
    ...costMetrics,
    "machineCpuNsPerMessage",
    "machineBytesUsed",
  ],
  headline: ["sendNsMean", "latencyNsMean"],
  rateMetric: "throughputHz",
  timesEachMessage: true,
  evidence: [],
  cellId: ({ size }) => `seed-study/${size}B`,
  serviceOf: () => "echo/json",
  receivers: () => 1,
  smallest: (spec) => ({ ...spec, size: 500, iterations: 1 }),
  ceiling: sameForLonger,
  isRoundTrip: () => true,
  // Between two messages the answer is compared, whole: time in which none is in flight.
  inFlight: () => null,
  fanOut: () => null,
} as const satisfies WorkloadFacts<SeedStudyCell>;
