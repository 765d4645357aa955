import { z } from "zod";
import { extraKinds } from "./names.ts";
import { prose } from "./prose.ts";
import { soakRecord } from "./soak.ts";
import { trialPhase } from "./trial-phase.ts";
import { whyRecord } from "./why.ts";

export const extraKind = z.enum(extraKinds);
export type ExtraKind = z.infer<typeof extraKind>;

/** What an extra trial found. */
export const extraOutcome = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("why"), why: whyRecord }),
  z.strictObject({ kind: z.literal("soak"), soak: soakRecord }),
]);
export type ExtraOutcome = z.infer<typeof extraOutcome>;

/** An extra trial that came to no figures. */
export const extraFailure = z.strictObject({
  kind: extraKind,
  candidate: z.string(),
  phase: trialPhase,
  reason: prose,
});
export type ExtraFailure = z.infer<typeof extraFailure>;
