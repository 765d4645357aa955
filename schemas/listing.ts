import { z } from "zod";
import { plan } from "./plan.ts";

/** A part of a candidate, and its version where that could be found out. */
const part = z.strictObject({ name: z.string(), version: z.string().nullable() });

/** A candidate as `list --json` reports it. */
export const listedCandidate = z.strictObject({
  id: z.string(),
  runtime: part,
  framework: part,
  /** What it offers (see `serviceOf`); null for a user's server, which is checked when a run begins. */
  serves: z.array(z.string()).nullable(),
  available: z.boolean(),
  /** Why it cannot run here, and what to do about it; null where it can. */
  reason: z.string().nullable(),
  nextStep: z.string().nullable(),
  /** The packages of npm that it is measured for: framework, adapter and what is below. */
  packages: z.array(z.string()),
  /** Cases of the contract that it does not pass, each with its reason. */
  gaps: z.array(z.strictObject({ case: z.string(), reason: z.string() })),
  /** The sets that `--candidates` takes it under. */
  sets: z.array(z.string()),
});
export type ListedCandidate = z.infer<typeof listedCandidate>;

/** What `list --json` prints. */
export const candidateListing = z.strictObject({ candidates: z.array(listedCandidate) });
export type CandidateListing = z.infer<typeof candidateListing>;

/** What `plan --json` prints. */
export const planListing = z.strictObject({
  plan,
  /** How long the run should take, in ms. */
  expectedMs: z.number().nonnegative(),
});
export type PlanListing = z.infer<typeof planListing>;
