import { z } from "zod";
import { type MetricName, metricName } from "./metric.ts";
import type { PolicyAxis } from "./policy-axis.ts";
import { prose } from "./prose.ts";

/** What a warning weakens: figures that the answer rests on, other figures, or nothing in particular but the whole setting. */
export const touched = z.enum(["answer", "cells", "machine"]);
export type Touched = z.infer<typeof touched>;

interface WarningKind {
  /**
   * What a warning of this code can weaken: the answer wherever it is given; figures of a candidate or cell, and the answer where
   * it rests on those; or the setting of the whole run, which no single figure bears.
   */
  readonly severity: Touched;
  /** Where it concerns nobody who weighs this axis at 0. */
  readonly axis?: PolicyAxis;
  /** What it says, without the figures of a run. */
  readonly cause: string;
  /** What to do about it, unless the run knows better. */
  readonly nextStep: string;
}

/** Every warning the tool can give, in the order reports show them. */
export const warningKinds = {
  "not-pinned": {
    severity: "machine",
    cause: "Server and load were not bound to cores of their own.",
    nextStep: "run on Linux with two free cores, so that server and load do not share one",
  },
  "server-cores-shared": {
    severity: "machine",
    cause: "The processes of a server were more than the cores that it had.",
    nextStep: "run on a machine with a core for each process of --server-cores beside the load's",
  },
  virtualised: {
    severity: "machine",
    cause: "The machine is virtual: its tails hold the hypervisor's stalls.",
    nextStep: "compare candidates within this report only, and repeat on the hardware that will serve",
  },
  "few-rounds": {
    severity: "answer",
    cause: "The rounds are too few for an interval that takes no shape of the noise for granted.",
    nextStep: "use --profile standard or --rounds 10",
  },
  "nothing-delivered": {
    severity: "cells",
    cause: "No message arrived in a window.",
    nextStep:
      "repeat on a quieter machine, or with --profile thorough, whose windows are longer; see that the server is not stuck",
  },
  "generator-late": {
    severity: "cells",
    cause: "The load generator sent messages later than they were due.",
    nextStep: "free the load's core; --rounds adds rounds for those that were withheld",
  },
  "generator-saturated": {
    severity: "cells",
    cause: "The load generator used all of its core, so that the rate is a lower bound.",
    nextStep: "read the rate as a lower bound; the CPU time per message is the server's own, and compares",
  },
  "generator-drifted": {
    severity: "cells",
    cause: "A message cost the load generator more or less CPU time late in the run than at first.",
    nextStep: "trust the CPU time per message; repeat on a quieter machine before the rates are believed",
  },
  "generator-replaced": {
    severity: "machine",
    cause: "The load generator became slower while it measured, and its process was replaced.",
    nextStep: "distrust the rates of the rounds before it; --rounds adds rounds",
  },
  "generator-was-the-limit": {
    severity: "cells",
    cause: "The rate is too near to what the load generator alone can do: it is a lower bound.",
    nextStep: `read the rate as "at least", and compare the server's CPU per message instead`,
  },
  "foreign-cpu": {
    severity: "cells",
    cause: "Other processes took CPU time of the run's cores during a window.",
    nextStep: "end other programs, then repeat",
  },
  steal: {
    severity: "cells",
    cause: "The hypervisor took CPU time of the run's cores during a window.",
    nextStep: "repeat on a quieter host",
  },
  throttled: {
    severity: "cells",
    cause: "A CPU quota held the server or the load generator back.",
    nextStep:
      "raise the CPU quota (docker run --cpus, resources.limits.cpu, CPUQuota=) to what the run's cores can use, then repeat",
  },
  "cpu-quota": {
    severity: "machine",
    cause: "The run was forced though its CPU quota is below two cores.",
    nextStep:
      "raise it (docker run --cpus, resources.limits.cpu, CPUQuota=), and repeat before deciding anything",
  },
  "memory-limit": {
    severity: "cells",
    cause: "A memory limit held the server or the load generator back, or is too low for a run.",
    nextStep: "raise the memory limit of the container or the service, then repeat",
  },
  cpuset: {
    severity: "machine",
    cause: "The run was forced though it may use one core alone.",
    nextStep:
      "allow more (docker run --cpuset-cpus, AllowedCPUs=, taskset), or take a machine that has them, and repeat before deciding anything",
  },
  "cores-not-accountable": {
    severity: "machine",
    cause: "The system does not tell what other programs took of the run's cores.",
    nextStep:
      "see to it that nothing else runs on this machine, or run outside of the container; every figure rests on that",
  },
  "reach-below-100": {
    severity: "cells",
    cause: "Messages were lost or came back changed: the cell is not ranked.",
    nextStep: "choose what a slow subscriber gets with --slow-consumer; the cell is not ranked",
  },
  "delivered-twice": {
    severity: "cells",
    cause: "Messages came more than once: the cell is not ranked.",
    nextStep: "look in the server for messages that it sends again; the cell is not ranked",
  },
  "delivered-out-of-order": {
    severity: "cells",
    cause: "Messages came after one with a higher sequence: the cell is not ranked.",
    nextStep:
      "look in the server for what lets a message pass another, such as work that is awaited for each message; the cell is not ranked",
  },
  "arrived-before-sent": {
    severity: "cells",
    cause: "Messages came before they were sent: the cell is not ranked.",
    nextStep:
      "look in the server for messages that it sends on guess; latencies of such a server are none; the cell is not ranked",
  },
  "warm-up-not-intact": {
    severity: "cells",
    cause: "Messages were lost, doubled or reordered before the windows began: the cell is not ranked.",
    nextStep:
      "look in the server for messages that it loses, doubles or reorders at full speed; the cell is not ranked",
  },
  "json-rewritten": {
    severity: "cells",
    cause: "The server encoded JSON anew instead of passing it on byte for byte.",
    nextStep:
      "take the bytes that it saves and the work that it does as the server's own choice; values are the same",
  },
  "unasked-messages": {
    severity: "cells",
    cause: "The server sent messages that nobody had asked for; they were left out.",
    nextStep:
      "where it is a greeting or a service event, nothing; docs/CONTRACT.md says what a client asks for",
  },
  stalls: {
    severity: "cells",
    axis: "latencyTail",
    cause:
      "The server stopped serving again and again, which neither the generator nor other processes explain.",
    nextStep:
      "look in the server for what holds its loop: a collector's pause, a synchronous call, a timer's work; percentiles of short windows do not show it",
  },
  "slow-youth": {
    severity: "cells",
    cause: "A server that had just started was slower than the same server later.",
    nextStep:
      "ask which of the two your users meet: a server that lives long is the old one; --profile thorough warms longer",
  },
  "memory-grows": {
    severity: "cells",
    cause: "The server's memory grew for as long as it was measured.",
    nextStep:
      "look in the server for what it keeps: its memory figures hold for servers as young as these alone",
  },
  "soak-rising": {
    severity: "cells",
    cause: "Memory or latency p99 rose throughout a long time under load.",
    nextStep: "look for what the server keeps for each message or second; a longer --soak narrows the pace",
  },
  "little-law": {
    severity: "cells",
    cause: "Rate × mean latency is not the number of messages in flight.",
    nextStep:
      "distrust this cell's latency; the longer windows of --profile thorough tell a server's long turns from a fault of the timing",
  },
  "mitata-disagrees": {
    severity: "cells",
    cause: "mitata's median and the tool's own differ by over 5 %.",
    nextStep: "distrust this cell's median; calibrate compares the two against a plain server",
  },
  "first-round-slower": {
    severity: "cells",
    cause: "The first round was worse than the others.",
    nextStep: "repeat; the first round filled caches that the others found full",
  },
  drift: {
    severity: "cells",
    cause: "A figure rose or fell from the first round to the last.",
    nextStep: "let the machine settle (temperature, caches, other tenants), then repeat",
  },
  bimodal: {
    severity: "cells",
    cause: "The rounds fell into two groups, so that their median describes neither.",
    nextStep:
      "look for two states of the machine or of the runtime; a median of two groups describes neither",
  },
  outliers: {
    severity: "cells",
    cause: "Single rounds stand apart from the others; they are kept.",
    nextStep: "see the rounds in results.csv; more rounds make it weigh less",
  },
  "estimates-disagree": {
    severity: "cells",
    cause: "Two estimates of one ratio (mean of logs, Hodges–Lehmann) disagree.",
    nextStep: "look at the single rounds before believing either; more rounds settle it",
  },
  "ratios-not-normal": {
    severity: "cells",
    cause: "The rounds' log ratios are not normal, so that the interval may be too narrow.",
    nextStep: "see the rounds in results.csv; more rounds bring its coverage back to 95 %",
  },
  "rounds-not-independent": {
    severity: "cells",
    cause: "Neighbouring rounds resemble each other, so that the interval is too narrow.",
    nextStep: "let the machine settle, then repeat; more rounds of the same wander do not help",
  },
  "aa-pair-differs": {
    severity: "cells",
    cause: "One server differs from itself in one figure by more than chance.",
    nextStep: "repeat with another --seed, and look for what sets two starts of one server apart",
  },
  "aa-not-chance": {
    severity: "machine",
    cause: "One server differs from itself by more than its rounds scatter, over all figures.",
    nextStep:
      "these rounds are too few to widen the intervals by it: distrust small differences, and repeat with --rounds 10",
  },
  "trial-failed": {
    severity: "cells",
    cause: "A trial failed; the others count.",
    nextStep:
      "read the server's last lines under Failures; repeat with --candidates and --workloads to isolate it",
  },
  "candidate-unavailable": {
    severity: "cells",
    cause: "A candidate does not run on this machine.",
    nextStep: "install what it needs, or leave it out with --candidates",
  },
  "busy-after-trial": {
    severity: "cells",
    cause: "With every connection closed the server went on working.",
    nextStep: "look for a stream that goes on when its socket has closed",
  },
  "left-its-core": {
    severity: "cells",
    cause: "The server ran on another core than it was bound to.",
    nextStep:
      "leave the server's affinity alone: --profile and all candidates share one core for a reason; or measure it by its address, where it stays where you bind it",
  },
  "not-attributed": {
    severity: "cells",
    cause:
      "It is not known which processes do the server's work: its CPU time, memory and cost decide nothing.",
    nextStep:
      "start the server itself and not a wrapper, proxy or container's command, or name the process that listens: --candidate NAME=ws://127.0.0.1:PORT,pid=N",
  },
  "impossible-figure": {
    severity: "cells",
    cause: "A figure is one that no server can have; it was left out.",
    nextStep:
      "this is an error of measurement and no result: see that the process named is the one that serves",
  },
  "found-elsewhere": {
    severity: "cells",
    cause: "A server of your own was found at another address than it was told to use.",
    nextStep: "see that this is what you meant to measure",
  },
  "startup-at-most": {
    severity: "cells",
    cause:
      "The tool was held up while it looked for the server's start: the start-up time is an upper bound.",
    nextStep: "repeat on a quieter machine, or print a ready line, whose moment is exact",
  },
  "capture-looped": {
    severity: "cells",
    cause: "The capture is shorter than the window, and began anew within it.",
    nextStep: "use a longer capture, or lower --feed-rate",
  },
  "capture-mended": {
    severity: "machine",
    cause: "The capture has holes, or went back in time: both were mended.",
    nextStep: "replay a recording of one connection without a break where order ids matter to you",
  },
  "capture-left-out": {
    severity: "machine",
    cause: "Lines of the capture were left out.",
    nextStep:
      "see whether any of them is market data that your servers would send; docs/feed.md tells what is read",
  },
  "feed-thin": {
    severity: "cells",
    cause: "What was replayed holds too few different messages for a p99.",
    nextStep: "use more rounds, a longer profile or a higher --feed-rate",
  },
  "feed-unlike-source": {
    severity: "cells",
    cause: "What was replayed is denser or thinner than the whole feed.",
    nextStep: "use more rounds or a longer profile, so that more of the feed is replayed",
  },
  "machine-was-busy": {
    severity: "machine",
    cause: "The run was forced on a machine that was busy with other work.",
    nextStep: "end these processes and repeat before deciding anything",
  },
  interrupted: {
    severity: "answer",
    cause: "The run ended before its plan: intervals are wider than planned.",
    nextStep: "use --resume with this run's folder to do the rest",
  },
  "resumed-elsewhere": {
    severity: "machine",
    cause: "The run was resumed under another version of the tool or of the kernel.",
    nextStep: "see in results.csv whether the rounds of both agree, or start a new run",
  },
  "runtime-not-pinned": {
    severity: "machine",
    cause: "A runtime is not the version that the tool pins.",
    nextStep: "compare with reports of the same version only, or name one of the registry with --runtime",
  },
  "runtime-end-of-life": {
    severity: "machine",
    cause: "A runtime's version is no longer looked after.",
    nextStep: "choose a version that is looked after, whatever this one's figures are",
  },
} as const satisfies Record<string, WarningKind>;

