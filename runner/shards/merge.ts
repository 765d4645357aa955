import { type CellSpec, isOpenLoop } from "../../schemas/cell.ts";
import type {
  CoreUse,
  EarlyEnd,
  HistogramSnapshot,
  LateRun,
  LimitUse,
  Measurement,
  ShardParts,
  Unasked,
  WindowUse,
} from "../../schemas/load.ts";
import type { MetricName } from "../../schemas/metric.ts";
import { sum } from "../../stats/moments.ts";
import { Histogram } from "../load/histogram.ts";
import { decodeHistogram } from "../load/histogram-codec.ts";
import { sumCounts } from "../load/ledger.ts";
import { encoded } from "../workloads/measurement.ts";
import { costMetrics, latencyMetrics, tailMetrics } from "../workloads/metrics.ts";
import { lateRunsMax } from "../workloads/open-loop.ts";
import { timeSlices } from "../workloads/slices.ts";

/** What one load process measured of a window. */
export interface ShardWindow {
  readonly measurement: Measurement;
  readonly parts: ShardParts;
}

/**
 * How far apart the clocks of two shards may be, as a share of the median latency, for a latency from one to the other to be reported:
 * half of the smallest difference that a comparison of latencies calls one.
 */
export const clockShareMax = 0.025;

/** Rates of which each shard has its own part. */
const summedMetrics = [
  "throughputHz",
  "throughputBytesHz",
  "deliveriesHz",
] as const satisfies readonly MetricName[];

/**
 * The window of a cell whose connections several load processes held, from what each of them measured. Histograms and ledgers are
 * added, which loses nothing: each sample is counted once, in the bucket that one process would have counted it in. The generator's
 * lateness is that of its latest shard, since one that is late spoils the whole; its CPU time is the sum.
 *
 * A latency that begins at the publisher's clock and ends at another shard's is off by as much as these clocks are. Where that is
 * not small, the latencies are those of the publisher's own subscribers, whose messages go out and come back on one clock.
 *
 * `watched` is what was seen of the server and of its core where that was not the first shard's to see.
 */
export function mergeWindows(
  cell: CellSpec,
  windows: readonly [ShardWindow, ...ShardWindow[]],
  watched: WindowUse | null = null,
): Measurement {
  const ordered = windows.toSorted((a, b) => a.parts.index - b.parts.index) as [
    ShardWindow,
    ...ShardWindow[],
  ];
  const all = ordered.map(({ measurement }) => measurement);
  const parts = ordered.map((window) => window.parts);
  const [{ measurement: first }] = ordered;
  const isOpen = isOpenLoop(cell.workload);
  const clockBoundNs = isOpen ? boundOf(parts) : 0;
  const oneWay = clockBoundNs <= clockShareMax * (first.metrics.latencyNsP50 ?? 0);
  const timed = isOpen && !oneWay ? ordered.slice(0, 1) : ordered;
  const latency = added(timed.map(({ measurement }) => measurement.histograms.latency));
  const spread = timed.length === ordered.length ? spreadOf(parts) : null;
  const late = mergeLate(timed.map(({ measurement }) => measurement.late ?? []));
  const unasked = sumUnasked(all);
  const earlyEnd = sumEarlyEnd(all);
  const server = watched?.server ?? first.server;
  const unattributed = watched === null ? first.unattributed : (watched.unattributed ?? undefined);
  const limited = sumLimited([watched?.limited, ...all.map((m) => m.limited)]);
  const sentBefore = sum(all, (m) => m.sentBefore ?? 0);
  return {
    windowMs: first.windowMs,
    elapsedNs: Math.max(...all.map((m) => m.elapsedNs)),
    sent: sum(all, (m) => m.sent),
    metrics: {
      ...latencyMetrics(latency),
      ...(spread === null ? {} : tailMetrics("firstLatencyNs", spread.first)),
      ...(spread === null ? {} : tailMetrics("lastLatencyNs", spread.last)),
      ...(spread === null ? {} : tailMetrics("skewNs", spread.skew)),
      ...summed(all),
      ...costMetrics(
        { server },
        sum(parts, (p) => p.messages),
        sum(parts, (p) => p.connections),
      ),
    },
    ledger: sumCounts(all.map((m) => m.ledger)),
    ...(first.warmUp === undefined
      ? {}
      : { warmUp: sumCounts(all.flatMap((m) => (m.warmUp === undefined ? [] : [m.warmUp]))) }),
    ...(unasked === null ? {} : { unasked }),
    histograms: {
      latency: encoded(latency),
      first: encoded(spread?.first),
      last: encoded(spread?.last),
      skew: encoded(spread?.skew),
      lateness: encoded(added(all.map((m) => m.histograms.lateness))),
    },
    slices: mergeSlices(timed),
    ...(late.length === 0 ? {} : { late }),
    server,
    ...(unattributed === undefined ? {} : { unattributed }),
    generator: generatorOf(ordered),
    // The cores of other hosts bear the same numbers; only what speaks against a window is of interest of them.
    cores: mergeCores([...(watched?.cores ?? []), ...all.flatMap((m) => m.cores)]),
    ...(limited === null ? {} : { limited }),
    mitataNsP50: null,
    // Each shard of an open loop sees the same messages; the messages of a closed one are each shard's own.
    events: isOpen ? Math.max(...all.map((m) => m.events)) : sum(all, (m) => m.events),
    feed: first.feed,
    ...(first.feedStretch === undefined ? {} : { feedStretch: first.feedStretch }),
    ...(first.feedLoops === undefined ? {} : { feedLoops: first.feedLoops }),
    ...(sentBefore === 0 ? {} : { sentBefore }),
    ...(earlyEnd === null ? {} : { earlyEnd }),
    ...(all.some((m) => m.spent === true) ? { spent: true as const } : {}),
    shards: {
      count: ordered.length,
      startSkewNs: Math.max(...parts.map((p) => p.lateStartNs)),
      clockBoundNs,
      latencyOf: timed.length === ordered.length ? "all" : "publisher",
    },
  };
}

