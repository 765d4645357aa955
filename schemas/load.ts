import { z } from "zod";
import { capacityMeasured } from "./capacity.ts";
import { cellSpec } from "./cell.ts";
import { connectionsMeasured } from "./connections.ts";
import { endpoint } from "./endpoint.ts";
import { feedStretch } from "./feed.ts";
import { metricName } from "./metric.ts";
import { declaredPolicy, flooding, stoppedReading } from "./pressure.ts";
import { recoveryRecord, restartTimes } from "./recovery.ts";
import { seenFrame } from "./seen-frame.ts";
import { trialPhase } from "./trial-phase.ts";

/** Set where a trial failed by the load generator's own fault, its death or its silence: that says nothing of the server. */
export const generatorFault = z.literal("generator").optional();

/**
 * The rules that a received message can break, in the order in which they are checked: a frame of another opcode than its
 * message was sent with; another length; other bytes; bytes that are no market message where the server makes them up;
 * another connection's message; a sequence that is none, or was never to be sent; and one that came before its send.
 */
export const corruptRules = [
  "opcode",
  "length",
  "bytes",
  "schema",
  "connection",
  "sequence",
  "early",
] as const;
export const corruptRule = z.enum(corruptRules);
export type CorruptRule = z.infer<typeof corruptRule>;

/** How one message broke a rule: opcodes for `opcode`, bytes for `length`, the first differing offset for `bytes`. */
export const corruption = z.strictObject({
  rule: corruptRule,
  expected: z.int().nonnegative().optional(),
  got: z.int().nonnegative().optional(),
  /** Offset of the first byte that differs. */
  at: z.int().nonnegative().optional(),
  /** Why it is no market message. */
  why: z.string().optional(),
  /** What came, cut to 200 characters; bytes that are no text stand as hex. */
  text: z.string().optional(),
});
export type Corruption = z.infer<typeof corruption>;

/** Delivery account over all connections of a trial: messages due, arrived, and how they went wrong. */
export const ledgerTotals = z.strictObject({
  /** Deliveries that the schedule or the count made due. */
  due: z.int().nonnegative(),
  /** Distinct due messages that arrived intact. */
  delivered: z.int().nonnegative(),
  /** Due messages that never arrived. */
  gaps: z.int().nonnegative(),
  /** Arrivals beyond the first of the same message. */
  duplicates: z.int().nonnegative(),
  /** Arrivals after a message with a higher sequence. */
  reorders: z.int().nonnegative(),
  /** Arrivals whose payload, opcode or sequence was not what was sent, or that came before it was. */
  corrupt: z.int().nonnegative(),
  /** The corrupt ones by the rule that each broke; absent where there are none. */
  corruptBy: z.partialRecord(corruptRule, z.int().positive()).optional(),
  /** How the first corrupt one broke its rule. */
  firstCorrupt: corruption.optional(),
  /** Of the delivered: JSON that came back encoded anew, with the same values and not byte for byte. Absent where none did. */
  rewritten: z.int().positive().optional(),
});
export type LedgerTotals = z.infer<typeof ledgerTotals>;

/** Use of one process over the window, from /proc; null fields where the system does not report them. */
export const processUse = z.strictObject({
  cpuNs: z.number().nonnegative(),
  voluntarySwitches: z.number().nonnegative(),
  involuntarySwitches: z.number().nonnegative(),
  /** Resident bytes before the trial's first connection. */
  rssBytesBefore: z.number().nonnegative(),
  /** Resident bytes with every connection open, before traffic. */
  rssBytesConnected: z.number().nonnegative(),
  rssBytesPeak: z.number().nonnegative(),
  /** Resident bytes at the window's end; absent in records older than it. */
  rssBytesEnd: z.number().nonnegative().optional(),
  threads: z.int().nonnegative(),
});

