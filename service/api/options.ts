import { z } from "zod";
import { listedCandidate } from "../../schemas/listing.ts";
import { feedPresets, slowConsumerPolicies } from "../../schemas/names.ts";
import { profile } from "../../schemas/plan.ts";
import { policy } from "../../schemas/policy.ts";

/** Values for the start form. `candidates` is null until the runner has listed them. */
export const options = z.strictObject({
  candidates: z
    .array(listedCandidate.pick({ id: true, available: true, reason: true, nextStep: true, sets: true }))
    .nullable(),
  profiles: z.array(z.strictObject({ name: profile })),
  workloads: z.array(z.string()),
  feeds: z.array(z.enum(feedPresets)),
  slowConsumers: z.array(z.enum(slowConsumerPolicies)),
  policies: z.array(policy),
  forms: z.array(z.strictObject({ name: z.string(), writes: z.string() })),
});

/** Opens a session of a browser where the service asks for a token. */
export const session = z.strictObject({ token: z.string().min(1).max(1000) });
