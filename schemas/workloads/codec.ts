import { z } from "zod";
import { momentary, noFixedFlight, sameForLonger, timing, type WorkloadFacts } from "./workload.ts";

/** What a gateway does with a message's bytes or values. `schema` checks a parsed frame, `schema-safe` without throwing. */
export const codecOperations = {
  json: ["parse", "stringify", "schema", "schema-safe"],
  sbe: ["decode", "encode"],
} as const;
export const codecOperation = z.enum([...codecOperations.json, ...codecOperations.sbe]);
export type CodecOperation = z.infer<typeof codecOperation>;

export const messageKinds = ["trade", "bookTicker", "depthSnapshot", "depthUpdate"] as const;
export const messageKind = z.enum(messageKinds);

/** One operation on one kind of message, again and again within a process of the candidate's runtime; nothing is sent. */
const cell = z.strictObject({
  workload: z.literal("codec"),
  codec: z.enum(["json", "sbe"]),
  operation: codecOperation,
  message: messageKind,
  ...timing,
});
export type CodecCell = z.infer<typeof cell>;

export const codecCosts = {
  cell,
  loop: "closed",
  measuredBy: "asked",
  metrics: ["operationNsMean", "operationNsP50", "operationNsP99", "heapBytesPerOperation", "startupNs"],
  headline: ["operationNsMean"],
  rateMetric: "throughputHz",
  timesEachMessage: false,
  ofRuntime: true,
  evidence: [],
  cellId: ({ codec, operation, message }) => `codec/${codec}/${operation}/${message}`,
  serviceOf: ({ codec }) => `codec/${codec}`,
  receivers: () => 0,
  smallest: (spec) => ({ ...spec, ...momentary }),
  ceiling: sameForLonger,
  ...noFixedFlight,
} as const satisfies WorkloadFacts<CodecCell>;