/** Why a server's CPU time and memory are not known. */
export const unattributedCodes = [
  /** No process that listens on the port is in sight: another user's, or another container's. */
  "listener-unseen",
  /** Processes that are not one server listen on it. */
  "listener-shared",
  /** The one that listens hands the work on to another. */
  "forwarded",
  /** Another process listened at the end of the visit than at its start. */
  "listener-moved",
] as const;
export const unattributed = z.strictObject({ code: z.enum(unattributedCodes), reason: z.string() });
export type Unattributed = z.infer<typeof unattributed>;

/** What may speak against a whole visit: its CPU time is somebody else's, or nobody can say whose. */
export const visitFlagCode = z.enum(["listener-moved", "left-its-core"]);
export type VisitFlagCode = z.infer<typeof visitFlagCode>;

/** CPU time of one core over the window. `foreignNs` = busy less the tool's own and the server's processes. */
export const coreUse = z.strictObject({
  core: z.int().nonnegative(),
  /** Between the two readings: the window, and the drain behind it. */
  elapsedNs: z.number().positive(),
  busyNs: z.number().nonnegative(),
  foreignNs: z.number().nonnegative(),
  stealNs: z.number().nonnegative(),
  /** How long the server's or the generator's threads were ready and waited while others had the core; absent where that is not known. */
  heldNs: z.number().nonnegative().optional(),
});
export type CoreUse = z.infer<typeof coreUse>;

/** What limits of the environment took within a window, by the counters of the cgroups. */
export const limitUse = z.strictObject({
  /** Periods of the CPU quota that ended in a wait. */
  throttledPeriods: z.int().nonnegative(),
  /** Time that tasks waited for the CPU quota. */
  throttledNs: z.number().nonnegative(),
  /** Times that a task was slowed down, or killed, for the memory limit. */
  memoryEvents: z.int().nonnegative(),
});
export type LimitUse = z.infer<typeof limitUse>;

/** Use of a server's machine over one window, and of whoever looked. */
export const windowUse = z.strictObject({
  server: processUse.nullable(),
  /** Why `server` cannot be known though there is a process to look at; null where that does the work. */
  unattributed: unattributed.nullable(),
  cores: z.array(coreUse),
  /** Null where no limit of the environment took anything. */
  limited: limitUse.nullable(),
  /** CPU time of the process that looked, in ns. */
  generatorCpuNs: z.number().nonnegative(),
  /** How long its main thread waited for its core, in ns; null where the kernel does not report it. */
  generatorWaitNs: z.number().nonnegative().nullable(),
});
export type WindowUse = z.infer<typeof windowUse>;

/** How the load generator itself fared: evidence that it was not what was measured. */
export const generatorUse = z.strictObject({
  cpuNs: z.number().nonnegative(),
  /** CPU time of the busiest of several load processes, whose sum `cpuNs` is; absent where there is one. */
  busiestNs: z.number().nonnegative().optional(),
  /**
   * How long the generator's main thread was ready and waited for its core within the window: time that lies in every latency of
   * the window and is none of the server's. Null where the kernel does not report it.
   */
  waitNs: z.number().nonnegative().nullable(),
  /** Send time less intended time, over all messages sent; null in a closed loop. */
  latenessNsP50: z.number().nonnegative().nullable(),
  latenessNsP99: z.number().nonnegative().nullable(),
  latenessNsMax: z.number().nonnegative().nullable(),
  /** Longest gap between two turns of the generator's loop. */
  hiccupNsMax: z.number().nonnegative().nullable(),
  /**
   * Mean time from an echo's receipt to the send that it makes room for, in a closed loop: time in which its message is not in
   * flight, and which Little's law for closed systems counts beside the latency. Null elsewhere.
   */
  turnaroundNsMean: z.number().nonnegative().nullable(),
});

/** A histogram as it crosses a process or a file. All values in ns. */
export const histogramSnapshot = z.strictObject({
  /** HdrHistogram's V2 compressed encoding in base64, as `.hlog` files and its other tools take it. */
  hdr: z.base64(),
  total: z.int().nonnegative(),
  /** Exact, which the encoding does not keep. */
  sumNs: z.number().nonnegative(),
  minNs: z.number().nonnegative(),
  maxNs: z.number().nonnegative(),
});
export type HistogramSnapshot = z.infer<typeof histogramSnapshot>;