export type WarningCode = keyof typeof warningKinds;
export const warningCodes = Object.keys(warningKinds) as [WarningCode, ...WarningCode[]];

/** What the table says of a code. */
export const warningKind = (code: WarningCode): WarningKind => warningKinds[code];

export const warningCode = z.enum(warningCodes);

export const runWarning = z.strictObject({
  code: warningCode,
  cause: prose,
  nextStep: prose,
  /** Cell and candidate it concerns, e.g. `node/ws echo/raw/64B/c1w1`. */
  cell: z.string().optional(),
  /** The figure it concerns, where it is one. */
  metric: metricName.optional(),
});
export type RunWarning = z.infer<typeof runWarning>;

export const rankedWarning = runWarning.extend({ touches: touched });

/** What a warning is of: nothing in particular, unless its kind weakens single figures. */
type Subject<Code extends WarningCode> = (typeof warningKinds)[Code]["severity"] extends "cells"
  ? { readonly cell?: string; readonly metric?: MetricName }
  : { readonly cell?: never; readonly metric?: never };

/** A warning with the cause that a run has found. The next step is the table's, unless the run knows a better one. */
export function warning<Code extends WarningCode>(
  code: Code,
  cause: string,
  more?: Subject<Code> & { readonly nextStep?: string },
): RunWarning {
  return { code, cause, nextStep: warningKinds[code].nextStep, ...more };
}
