import { z } from "zod";
import type { LedgerTotals } from "../../schemas/load.ts";

/** What a faulty reference server does to one message in so many. */
export const faultKinds = ["drop", "double", "swap", "corrupt"] as const;
export const faultKind = z.enum(faultKinds);
export type FaultKind = z.infer<typeof faultKind>;

/**
 * Faults that look like speed, or that a check may stumble over: each 1,000th message lost at one subscriber alone; silence
 * after the first 1,000; each of the first 1,000 again after 60 ms; messages sent before they came; JSON encoded anew; text that goes out as binary; a greeting that nobody asked for; pushed messages
 * of 16 bytes whatever was asked, and some of the right size that say nothing.
 */
export const deceptions = [
  "lose-at-one",
  "fall-silent",
  "again-late",
  "early",
  "rewrite-json",
  "text-as-binary",
  "greet",
  "short-push",
  "blank-push",
] as const;
export const deception = z.enum(deceptions);
export type Deception = z.infer<typeof deception>;

/** What a server does to connections that come: keeps memory of each for good, refuses one in so many, or holds each upgrade up. */
export const arrivalFaults = ["keep", "refuse", "hold"] as const;
export const arrivalFault = z.enum(arrivalFaults);

/**
 * What a reference server does with a subscriber that does not read, at a limit of `slowLimitBytes`. Two do what they say: one cuts,
 * one conflates. One drops messages and one keeps them all, though they say that they cut; one conflates, and keeps the oldest.
 */
export const slowHabits = ["cuts", "conflates", "drops-instead", "hoards", "conflates-oldest"] as const;
export const slowHabit = z.enum(slowHabits);
export type SlowHabitName = z.infer<typeof slowHabit>;
export const slowLimitBytes = 4 * 1024 * 1024;

/** A server that takes in all that comes and passes on a part of it a second: what waits is kept, or lost beyond a number. */
export const queueHabits = ["keeps", "sheds"] as const;
export const queueHabit = z.enum(queueHabits);
export type QueueHabit = z.infer<typeof queueHabit>;

/**
 * What a server does with subscribers that resume after the last message they had: it keeps the contract; it leaves out one update
 * for each that came back; or its sockets live on and it passes on no more than one message in `thinEvery`.
 */
export const resumeHabits = ["keeps", "loses-one", "thins"] as const;
export const resumeHabit = z.enum(resumeHabits);
export type ResumeHabit = z.infer<typeof resumeHabit>;
export const thinEvery = 50;

/** Multiples of `every` in (`before`, `upTo`]: faults of a server that has counted from `before` up to `upTo` messages. */
export function faultsBetween(before: number, upTo: number, every: number): number {
  return Math.floor(upTo / every) - Math.floor(before / every);
}

/**
 * The ledger of `due` messages of which `faults` met the fault. A dropped message is a gap; a doubled one a duplicate; one
 * that its neighbour passed a reorder; a corrupt one is counted as such and leaves the gap of the message it stood for.
 */
export function expectedLedger(fault: FaultKind, due: number, faults: number): LedgerTotals {
  const gaps = fault === "drop" || fault === "corrupt" ? faults : 0;
  return {
    due,
    delivered: due - gaps,
    gaps,
    duplicates: fault === "double" ? faults : 0,
    reorders: fault === "swap" ? faults : 0,
    corrupt: fault === "corrupt" ? faults : 0,
  };
}