/** One slice of the window: latency over time, kept so that a stall can be seen and not only summed. */
export const timeSlice = z.strictObject({
  atMs: z.number().nonnegative(),
  count: z.int().nonnegative(),
  p50Ns: z.number().nonnegative(),
  p99Ns: z.number().nonnegative(),
  maxNs: z.number().nonnegative(),
});

/** A delivery this late may be a stall's; on a machine that others use shorter ones are common. */
export const lateFromNs = 5e6;

/** Deliveries in a row that were later than `lateFromNs`, from the first one's intended time. */
export const lateRun = z.strictObject({
  /** From the window's beginning. */
  atMs: z.number(),
  /** Latency of the latest of them. */
  lengthNs: z.number().positive(),
  /** How much of that the generator's own loop stood still. */
  ownNs: z.number().nonnegative(),
});
export type LateRun = z.infer<typeof lateRun>;

/** Stalls of a server: deliveries far later than its usual tail that the machine does not explain. */
export const stalls = z.strictObject({
  /** Latency from which on a delivery is a stall's: three times the typical p99, and at least `lateFromNs`. */
  fromNs: z.number().positive(),
  events: z.int().nonnegative(),
  /** Rounds with one, of those of the result. */
  rounds: z.int().nonnegative(),
  /** Length of the windows that were watched, in seconds. */
  watchedS: z.number().nonnegative(),
  typicalNs: z.number().positive().nullable(),
  longestNs: z.number().positive().nullable(),
  /** Left out, since the generator or other processes held the deliveries up. */
  explained: z.int().nonnegative(),
  /** The other programs of the cell, together; null where there are none. */
  others: z.strictObject({ events: z.int().nonnegative(), watchedS: z.number() }).nullable(),
  /** Whether it has more of them than the others: `too-few` where so few events show nothing, `alone` without others. */
  reads: z.enum(["more", "not-more", "too-few", "alone"]),
  /** Chance of as many more among servers of one rate (rate-test.ts); null without others. */
  p: z.number().min(0).max(1).nullable(),
  /** Whether they come again and again, so that they are the server's and no accident. */
  recurs: z.boolean(),
});
export type Stalls = z.infer<typeof stalls>;

/** Connections that ended within a trial, before the generator ended them; code and reason are those of the first. */
export const earlyEnd = z.strictObject({
  connections: z.int().positive(),
  /** The server's close code; 1005 for a close frame without one, 1006 for no close frame at all. */
  code: z.int(),
  reason: z.string(),
});
export type EarlyEnd = z.infer<typeof earlyEnd>;

/** Messages that nobody had asked for, e.g. a greeting, over all connections of a trial; they were left out. */
export const unasked = z.strictObject({
  messages: z.int().positive(),
  /** The first of them, cut to 200 characters; bytes that are no text stand as hex. */
  first: z.string(),
});
export type Unasked = z.infer<typeof unasked>;

/**
 * Why a trial failed, where a program may need to know. `not-intact`: a message of the verifying run was lost, doubled, out of
 * order or changed. `warm-up-incomplete`: messages of the warm-up did not come back, and it could not go on. `subscribe-refused`
 * and `subscribe-unanswered`: what came of a SUBSCRIBE. `generator-error`: the load generator's own fault. `abandoned`: the runner
 * has given the cell up for another reason, which the load process that still waited for it did not meet itself.
 */
export const failureCode = z.enum([
  "not-intact",
  "warm-up-incomplete",
  "subscribe-refused",
  "subscribe-unanswered",
  "generator-error",
  "abandoned",
]);
export type FailureCode = z.infer<typeof failureCode>;

/** What may speak against a window. */
export const qualityCodes = [
  "throttled",
  "memory-limit",
  "nothing-delivered",
  "generator-late",
  "generator-saturated",
  "foreign-cpu",
  "steal",
  "left-its-core",
] as const;
export const qualityCode = z.enum(qualityCodes);
export type QualityCode = z.infer<typeof qualityCode>;

