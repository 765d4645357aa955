import { z } from "zod";
import { hostFacts } from "./report.ts";

export const calibrationVersion = 1;

/** Units of a calibration figure. A `ratio` is printed as it is, 1 being the messages in flight of Little's law. */
const figureUnit = z.enum(["ns", "count", "ratio"]);
export type FigureUnit = z.infer<typeof figureUnit>;

/** How far a measured figure may lie from the expected one. */
const tolerance = z.discriminatedUnion("kind", [
  /** |measured ÷ expected − 1| ≤ share. */
  z.strictObject({ kind: z.literal("relative"), share: z.number().positive() }),
  /** |measured − expected| ≤ by, in the figure's own unit; 0 is exact. */
  z.strictObject({ kind: z.literal("absolute"), by: z.number().nonnegative() }),
]);
export type Tolerance = z.infer<typeof tolerance>;

/** One line of the calibration's table. */
const calibrationRow = z.strictObject({
  figure: z.string().min(1),
  unit: figureUnit,
  /** Null for a figure that is only shown, such as the clock's resolution. */
  expected: z.number().nonnegative().nullable(),
  /** Null where the measurement failed. */
  measured: z.number().nonnegative().nullable(),
  tolerance: tolerance.nullable(),
  verdict: z.enum(["pass", "fail", "shown"]),
  /** The same figure as a closed loop with one message in flight sees it; null where there is none beside. */
  closedLoop: z.number().nonnegative().nullable(),
});
export type CalibrationRow = z.infer<typeof calibrationRow>;

/** What the machine did to a case while it was measured: the worst over its windows. */
const disturbance = z.strictObject({
  /** Share of one core's window that other processes took, 0 to 1. */
  foreignShareMax: z.number().nonnegative(),
  /** Share of one core's window that the hypervisor stole, 0 to 1. */
  stealShareMax: z.number().nonnegative(),
  /** Longest gap between two turns of the generator's loop; null where no open loop ran. */
  hiccupNsMax: z.number().nonnegative().nullable(),
  /** 99th percentile of the generator's own lateness; null where no open loop ran. */
  latenessNsP99: z.number().nonnegative().nullable(),
  /** Why the case cannot be believed, null where nothing speaks against it. */
  disturbedBy: z.string().nullable(),
});
export type Disturbance = z.infer<typeof disturbance>;

const calibrationCase = z.strictObject({
  id: z.string().min(1),
  title: z.string().min(1),
  rows: z.array(calibrationRow),
  /** Times that it was measured; the rows are the last one's. */
  attempts: z.int().positive(),
  machine: disturbance,
  /** Why there are no figures, null where it could be measured. */
  failure: z.string().nullable(),
  verdict: z.enum(["pass", "fail", "shown"]),
});
export type CalibrationCase = z.infer<typeof calibrationCase>;

/** What `calibrate --json` prints. */
export const calibration = z.strictObject({
  calibrationVersion: z.literal(calibrationVersion),
  startedAt: z.iso.datetime(),
  durationMs: z.number().nonnegative(),
  toolVersion: z.string(),
  host: hostFacts,
  cases: z.array(calibrationCase),
  interrupted: z.boolean(),
  verdict: z.enum(["pass", "fail"]),
});
export type Calibration = z.infer<typeof calibration>;

/** What a reference server answers to `GET /tally`, by its own count and clock. */
export const tally = z.strictObject({
  /** Messages that it was given to relay, on all its connections. */
  messages: z.int().nonnegative(),
  /** From the first of them to the last. */
  durationNs: z.number().nonnegative(),
});
export type Tally = z.infer<typeof tally>;
