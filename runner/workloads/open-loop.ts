import {
  type EarlyEnd,
  type LateRun,
  type LedgerTotals,
  lateFromNs,
  type Measurement,
  type ShardParts,
  type WindowAsked,
} from "../../schemas/load.ts";
import { nowNs } from "../load/clock.ts";
import { withIntake } from "../load/direct.ts";
import { encodeClientFrames } from "../load/frame.ts";
import type { Histogram } from "../load/histogram.ts";
import { sumCounts } from "../load/ledger.ts";
import { randomMask } from "../load/mask.ts";
import { type PaceResult, pace } from "../load/pace.ts";
import { lastArrivals } from "./closed.ts";
import { collectAndWait } from "./collect.ts";
import type { GoOn, OpenCell, TrialContext } from "./context.ts";
import type { Earlier } from "./earlier.ts";
import { encoded, usageFields } from "./measurement.ts";
import { costMetrics } from "./metrics.ts";
import { Returning } from "./returning.ts";
import { SentMessages, warmUpFrom } from "./sent-messages.ts";
import { attach, drain, type Ends, type OpenSpec, openSides, type Publication } from "./sides.ts";
import { Slices } from "./slices.ts";
import { accountOf, accountReader, deliveryOf, type Subscriber, unobserved } from "./subscriber.ts";
import { numbered, WarmUpFrames, wake, wakingMessages } from "./warm-up.ts";
import type { WindowMeter } from "./window.ts";

/** What a workload adds to the open loop. */
export interface OpenWorkload {
  /** What one window publishes. Costs up to a second where nothing of it is known yet. */
  readonly publish: (asked: Pick<WindowAsked, "windowMs" | "stretch">) => Promise<Publication>;
  /** Latency over time goes to `slices`, which are empty. */
  readonly observe: (publication: Publication, slices: Slices) => Observer;
}

/** What a workload notes of each arrival, and the figures it makes of that. */
export interface Observer {
  /** The first intact arrival of message `n` at one subscriber, `latencyNs` after its intended time. */
  readonly onArrival: (n: number, latencyNs: number) => void;
  /** Called once when all has arrived or the drain's time is over. */
  readonly finish: () => {
    readonly metrics: Measurement["metrics"];
    readonly histograms: Partial<Record<keyof Measurement["histograms"], Histogram>>;
    readonly slices: Slices;
    /** First and last receipt of each counted message, where the workload reports them. */
    readonly arrivals?: () => NonNullable<ShardParts["arrivals"]>;
  };
}

/** The schedule's own pace before the window, in ms: its first messages find the loop in step. */
export const leadMs = 5;

/**
 * One publisher, many subscribers, one clock: messages leave when the schedule says, whatever came back. Latency runs
 * from the intended time, so that a stall anywhere is seen by every message that it held up.
 */
export async function openLoop(context: TrialContext<OpenSpec>, workload: OpenWorkload): Promise<OpenCell> {
  // Before thousands of connections leave free memory behind that is no longer all zeros.
  const slices = new Slices(context.cell.windowMs * 1e6);
  const warming = await workload.publish({ windowMs: context.cell.windowMs, stretch: 0 });
  const { sides, warmUp, warmUpSent, subscribe, close } = await openSides(
    context,
    warming,
    slowOf(context.cell),
    true,
  );
  // Every window has numbers of its own, so that what comes late, or again, differs from what is due.
  let numberFrom = 0;
  let warmUpBegin = warmUpSent ?? warmUpFrom;
  return {
    warmUp,
    ...(warmUpSent === null ? {} : { warmUpSent }),
    close,
    window: async (asked) => {
      const publication = await workload.publish(asked);
      await subscribe(publication);
      slices.restart(asked.windowMs * 1e6);
      const observer = workload.observe(publication, slices);
      const { codec, streams } = publication;
      const count = returningOf(context.cell);
      const returning = count === 0 ? null : await Returning.open(context, count, codec, streams);
      const { windowMs } = asked;
      const window = { publication, observer, windowMs, numberFrom, warmUpBegin, returning };
      numberFrom += publication.payloads.length;
      warmUpBegin += wakingMessages;
      try {
        await collectAndWait(asked.waitMs);
        return await measureWindow(context, sides, window, await context.shard?.together());
      } finally {
        returning?.close();
      }
    },
  };
}

/** How many subscribers of a cell, its last ones, read nothing within a window: what they are owed waits, and comes when it is over. */
function slowOf(cell: OpenSpec): number {
  return "slow" in cell && cell.slow !== undefined ? Math.ceil(cell.slow * cell.subscribers) : 0;
}

/** How many clients beside the subscribers are cut within a window, and come back. */
function returningOf(cell: OpenSpec): number {
  return "returning" in cell && cell.returning !== undefined
    ? Math.ceil(cell.returning * cell.subscribers)
    : 0;
}

/** When those are cut, as a part of the window. */
const cutAt = 0.25;