/** How the load processes of a window stood to each other, where several shared its connections. */
export const shardUse = z.strictObject({
  count: z.int().min(1),
  /** How long after the common start the last of them began, in ns. */
  startSkewNs: z.number().nonnegative(),
  /** How far the clocks may be apart that a latency begins and ends at, in ns; 0 where each begins and ends at one. */
  clockBoundNs: z.number().nonnegative(),
  /**
   * Whose latencies are reported: all subscribers', or those of the publisher's own process alone, whose messages go out and come
   * back on one clock, since the bound is not small against them.
   */
  latencyOf: z.enum(["all", "publisher"]),
  /** Times that the window was repeated since a load process was lost; absent where it was not. */
  repeated: z.int().positive().optional(),
});

/** What one window measured. */
export const measurement = z.strictObject({
  /** Length that was asked for. A window of a fixed rate is followed by its drain, which `elapsedNs` holds too. */
  windowMs: z.number().positive(),
  elapsedNs: z.number().positive(),
  /** Messages put on the wire by the generator in the window. */
  sent: z.int().nonnegative(),
  metrics: z.partialRecord(metricName, z.number().nonnegative()),
  ledger: ledgerTotals,
  /** The same account of what was sent before it: in a visit's first window verifying and flood, and in each the lead. */
  warmUp: ledgerTotals.optional(),
  /** Absent where the server sent nothing unasked. */
  unasked: unasked.optional(),
  histograms: z.strictObject({
    latency: histogramSnapshot.nullable(),
    first: histogramSnapshot.nullable(),
    last: histogramSnapshot.nullable(),
    skew: histogramSnapshot.nullable(),
    lateness: histogramSnapshot.nullable(),
  }),
  slices: z.array(timeSlice),
  /** Late deliveries of an open loop, at most 64 runs; absent where there were none. */
  late: z.array(lateRun).optional(),
  server: processUse.nullable(),
  /** Why `server` is null, where more is known than that there is no process to look at. */
  unattributed: unattributed.optional(),
  generator: generatorUse,
  cores: z.array(coreUse),
  /** Absent where no limit of the environment took anything. */
  limited: limitUse.optional(),
  /** p50 of the same loop as mitata reports it, in ns, where mitata drove it. */
  mitataNsP50: z.number().nonnegative().nullable(),
  /**
   * Independent events behind the window's quantiles: messages that share one arrival batch of a feed are one, so is a message
   * to many subscribers. Their number bounds the percentile that may be shown (schemas/tail.ts).
   */
  events: z.int().nonnegative(),
  /** What the feed was: preset or file, and its rate. The same for all its stretches. */
  feed: z.string().nullable(),
  /** The part of the feed that this window replayed; absent in other workloads. */
  feedStretch: feedStretch.optional(),
  /** Times that a capture began anew within the window; absent where it did not. */
  feedLoops: z.int().positive().optional(),
  /** Messages that a closed loop sent before those that are accounted here; absent in other loops. */
  sentBefore: z.int().positive().optional(),
  /** Absent in workloads that do not measure connections themselves. */
  connections: connectionsMeasured.optional(),
  /** Subscribers that stopped reading, where the workload has them do so: the ledger is then that of the others. */
  stopped: stoppedReading.optional(),
  /** What a publisher met that offered more than the server can take; absent in other workloads. */
  flooding: flooding.optional(),
  /** Absent in workloads that search no capacity. */
  capacity: capacityMeasured.optional(),
  /** What became of the subscribers' books; absent in workloads that take none away. */
  recovery: recoveryRecord.optional(),
  /** Absent where every connection lived to the end. */
  earlyEnd: earlyEnd.optional(),
  /** Set where the cell can give no further window: a connection has ended, or messages had not come back in time. */
  spent: z.literal(true).optional(),
  /** Absent where one load process had all connections. */
  shards: shardUse.optional(),
});
export type Measurement = z.infer<typeof measurement>;

/** How a cell was opened and warmed, before its first window. */
export const warmUp = z.strictObject({
  /** Connections, subscriptions and the check of the first messages. */
  connectMs: z.number().nonnegative(),
  warmUpMs: z.number().nonnegative(),
});
export type WarmUp = z.infer<typeof warmUp>;

