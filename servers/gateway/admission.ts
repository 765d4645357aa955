import { z } from "zod";
import { broadcast, gatewayMode } from "../../schemas/ready.ts";

/** The WebSocket paths of the contract, without their slash. */
export const endpoints = ["echo", "push", "feed", "publish"] as const;
export type Endpoint = (typeof endpoints)[number];

export const codecs = ["json", "sbe"] as const;
export type Codec = (typeof codecs)[number];

const resumeRule = "must be a sequence, or snapshot";
/** Where a subscriber that was cut off goes on: at a sequence, or at the latest snapshot. */
const resumeFrom = z.union(
  [
    z.literal("snapshot"),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ],
  resumeRule,
);
export type ResumeFrom = z.infer<typeof resumeFrom>;

export const feedQuery = z.object({
  codec: z.enum(codecs, "must be json or sbe").default("json"),
  from: resumeFrom.optional(),
});
export type FeedQuery = z.infer<typeof feedQuery>;

export const publishQuery = z.object({
  mode: z.enum(gatewayMode.options, "must be passthrough or transcode").default("passthrough"),
  broadcast: z.enum(broadcast.options, `must be one of ${broadcast.options.join(", ")}`).default("send"),
  keep: z.enum(["off", "on"], "must be off or on").default("off"),
});
export type PublishQuery = z.infer<typeof publishQuery>;

/** Why a request was not upgraded: an HTTP status and one line that names the parameter. */
export class Refusal {
  readonly status: 400 | 404;
  readonly message: string;

  constructor(status: 400 | 404, message: string) {
    this.status = status;
    this.message = message;
  }
}

/** The endpoint that a path names, or undefined. */
export function endpointOf(pathname: string): Endpoint | undefined {
  return endpoints.find((endpoint) => pathname === `/${endpoint}`);
}

/** Parses the query of an upgrade request; a Refusal names the first parameter that breaks its rule. */
export function parseQuery<T>(schema: z.ZodType<T>, query: unknown): T | Refusal {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  return new Refusal(400, `${issue.path.join(".")}: ${issue.message}`);
}
