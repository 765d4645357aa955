import { z } from "zod";
import { failureCode, measurement, warmUp } from "./load.ts";
import { seenFrame } from "./seen-frame.ts";
import { trialPhase } from "./trial-phase.ts";

/** What `trial --json` prints. */
export const trialReport = z.strictObject({
  candidate: z.string(),
  /** Id of the cell. */
  cell: z.string(),
  frames: z.array(seenFrame),
  /** Null where the cell could not be opened. */
  warmUp: warmUp.nullable(),
  /** Null where the trial failed. */
  measurement: measurement.nullable(),
  failure: z
    .strictObject({
      phase: trialPhase,
      reason: z.string(),
      code: failureCode.optional(),
      /** The last lines that the server wrote to stderr. */
      stderr: z.array(z.string()),
    })
    .nullable(),
});
export type TrialReport = z.infer<typeof trialReport>;