/** A window that one load process measured whole, with what was seen of its server where that runs. */
export function withWatched({ measurement, parts }: ShardWindow, watched: WindowUse | null): Measurement {
  if (watched === null) return measurement;
  const { server, unattributed } = watched;
  const { unattributed: _unseen, limited: generatorLimited, ...rest } = measurement;
  const limited = sumLimited([watched.limited, generatorLimited]);
  return {
    ...rest,
    metrics: { ...rest.metrics, ...costMetrics({ server }, parts.messages, parts.connections) },
    server,
    ...(unattributed === null ? {} : { unattributed }),
    cores: mergeCores([...watched.cores, ...rest.cores]),
    ...(limited === null ? {} : { limited }),
  };
}

/** How far two clocks of a window may be apart: the publisher's and that of the worst known. */
function boundOf([publisher, ...others]: readonly ShardParts[]): number {
  return (publisher?.clockBoundNs ?? 0) + Math.max(0, ...others.map((p) => p.clockBoundNs));
}

function added(snapshots: readonly (HistogramSnapshot | null)[]): Histogram {
  const whole = new Histogram();
  for (const snapshot of snapshots) if (snapshot !== null) whole.add(decodeHistogram(snapshot));
  return whole;
}

function summed(all: readonly Measurement[]): Measurement["metrics"] {
  const present = summedMetrics.filter((name) => all.some((m) => m.metrics[name] !== undefined));
  return Object.fromEntries(present.map((name) => [name, sum(all, (m) => m.metrics[name] ?? 0)]));
}

/** First and last receipt of each message over all subscribers; null where no shard reports them. */
function spreadOf(parts: readonly ShardParts[]) {
  const arrivals = parts.flatMap((p) => (p.arrivals === undefined ? [] : [p.arrivals]));
  if (arrivals.length < parts.length) return null;
  const subscribers = sum(parts, (p) => p.connections);
  const [first, last, skew] = [new Histogram(), new Histogram(), new Histogram()];
  for (let n = 0; n < (arrivals[0]?.counts.length ?? 0); n += 1) {
    // One that did not reach everybody has no last receiver; the ledger reports the gap.
    if (sum(arrivals, (a) => a.counts[n] ?? 0) !== subscribers) continue;
    const firstNs = Math.min(...arrivals.map((a) => a.firstNs[n] ?? 0));
    const lastNs = Math.max(...arrivals.map((a) => a.lastNs[n] ?? 0));
    first.record(firstNs);
    last.record(lastNs);
    skew.record(lastNs - firstNs);
  }
  return { first, last, skew };
}