/** One window of an open cell. */
export const windowAsked = z.strictObject({
  windowMs: z.number().positive(),
  /**
   * Which stretch of a feed of windows of this length is replayed: the same for every candidate of a round. A repeat of a
   * window replays the stretch of the one that it stands in for.
   */
  stretch: z.int().nonnegative(),
  /**
   * Random wait before the window, in ms. What came before has waited for the server to answer, so that a window opened at once
   * would never begin within a stall.
   */
  waitMs: z.number().nonnegative(),
});
export type WindowAsked = z.infer<typeof windowAsked>;

/** Which part of a cell a load process holds, where several do. The first publishes, and is the one to watch the server. */
export const shard = z.strictObject({
  index: z.int().nonnegative(),
  of: z.int().min(1),
  /** Connections of the shards before it: what distinguishes its messages from theirs. */
  connectionsBefore: z.int().nonnegative(),
});
export type Shard = z.infer<typeof shard>;

/** What the merge of a window needs from a shard beside its measurement. */
export const shardParts = z.strictObject({
  index: z.int().nonnegative(),
  /** Messages and connections that the server's use is divided by. */
  messages: z.int().nonnegative(),
  connections: z.int().positive(),
  /** How long after the common start it began, in ns. */
  lateStartNs: z.number().nonnegative(),
  /** How far its clock may be from the one that the common start was given in, in ns. */
  clockBoundNs: z.number().nonnegative(),
  /** Latency of each slice of the window; empty in a closed loop. */
  slices: z.array(histogramSnapshot.nullable()),
  /** Arrivals of each message at its subscribers, where the workload distinguishes first and last: how many, and when, in ns. */
  arrivals: z
    .strictObject({
      counts: z.array(z.int().nonnegative()),
      firstNs: z.array(z.number().nonnegative()),
      lastNs: z.array(z.number().nonnegative()),
    })
    .optional(),
});
export type ShardParts = z.infer<typeof shardParts>;

/** All shards have come as far: what they go on with. */
export const together = z.strictObject({
  /** When the window's loop starts, by CLOCK_MONOTONIC of the worker's own machine, in ns; null where no time matters. */
  startAtNs: z.number().nonnegative().nullable(),
  /** How far that may be from the same moment on the other machines, in ns. */
  clockBoundNs: z.number().nonnegative(),
  /** Number behind the last message of the publisher's warm-up; null where there is no publisher. */
  warmUpSent: z.int().nonnegative().nullable(),
});
export type Together = z.infer<typeof together>;
/** How connections reach a server, where it is not TCP in the clear without extensions. */
export const transport = z.strictObject({
  /** The certificate, in PEM, that the server must show; null in the clear. */
  ca: z.string().nullable(),
  /** permessage-deflate must be agreed, each message compressed on its own. */
  deflate: z.boolean(),
});
export type Transport = z.infer<typeof transport>;

/** A server was ended and started again within a window: where it is now, how long that took, and what the ended one had used. */
export const restarted = z.strictObject({
  port: z.int().min(1).max(65535),
  serverPid: z.int().positive().nullable(),
  ...restartTimes.shape,
  /** CPU time of the ended one over its whole life, in ns; null where it is not known. */
  endedCpuNs: z.number().nonnegative().nullable(),
});
export type Restarted = z.infer<typeof restarted>;