/** One window of an open loop. */
export interface Window {
  readonly publication: Publication;
  readonly observer: Observer;
  readonly windowMs: number;
  /** Sequence of its first message. */
  readonly numberFrom: number;
  /** Sequence of the first message that wakes its connections. */
  readonly warmUpBegin?: number;
  /** Null where nobody is cut within it. */
  readonly returning?: Returning | null;
}

async function measureWindow(
  { cell, enter, drainTimeoutMs, shard }: TrialContext<OpenSpec>,
  { upstream, connections, earlyCloses, meter, earlier }: Ends,
  window: Window,
  start: GoOn | undefined,
): Promise<Measurement> {
  const { publication, observer, numberFrom, warmUpBegin = warmUpFrom, returning = null } = window;
  const { codec, opcode, intendedNs, firstCounted, windowAtNs } = publication;
  const payloads = numbered(codec, publication.payloads, numberFrom);
  const frames = encodeClientFrames(opcode, payloads, randomMask);
  const waking = new WarmUpFrames(codec, opcode, payloads.slice(0, wakingMessages));
  let startNs = 0;
  const delivery = deliveryOf(
    new SentMessages(codec, payloads, { numberFrom, warmUpMessages: waking.count }),
    {
      onArrival: (n, now) => {
        // Below 0 only where it began at another machine's clock; the bound of the two then withholds it.
        const latencyNs = Math.max(0, now - startNs - (intendedNs[n] ?? 0));
        observer.onArrival(n, latencyNs);
        late.note(n, latencyNs);
      },
      firstCounted,
      warmUpBegin,
      // Another process sends at times that this one cannot know to the last microsecond.
      sent: upstream === null ? payloads.length : 0,
    },
  );
  returning?.begin(delivery.messages, firstCounted);
  const before = earlier.take();
  const slow = connections.slice(connections.length - slowOf(cell));
  const subscribers = attach(connections, delivery, publication, slow.length);
  const late = new LateRuns(intendedNs.length);
  // Both take time in which nobody reads the sockets: at the window's edge they would be its tail.
  enter("measure");
  // Clients that take some streams have no message that all of them take; those of other processes, and those that are cut, expect none.
  const isShared = publication.chosen !== undefined || returning !== null || (shard?.of ?? 1) > 1;
  const reading = connections.slice(0, connections.length - slow.length);
  // Those that are cut and come back are the runtime's, and their times count.
  const read = returning !== null ? [] : upstream === null ? reading : [upstream, ...reading];
  const { woken, lateStartNs, paced, drained } = await withIntake(read, async (intake) => {
    const woken =
      upstream === null || isShared ? 0 : await wake(upstream, subscribers, delivery, waking, intake);
    meter.begin();
    const lateStartNs = start === undefined ? 0 : Math.max(0, nowNs() - start.startNs);
    const paced = await pace({
      intendedNs,
      clock: nowNs,
      intake,
      ...(start === undefined ? {} : { startNs: start.startNs }),
      onStart: (ns) => {
        startNs = ns;
      },
      windowAtNs,
      onWindow: () => {
        for (const connection of slow) connection.pause();
        if (returning !== null) setTimeout(() => returning.comeBack(), cutAt * window.windowMs);
      },
      send: (from, to) => {
        if (upstream === null) return;
        delivery.sent = to;
        upstream.write(frames.bytes, frames.offsets[from] ?? 0, frames.offsets[to] ?? 0);
      },
    });
    for (const connection of slow) connection.resume();
    const hasAll = () => subscribers.every((s) => s.hasAll(payloads.length));
    const drained = await drain(hasAll, { drainTimeoutMs, enter }, paced.gaps, intake);
    return { woken, lateStartNs, paced, drained };
  });
  const { gaps } = paced;
  const cameBack = (await returning?.account(payloads.length, drainTimeoutMs)) ?? null;
  const elapsedNs = nowNs() - startNs - windowAtNs;
  const use = meter.end();
  await lastArrivals();
  enter("account");
  const { soFar: earlyEnd } = earlyCloses;
  const runs = late.runs(intendedNs, firstCounted).map(
    ({ atNs, lengthNs }): LateRun => ({
      atMs: (atNs - windowAtNs) / 1e6,
      lengthNs,
      ownNs: Math.min(lengthNs, gaps.within(startNs + atNs, startNs + atNs + lengthNs)),
    }),
  );
  // Its histograms go now: what accounts for late copies stays until the next window, which would have new histograms beside them.
  delivery.onArrival = unobserved;
  earlier.follow(accountReader(subscribers));
  const accounted = {
    cell,
    window,
    before,
    subscribers,
    woken,
    cameBack,
    use,
    paced,
    late: runs,
    elapsedNs,
    earlyEnd,
    drained,
  };
  const { measurement, metered, slices, arrivals } = account(accounted);
  shard?.report({
    messages: metered,
    connections: cell.subscribers,
    lateStartNs,
    clockBoundNs: start?.clockBoundNs ?? 0,
    slices: slices.histograms.map(encoded),
    ...(arrivals === undefined ? {} : { arrivals: arrivals() }),
  });
  // What another process published is reported by that one.
  return upstream === null ? { ...measurement, sent: 0 } : measurement;
}

