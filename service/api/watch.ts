import { z } from "zod";
import { metricName } from "../../schemas/metric.ts";
import { profile } from "../../schemas/plan.ts";
import { prose } from "../../schemas/prose.ts";
import { reading } from "./history.ts";
import { runId } from "./run.ts";

export const watchedRuntimes = ["bun", "node"] as const;
/** Frameworks and adapters whose upgrades are watched. */
export const watchedPackages = [
  "ws",
  "elysia",
  "@elysiajs/node",
  "hono",
  "@hono/node-server",
  "@hono/node-ws",
  "crossws",
] as const;

/** Asks the registry for the newest versions, and measures old and new of what is newer in one sitting each. */
export const startWatch = z.strictObject({
  runtimes: z.array(z.enum(watchedRuntimes)).default([...watchedRuntimes]),
  packages: z.array(z.enum(watchedPackages)).default([...watchedPackages]),
  profile: profile.default("standard"),
  workloads: z.array(z.string().max(200)).min(1).max(50).default(["default"]),
});

/** A figure of the newer version against the older one, paired by round. */
export const upgradeFinding = z.strictObject({
  candidate: z.string(),
  cell: z.string(),
  metric: metricName,
  /** Newer ÷ older. */
  ratio: z.number().nullable(),
  ciLow: z.number().nullable(),
  ciHigh: z.number().nullable(),
  reading,
  words: prose,
});

export const watchAnswer = z.strictObject({
  checkedAt: z.iso.datetime().nullable(),
  packages: z.array(
    z.strictObject({
      name: z.string(),
      pinned: z.string(),
      /** Null where the registry did not answer. */
      newest: z.string().nullable(),
    }),
  ),
  checks: z.array(
    z.strictObject({
      run: runId,
      /** What asked for it: a newer version, or a change point in a trend. */
      cause: z.enum(["upgrade", "suspicion"]),
      subject: z.string(),
      from: z.string(),
      to: z.string(),
      /** `alarm`: some headline is shown to be worse, in one sitting. `undecided`: none is shown to be anything. */
      state: z.enum(["measuring", "alarm", "clear", "undecided", "failed"]),
      counts: z.record(reading, z.int().nonnegative()),
      findings: z.array(upgradeFinding),
    }),
  ),
});
export type WatchAnswer = z.infer<typeof watchAnswer>;
