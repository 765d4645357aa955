import { z } from "zod";

/** What a runtime reports on itself, over one window. */
export const insideFigures = z.strictObject({
  elapsedMs: z.number().positive(),
  /** Pauses of the garbage collector; null where the runtime does not report them. */
  gc: z
    .strictObject({
      pauses: z.int().nonnegative(),
      totalMs: z.number().nonnegative(),
      longestMs: z.number().nonnegative(),
    })
    .nullable(),
  /** How late a timer of some ms came, over and over: what kept the event loop. */
  loop: z.strictObject({
    looks: z.int().nonnegative(),
    lateMsP50: z.number().nonnegative(),
    lateMsP99: z.number().nonnegative(),
    lateMsMax: z.number().nonnegative(),
  }),
  /** Functions by their share of the busy samples, the largest first; null where the runtime has no profiler. */
  profile: z
    .strictObject({
      samples: z.int().nonnegative(),
      frames: z.array(
        z.strictObject({ name: z.string(), where: z.string(), share: z.number().min(0).max(1) }),
      ),
    })
    .nullable(),
});
export type InsideFigures = z.infer<typeof insideFigures>;

/** Runner → the program inside a server. */
export const insideRequest = z.strictObject({ type: z.enum(["start", "stop"]) });
export type InsideRequest = z.infer<typeof insideRequest>;

/** The program inside a server → runner. It says hello as soon as the server's runtime runs. */
export const insideReply = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("hello") }),
  z.strictObject({ type: z.literal("started") }),
  z.strictObject({ type: z.literal("figures"), figures: insideFigures }),
]);
export type InsideReply = z.infer<typeof insideReply>;