interface Accounted {
  readonly cell: OpenSpec;
  readonly window: Window;
  readonly before: ReturnType<Earlier["take"]>;
  readonly subscribers: readonly Subscriber[];
  /** Deliveries that woke the connections before the window. */
  readonly woken?: number;
  /** The account of the clients beside them that were cut; null where there are none. */
  readonly cameBack?: LedgerTotals | null;
  readonly use: ReturnType<WindowMeter["end"]>;
  readonly paced: PaceResult;
  readonly late: readonly LateRun[];
  readonly elapsedNs: number;
  readonly earlyEnd: EarlyEnd | undefined;
  readonly drained: boolean;
}

/** The measurement of an open loop's window. */
export function account({
  cell,
  window: { publication, observer, windowMs },
  before,
  subscribers,
  woken = 0,
  cameBack = null,
  use,
  paced,
  late,
  elapsedNs,
  earlyEnd,
  drained,
}: Accounted) {
  const timed = accountOf(subscribers, (s, into) => s.settleCounted(into, publication.payloads.length));
  const ledger = cameBack === null ? timed : sumCounts([timed, cameBack]);
  const lead = accountOf(subscribers, (s, into) => s.settleBefore(into));
  const warmUp = sumCounts([before.warmUp, lead]);
  // The server's use is that of the lead too.
  const metered = ledger.delivered + lead.delivered - woken;
  const { metrics, histograms, slices, arrivals } = observer.finish();
  const { lateness, hiccups } = paced;
  const measurement: Measurement = {
    windowMs,
    elapsedNs,
    sent: publication.payloads.length - publication.firstCounted,
    metrics: {
      ...metrics,
      // Over the schedule's own length: the drain behind it is not offered load.
      deliveriesHz: (timed.delivered / (windowMs * 1e6)) * 1e9,
      ...costMetrics(use, metered, cell.subscribers),
    },
    ledger,
    ...before,
    warmUp,
    histograms: {
      latency: encoded(histograms.latency),
      first: encoded(histograms.first),
      last: encoded(histograms.last),
      skew: encoded(histograms.skew),
      lateness: encoded(lateness),
    },
    slices: slices.toJSON(),
    ...(late.length === 0 ? {} : { late: [...late] }),
    ...usageFields(use, { lateness, hiccupNsMax: hiccups.maxNs, turnaroundNsMean: null }),
    mitataNsP50: null,
    events: eventsOf(publication),
    feed: publication.description,
    ...(publication.stretch === undefined ? {} : { feedStretch: publication.stretch }),
    ...(publication.loops > 0 ? { feedLoops: publication.loops } : {}),
    ...(earlyEnd === undefined ? {} : { earlyEnd }),
    ...(drained && earlyEnd === undefined ? {} : { spent: true }),
  };
  return { measurement, metered, slices, arrivals };
}

/** Latest deliveries that are reported of a window. */
export const lateRunsMax = 64;

/** What came late of a window, whatever the server's usual latency is: that is known when all windows are. */
export class LateRuns {
  /** Latency of each message's last arrival; 0 where it was in time. */
  readonly #latencyNs: Float64Array;

  constructor(messages: number) {
    this.#latencyNs = new Float64Array(messages);
  }

  note(n: number, latencyNs: number): void {
    if (latencyNs >= lateFromNs && latencyNs > this.#latencyNs[n]!) this.#latencyNs[n] = latencyNs;
  }

  /** Messages whose times under way overlap were held up by one thing; its length is that of the longest held up. */
  runs(intendedNs: Float64Array, firstCounted: number): { atNs: number; lengthNs: number }[] {
    const runs: { atNs: number; lengthNs: number }[] = [];
    let overNs = Number.NEGATIVE_INFINITY;
    for (let n = firstCounted; n < intendedNs.length; n += 1) {
      const lengthNs = this.#latencyNs[n]!;
      if (lengthNs === 0) continue;
      const atNs = intendedNs[n]!;
      const last = runs.at(-1);
      if (last !== undefined && atNs <= overNs) last.lengthNs = Math.max(last.lengthNs, lengthNs);
      else runs.push({ atNs, lengthNs });
      overNs = Math.max(overNs, atNs + lengthNs);
    }
    if (runs.length <= lateRunsMax) return runs;
    return runs.toSorted((a, b) => b.lengthNs - a.lengthNs).slice(0, lateRunsMax);
  }
}

/** Messages that are due within this time of each other are one event: the later ones wait behind the first. */
const batchNs = 1e5;

/** Arrival batches within the window. */
function eventsOf({ intendedNs, firstCounted }: Publication): number {
  let events = 0;
  let batch = Number.NEGATIVE_INFINITY;
  for (let n = firstCounted; n < intendedNs.length; n += 1) {
    const at = Math.floor((intendedNs[n] ?? 0) / batchNs);
    if (at !== batch) events += 1;
    batch = at;
  }
  return events;
}
