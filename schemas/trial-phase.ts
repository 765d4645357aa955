import { z } from "zod";

/** Phases of one trial, in order. A failure names the phase it happened in. */
export const trialPhases = [
  "start",
  "connect",
  "verify",
  "warm-up",
  "measure",
  "drain",
  "account",
  "stop",
] as const;
export const trialPhase = z.enum(trialPhases);
export type TrialPhase = z.infer<typeof trialPhase>;
