import { z } from "zod";
import { type MetricName, metricName } from "./metric.ts";
import type { PolicyAxis } from "./policy-axis.ts";
import { prose } from "./prose.ts";

/** What a warning weakens: figures that the answer rests on, other figures, or the setting of the whole run. */
export const touched = z.enum(["answer", "cells", "machine"]);
export type Touched = z.infer<typeof touched>;

interface WarningKind {
  /**
   * What a warning of this code can weaken: the answer wherever it is given; figures of a candidate or cell, and the answer where
   * it rests on those; or the setting of the whole run.
   */
  readonly severity: Touched;
  /** The axis it belongs to: under a policy that weighs this axis at 0 it does not touch the answer. */
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
    cause: "Server and load generator were not bound to cores of their own.",
    nextStep: "run on Linux with two free cores",
  },
  "server-cores-shared": {
    severity: "machine",
    cause: "The processes of a server were more than the cores that it had.",
    nextStep: "run on a machine with a core for each process of --server-cores beside the load's",
  },
  virtualised: {
    severity: "machine",
    cause: "The machine is virtual: tail latencies include the hypervisor's stalls.",
    nextStep: "compare candidates within this report only; repeat on the hardware you will deploy on",
  },
  "few-rounds": {
    severity: "answer",
    cause: "There are too few rounds for distribution-free intervals, which need six.",
    nextStep: "use more rounds, for example --rounds 10",
  },
  "nothing-delivered": {
    severity: "cells",
    cause: "No message arrived in a window.",
    nextStep:
      "repeat on a quieter machine, or with the longer windows of --profile thorough; check that the server does not hang",
  },
  "generator-late": {
    severity: "cells",
    cause: "The load generator sent messages later than they were due.",
    nextStep:
      "keep other programs off the load generator's core; --rounds adds rounds for those that were withheld",
  },
  "generator-saturated": {
    severity: "cells",
    cause: "The load generator used its whole core, so the rate is a lower bound.",
    nextStep: `read the rate as "at least"; compare CPU time per message instead, which is the server's own`,
  },
  "generator-drifted": {
    severity: "cells",
    cause: "The load generator's CPU time per message changed during the run.",
    nextStep:
      "compare the server's CPU time per message; repeat on a quieter machine before you trust the rates",
  },
  "generator-replaced": {
    severity: "machine",
    cause: "The load generator became slower during the run, and its process was replaced.",
    nextStep: "do not trust the rates of earlier rounds; --rounds adds rounds",
  },
  "generator-was-the-limit": {
    severity: "cells",
    cause: "The rate is too close to the load generator's own limit: it is a lower bound.",
    nextStep: `read the rate as "at least"; compare the server's CPU time per message instead`,
  },
  "foreign-cpu": {
    severity: "cells",
    cause: "Other processes used the run's cores during a window.",
    nextStep: "close other programs, then repeat",
  },
  steal: {
    severity: "cells",
    cause: "The hypervisor took CPU time from the run's cores during a window.",
    nextStep: "repeat on a quieter host",
  },
  throttled: {
    severity: "cells",
    cause: "A CPU quota throttled the server or the load generator.",
    nextStep:
      "raise the CPU quota (docker run --cpus, resources.limits.cpu, CPUQuota=) to the run's cores, then repeat",
  },
  "cpu-quota": {
    severity: "machine",
    cause: "The run was forced with a CPU quota below two cores.",
    nextStep:
      "raise it (docker run --cpus, resources.limits.cpu, CPUQuota=), and repeat before deciding anything",
  },
  "memory-limit": {
    severity: "cells",
    cause: "A memory limit slowed the server or the load generator, or is too low for a run.",
    nextStep: "raise the memory limit of the container or the service, then repeat",
  },
  cpuset: {
    severity: "machine",
    cause: "The run was forced with only one core allowed.",
    nextStep:
      "allow more (docker run --cpuset-cpus, AllowedCPUs=, taskset), or use another machine, and repeat before deciding anything",
  },
  "cores-not-accountable": {
    severity: "machine",
    cause: "The system does not show how much of the run's cores other programs used.",
    nextStep:
      "make sure that nothing else runs on this machine, or run outside the container; every figure depends on that",
  },
  "reach-below-100": {
    severity: "cells",
    cause: "Messages were lost or changed: the cell is not ranked.",
    nextStep: "if slow subscribers lost them, choose a policy with --slow-consumer; otherwise fix the server",
  },
  "delivered-twice": {
    severity: "cells",
    cause: "Messages arrived more than once: the cell is not ranked.",
    nextStep: "look for messages that the server sends again",
  },
  "delivered-out-of-order": {
    severity: "cells",
    cause: "Messages arrived after one with a higher sequence: the cell is not ranked.",
    nextStep:
      "look for what lets one message overtake another in the server, such as an await for each message",
  },
  "arrived-before-sent": {
    severity: "cells",
    cause: "Messages arrived before they were sent: the cell is not ranked.",
    nextStep: "look for messages that the server makes up; its latencies mean nothing",
  },
  "warm-up-not-intact": {
    severity: "cells",
    cause: "Messages were lost, duplicated or reordered during warm-up: the cell is not ranked.",
    nextStep: "look for messages that the server loses, duplicates or reorders at full speed",
  },
  "json-rewritten": {
    severity: "cells",
    cause: "The server re-encoded JSON instead of passing its bytes on.",
    nextStep: "nothing: values are the same; the work and the bytes saved are the server's own",
  },
  "unasked-messages": {
    severity: "cells",
    cause: "The server sent messages that nobody asked for; they were left out.",
    nextStep:
      "nothing, if it is a greeting or a service event; docs/CONTRACT.md lists what a client asks for",
  },
  stalls: {
    severity: "cells",
    axis: "latencyTail",
    cause: "The server stopped serving repeatedly; neither the generator nor other processes explain it.",
    nextStep:
      "look for what blocks its event loop: garbage collection, a synchronous call, a timer; percentiles of short windows do not show it",
  },
  "slow-youth": {
    severity: "cells",
    cause: "A freshly started server was slower than the same server later.",
    nextStep: "decide which counts for you, a fresh server or a warm one; --profile thorough warms up longer",
  },
  "memory-grows": {
    severity: "cells",
    cause: "The server's memory grew throughout the measurement.",
    nextStep: "look for what the server keeps; its memory figures hold only for servers this young",
  },
  "soak-rising": {
    severity: "cells",
    cause: "Memory or latency p99 rose throughout a long time under load.",
    nextStep: "look for what the server keeps for each message or second; a longer --soak narrows the pace",
  },
  "little-law": {
    severity: "cells",
    cause: "Rate × mean latency does not equal the number of messages in flight.",
    nextStep:
      "do not trust this cell's latency; --profile thorough has longer windows, and shows whether the server or the timing is at fault",
  },
  "mitata-disagrees": {
    severity: "cells",
    cause: "mitata's median and the tool's own differ by more than 5 %.",
    nextStep: "do not trust this cell's median; calibrate compares the two on a plain server",
  },
  "first-round-slower": {
    severity: "cells",
    cause: "The first round was slower than the others.",
    nextStep: "repeat; the first round filled caches for the others",
  },
  drift: {
    severity: "cells",
    cause: "A figure rose or fell over the course of the run.",
    nextStep: "let the machine settle (temperature, caches, other tenants), then repeat",
  },
  bimodal: {
    severity: "cells",
    cause: "The rounds fall into two groups; their median describes neither.",
    nextStep: "look for two states of the machine or of the runtime",
  },
  outliers: {
    severity: "cells",
    cause: "Some rounds are far from the others; they are kept.",
    nextStep: "look at the rounds in results.csv; with more rounds an outlier weighs less",
  },
  "estimates-disagree": {
    severity: "cells",
    cause: "Two estimates of one ratio (mean of logs, Hodges–Lehmann) disagree.",
    nextStep: "look at the single rounds before you trust either; more rounds settle it",
  },
  "ratios-not-normal": {
    severity: "cells",
    cause: "The log ratios of the rounds are not normal, so the interval may be too narrow.",
    nextStep: "look at the rounds in results.csv; more rounds bring coverage back to 95 %",
  },
  "rounds-not-independent": {
    severity: "cells",
    cause: "Neighbouring rounds resemble each other, so the interval is too narrow.",
    nextStep: "let the machine settle, then repeat; more rounds alone do not help",
  },
  "aa-pair-differs": {
    severity: "cells",
    cause: "The reference differs from its own replicate in one figure by more than chance.",
    nextStep: "repeat with another --seed; look for what differs between two starts of one server",
  },
  "aa-not-chance": {
    severity: "machine",
    cause: "Over all figures, the reference differs from its own replicate by more than chance.",
    nextStep: "do not trust small differences; repeat with --rounds 10, enough to widen the intervals by it",
  },
  "trial-failed": {
    severity: "cells",
    cause: "A trial failed; the others count.",
    nextStep: "read the server's last lines under Failures; isolate it with --candidates and --workloads",
  },
  "candidate-unavailable": {
    severity: "cells",
    cause: "A candidate cannot run on this machine.",
    nextStep: "install what it needs, or leave it out with --candidates",
  },
  "busy-after-trial": {
    severity: "cells",
    cause: "The server kept working after every connection had closed.",
    nextStep: "look for a stream that continues after its socket has closed",
  },
  "left-its-core": {
    severity: "cells",
    cause: "The server ran on another core than the one it was bound to.",
    nextStep:
      "do not change the server's affinity: all candidates share one core so that they compare; or start it yourself and give its address",
  },
  "not-attributed": {
    severity: "cells",
    cause:
      "It is not known which processes do the server's work; its CPU time, memory and cost are not used.",
    nextStep:
      "start the server itself, without a wrapper, proxy or container command, or name the process that listens: --candidate NAME=ws://127.0.0.1:PORT,pid=N",
  },
  "impossible-figure": {
    severity: "cells",
    cause: "A figure is beyond what any server can do; it was left out.",
    nextStep: "this is a measurement error: check that the named process is the one that serves",
  },
  "found-elsewhere": {
    severity: "cells",
    cause: "One of your servers was found at another address than it was given.",
    nextStep: "check that this is the server you meant to measure",
  },
  "startup-at-most": {
    severity: "cells",
    cause: "The tool was delayed while it waited for the server, so the start-up time is an upper bound.",
    nextStep: "repeat on a quieter machine, or print a ready line, which gives the exact moment",
  },
  "capture-looped": {
    severity: "cells",
    cause: "The capture is shorter than the window and was repeated.",
    nextStep: "use a longer capture, or lower --feed-rate",
  },
  "capture-mended": {
    severity: "machine",
    cause: "The capture has gaps or goes back in time; both were corrected.",
    nextStep: "record one connection without a break if order ids matter to you",
  },
  "capture-left-out": {
    severity: "machine",
    cause: "Lines of the capture were left out.",
    nextStep:
      "check whether any of them is market data that your servers would send; docs/feed.md lists what is read",
  },
  "feed-thin": {
    severity: "cells",
    cause: "The replayed feed has too few different messages for a p99.",
    nextStep: "use more rounds, a longer profile or a higher --feed-rate",
  },
  "feed-unlike-source": {
    severity: "cells",
    cause: "The replayed part is denser or sparser than the whole feed.",
    nextStep: "use more rounds or a longer profile, so that more of the feed is replayed",
  },
  "machine-was-busy": {
    severity: "machine",
    cause: "The run was forced on a busy machine.",
    nextStep: "end these processes and repeat before deciding anything",
  },
  interrupted: {
    severity: "answer",
    cause: "The run was cut short, so intervals are wider than planned.",
    nextStep: "resume it: --resume with this run's folder",
  },
  "resumed-elsewhere": {
    severity: "machine",
    cause: "The run was resumed under another version of the tool or the kernel.",
    nextStep: "check in results.csv that the rounds before and after agree, or start a new run",
  },
  "runtime-not-pinned": {
    severity: "machine",
    cause: "A runtime is not the pinned version.",
    nextStep: "compare only with reports of the same version, or choose one from npm with --runtime",
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
