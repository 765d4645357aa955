import { z } from "zod";
import { mostServerCores, slowConsumerPolicies } from "../../schemas/names.ts";
import { slowConsumerPolicy } from "../../schemas/ready.ts";

/** Loopback, unless load comes from other hosts: whoever runs the tool says so. */
export const hostname = process.env.HOST === "0.0.0.0" ? "0.0.0.0" : "127.0.0.1";

const defaultLimitBytes = 16 * 1024 * 1024;
/** Bun keeps its limits in 32 bits; the other candidates follow so that options stay equal. */
const largestLimitBytes = 0xffff_ffff;

const integer = (min: number, max: number, fallback: number) => {
  const error = `must be an integer from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d+$/, error)
    .transform(Number)
    .pipe(z.int(error).min(min, error).max(max, error))
    .default(fallback);
};

/** Kept for subscribers that resume; well below the least backpressure limit that is of use, since all of it may go out at once. */
const defaultReplayMessages = 4096;
const defaultReplayBytes = 4 * 1024 * 1024;
const mostReplayMessages = 1_000_000;

const environment = z.object({
  PORT: integer(0, 65535, 0),
  CANDIDATE: z.string().min(1, "must name a candidate").optional(),
  SLOW_CONSUMER: z
    .enum(slowConsumerPolicies, `must be one of ${slowConsumerPolicies.join(", ")}`)
    .pipe(slowConsumerPolicy)
    .default("disconnect"),
  BACKPRESSURE_LIMIT_BYTES: integer(1024, largestLimitBytes, defaultLimitBytes),
  MAX_PAYLOAD_BYTES: integer(1024, largestLimitBytes, defaultLimitBytes),
  REPLAY_MESSAGES: integer(1, mostReplayMessages, defaultReplayMessages),
  REPLAY_BYTES: integer(1024, largestLimitBytes, defaultReplayBytes),
  /** permessage-deflate: what is sent to a client that takes it is compressed. */
  DEFLATE: z
    .enum(["on", "off"], "must be on or off")
    .default("off")
    .transform((value) => value === "on"),
  /** Processes that share the port; `servers/gateway/cores.ts` starts them. */
  SERVER_CORES: integer(1, mostServerCores, 1),
  /** PEM files of a certificate and its key: with them everything is served over TLS. */
  TLS_CERT_FILE: z.string().min(1, "must name a file").optional(),
  TLS_KEY_FILE: z.string().min(1, "must name a file").optional(),
});

export type Settings = Readonly<z.infer<typeof environment>>;

/** A mistake of the user's, reported in one line without a stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Reads the settings of a server from its environment. Throws a UsageError that names the variable. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const parsed = environment.safeParse(env);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const name = String(issue.path[0]);
  throw new UsageError(`${name}: ${issue.message}, got ${JSON.stringify(env[name])}`);
}
