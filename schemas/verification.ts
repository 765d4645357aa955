import { z } from "zod";
import { notServed } from "./plan.ts";

const told = z.array(notServed);

/** What `verify` found of one candidate, by services (see `serviceOf`). */
export const verifiedCandidate = z.strictObject({
  id: z.string(),
  status: z.enum(["passed", "failed", "unavailable"]),
  /** Why it could not be asked, or what the whole of it is at fault for; null where the services tell all. */
  reason: z.string().nullable(),
  passed: z.array(z.string()),
  /** Of those that it declares. */
  failed: told,
  /** What a server of the user's own does not offer, which is no fault. */
  notServed: told,
});
export type VerifiedCandidate = z.infer<typeof verifiedCandidate>;

/** What `verify --json` prints. */
export const verification = z.strictObject({
  candidates: z.array(verifiedCandidate),
  /** Whether it was cut; candidates that were not asked are left out. */
  interrupted: z.boolean(),
});
export type Verification = z.infer<typeof verification>;