/** Opens a cell, which is then measured window by window, and closed. */
const openRequest = z.strictObject({
  type: z.literal("open"),
  id: z.string(),
  port: z.int().min(1).max(65535),
  endpoint,
  /** Process to sample; null when it is not ours to see. */
  serverPid: z.int().positive().nullable(),
  /** Cores whose use is accounted: the server's first, then the load's; empty where pinning is not available. */
  cores: z.array(z.int().nonnegative()),
  /** How many of them are the server's; absent for one. */
  serverCores: z.int().min(1).optional(),
  /** Cores for the generator's compiler, collector and allocator while its main thread spins; empty leaves them on its own. */
  helperCores: z.array(z.int().nonnegative()),
  cell: cellSpec,
  /** Where the server is reached from this worker's host; absent where it is the endpoint's own. */
  address: z.string().max(253).optional(),
  /** Which part of a larger cell this is; absent where it is the whole. */
  shard: shard.optional(),
  /** Program and arguments of what measures a runtime itself; absent for a cell that measures servers. */
  probe: z.array(z.string()).min(1).optional(),
  transport: transport.optional(),
  /** Set where the cells that are open stay open: their windows and this one's take turns. */
  beside: z.literal(true).optional(),
  /** Set where the runner starts the server again when it is asked to ("restart"). */
  restarts: z.literal(true).optional(),
  /** What the server says of slow subscribers; what the contract says where absent. */
  declared: declaredPolicy.optional(),
  connectTimeoutMs: z.int().positive(),
  drainTimeoutMs: z.int().positive(),
  /** Frames of each phase and direction that are reported, for a trial that somebody looks at; absent where none are. */
  traceFrames: z.int().positive().optional(),
});
const windowRequest = z.strictObject({ type: z.literal("window"), id: z.string(), ...windowAsked.shape });
/** Answers "waiting". */
const goOnRequest = z.strictObject({ type: z.literal("go-on"), id: z.string(), ...together.shape });
/** Answers "restart". */
const restartedRequest = z.strictObject({ type: z.literal("restarted"), id: z.string(), ...restarted.shape });
const closeRequest = z.strictObject({ type: z.literal("close"), id: z.string() });

/** Runner → load worker. */
export const loadRequest = z.discriminatedUnion("type", [
  openRequest,
  windowRequest,
  goOnRequest,
  restartedRequest,
  closeRequest,
  /** Asks for a sign of life, which comes whatever a trial is doing. */
  z.strictObject({ type: z.literal("ping") }),
  z.strictObject({ type: z.literal("quit") }),
]);
/** What another host may ask of a load worker: no program of its choice, and not its end. */
export const remoteRequest = z.discriminatedUnion("type", [
  openRequest.omit({ probe: true, restarts: true }),
  windowRequest,
  goOnRequest,
  restartedRequest,
  closeRequest,
]);
export type LoadRequest = z.infer<typeof loadRequest>;
export type OpenRequest = Extract<LoadRequest, { type: "open" }>;

/** An upgrade that was answered with another status than 101. */
export const refusal = z.strictObject({ path: z.string(), status: z.int() });
export type Refusal = z.infer<typeof refusal>;

/** Load worker → runner. */
export const loadReply = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("ready"), clockResolutionNs: z.number().positive() }),
  z.strictObject({ type: z.literal("alive") }),
  z.strictObject({ type: z.literal("phase"), id: z.string(), phase: trialPhase }),
  /** Where the request asked for them, some at a time. */
  z.strictObject({ type: z.literal("frames"), frames: z.array(seenFrame) }),
  /** A shard has come to where all shards wait for each other. */
  z.strictObject({ type: z.literal("waiting"), id: z.string() }),
  /** A window wants its server to be ended and started again. */
  z.strictObject({ type: z.literal("restart"), id: z.string() }),
  z.strictObject({
    type: z.literal("opened"),
    id: z.string(),
    warmUp,
    /** Number behind the last message of a publisher's warm-up. */
    warmUpSent: z.int().nonnegative().optional(),
  }),
  z.strictObject({
    type: z.literal("measured"),
    id: z.string(),
    measurement,
    /** Absent where it measured the whole cell. */
    parts: shardParts.optional(),
  }),
  z.strictObject({ type: z.literal("closed"), id: z.string() }),
  z.strictObject({
    type: z.literal("failed"),
    id: z.string(),
    phase: trialPhase,
    reason: z.string(),
    code: failureCode.optional(),
    /** The account that failed, where one did. */
    ledger: ledgerTotals.optional(),
    fault: generatorFault,
    refused: refusal.optional(),
  }),
]);
export type LoadReply = z.infer<typeof loadReply>;