function mergeSlices(windows: readonly ShardWindow[]): Measurement["slices"] {
  const count = Math.max(...windows.map(({ parts }) => parts.slices.length));
  if (count === 0) return [];
  const slices = Array.from({ length: count }, (_, i) =>
    added(windows.map(({ parts }) => parts.slices[i] ?? null)),
  );
  return timeSlices(slices, ((windows[0]?.measurement.windowMs ?? 0) * 1e6) / count);
}

/**
 * Late runs of all shards: those that overlap were held up by one thing, whose length is that of the longest. What the generator
 * itself stood still is taken from the shard where it stood longest, so that a stall is never called the server's too soon.
 */
export function mergeLate(shards: readonly (readonly LateRun[])[]): LateRun[] {
  const merged: LateRun[] = [];
  let overNs = Number.NEGATIVE_INFINITY;
  for (const run of shards.flat().toSorted((a, b) => a.atMs - b.atMs || a.lengthNs - b.lengthNs)) {
    const beganNs = run.atMs * 1e6;
    const last = merged.at(-1);
    if (last !== undefined && beganNs <= overNs) {
      const lengthNs = Math.max(last.lengthNs, run.lengthNs);
      merged[merged.length - 1] = { atMs: last.atMs, lengthNs, ownNs: Math.max(last.ownNs, run.ownNs) };
    } else merged.push(run);
    overNs = Math.max(overNs, beganNs + run.lengthNs);
  }
  if (merged.length <= lateRunsMax) return merged;
  return merged.toSorted((a, b) => b.lengthNs - a.lengthNs || a.atMs - b.atMs).slice(0, lateRunsMax);
}

function generatorOf(windows: readonly ShardWindow[]): Measurement["generator"] {
  const all = windows.map(({ measurement }) => measurement.generator);
  const worst = (of: (one: Measurement["generator"]) => number | null): number | null => {
    const values = all.flatMap((one) => of(one) ?? []);
    return values.length === 0 ? null : Math.max(...values);
  };
  const turned = windows.filter(({ measurement }) => measurement.generator.turnaroundNsMean !== null);
  const messages = sum(turned, ({ parts }) => parts.messages);
  const turnaroundNs = sum(
    turned,
    ({ measurement, parts }) => (measurement.generator.turnaroundNsMean ?? 0) * parts.messages,
  );
  return {
    cpuNs: sum(all, (one) => one.cpuNs),
    busiestNs: Math.max(...all.map((one) => one.cpuNs)),
    waitNs: worst((one) => one.waitNs),
    latenessNsP50: worst((one) => one.latenessNsP50),
    latenessNsP99: worst((one) => one.latenessNsP99),
    latenessNsMax: worst((one) => one.latenessNsMax),
    hiccupNsMax: worst((one) => one.hiccupNsMax),
    turnaroundNsMean: turned.length === 0 ? null : messages === 0 ? 0 : turnaroundNs / messages,
  };
}

/** Each core that a shard accounts for; where two name the same one, the worse account. */
function mergeCores(all: readonly CoreUse[]): CoreUse[] {
  const cores = new Map<number, CoreUse>();
  for (const use of all) {
    const other = cores.get(use.core);
    if (other === undefined || use.foreignNs > other.foreignNs) cores.set(use.core, use);
  }
  return [...cores.values()];
}

function sumUnasked(all: readonly Measurement[]): Unasked | null {
  const present = all.flatMap((m) => (m.unasked === undefined ? [] : [m.unasked]));
  const [first] = present;
  return first === undefined ? null : { messages: sum(present, (one) => one.messages), first: first.first };
}

function sumEarlyEnd(all: readonly Measurement[]): EarlyEnd | null {
  const present = all.flatMap((m) => (m.earlyEnd === undefined ? [] : [m.earlyEnd]));
  const [first] = present;
  return first === undefined ? null : { ...first, connections: sum(present, (one) => one.connections) };
}

function sumLimited(all: readonly (LimitUse | null | undefined)[]): LimitUse | null {
  const present = all.flatMap((one) => one ?? []);
  if (present.length === 0) return null;
  return {
    throttledPeriods: sum(present, (one) => one.throttledPeriods),
    throttledNs: sum(present, (one) => one.throttledNs),
    memoryEvents: sum(present, (one) => one.memoryEvents),
  };
}
