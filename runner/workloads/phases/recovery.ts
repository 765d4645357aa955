import type { Measurement, WindowAsked } from "../../../schemas/load.ts";
import type { RestartTimes } from "../../../schemas/recovery.ts";
import type { RecoveryCell } from "../../../schemas/workloads/recovery.ts";
import { createRandom, type Random } from "../../../stats/random.ts";
import { nowNs } from "../../load/clock.ts";
import type { ConnectionSink } from "../../load/connection.ts";
import { Histogram } from "../../load/histogram.ts";
import { emptyCounts } from "../../load/ledger.ts";
import { type PaceResult, pace } from "../../load/pace.ts";
import { withTimeout } from "../../load/timeout.ts";
import { TrialError } from "../../load/trial-error.ts";
import { accountOf } from "../../recovery/account.ts";
import { BookHolder } from "../../recovery/book-holder.ts";
import { CutProxy } from "../../recovery/cut-proxy.ts";
import type { Market } from "../../recovery/market.ts";
import { PublishedBook, type Slot } from "../../recovery/published-book.ts";
import { Publisher, snapshotEvery } from "../../recovery/publisher.ts";
import { OpeningTimes, reportParts } from "../closed.ts";
import { collectAndWait } from "../collect.ts";
import type { OpenCell, TrialContext } from "../context.ts";
import { encoded, usageFields } from "../measurement.ts";
import { costMetrics } from "../metrics.ts";
import { openAll } from "../open.ts";
import { settled } from "../sides.ts";
import { WindowMeter } from "../window.ts";

const seed = 1;
/** Places of the feed that a warm-up sends at once, before it waits for all books to have them. */
const warmUpBlock = 16;
/** A subscriber that has seen no snapshot for so many times their interval gives its socket up. */
const silentIntervals = 2.5;
/** How often a subscriber looks at the time since its last snapshot, in ms. */
const watchMs = 5;
/** The part of a window in which the books are taken: behind some of its messages, with most of it still to come. */
const [earliest, latest] = [0.15, 0.3];
/** Longest time that the end and the start of a server may take; a start has 10 s, and a stop 3 s (runner/plan/plan.ts). */
const restartMsMax = 14_000;
/** Places that are published at a time behind a window, while some book is still wrong. */
const drainBlock = 5;

export async function open(context: TrialContext<RecoveryCell>): Promise<OpenCell> {
  const { cell, enter, shard } = context;
  if (cell.cause === "restart" && context.restart === undefined) {
    throw new Error(
      "the server cannot be started again: this takes a server that the tool has started, and load processes on its own machine",
    );
  }
  const meter = new WindowMeter(context);
  const times = new OpeningTimes();
  enter("connect");
  await shard?.together();
  const place = new Place(context);
  const proxy = cell.cause === "cut" ? new CutProxy(place.target) : null;
  const published = new PublishedBook(cell.codec, seed);
  const market: Market = {
    codec: cell.codec,
    published,
    clock: nowNs,
    newest: null,
    left: { n: -1, count: 0 },
  };
  const random = createRandom(seed);
  let serverError: string | null = null;
  const errors: ConnectionSink = {
    message: (_opcode, buffer, start, end) => {
      serverError ??= Buffer.from(buffer.bytes.subarray(start, end)).toString("utf8").slice(0, 200);
    },
  };
  const query = { mode: "passthrough", broadcast: "send", keep: "on" };
  const publisher = new Publisher(
    market,
    async () => (await openAll(place.now(), "publish", 1, () => errors, query))[0]!,
    createRandom(random.uint32()),
  );
  const holders = Array.from(
    { length: cell.subscribers },
    () =>
      new BookHolder(
        market,
        async (from, sink) =>
          (await openAll(place.now(proxy), "feed", 1, () => sink, { codec: cell.codec, from }))[0]!,
        createRandom(random.uint32()),
      ),
  );
  const close = () => {
    publisher.leave();
    for (const holder of holders) holder.leave();
    proxy?.close();
  };
  const scene: Scene = { context, market, publisher, holders, proxy, place, meter };
  try {
    await publisher.open();
    const opened = Promise.all(holders.map((holder) => holder.open()));
    if (!(await withTimeout(context.connectTimeoutMs, opened))) {
      throw new TrialError(
        "subscribe-unanswered",
        `SUBSCRIBE was not answered within ${context.connectTimeoutMs} ms`,
      );
    }
    await shard?.together();
    meter.connected();
    enter("verify");
    const serverSaid = () => (serverError === null ? "" : `; the server said ${serverError}`);
    await pass(scene, 2, () => `the first messages${serverSaid()}`);
    enter("warm-up");
    times.connected();
    const endNs = nowNs() + cell.warmupMs * 1e6;
    while (nowNs() < endNs) await pass(scene, warmUpBlock, () => `the warm-up's messages${serverSaid()}`);
    const warmUp = times.warmed();
    return { warmUp, close, window: (asked) => measure(scene, asked) };
  } catch (error) {
    close();
    throw error;
  }
}

/** Where clients find the server: nowhere while it is started again, as a load balancer has it that knows of no server. */
class Place {
  #at: TrialContext<RecoveryCell>;
  #isServed = true;

  constructor(context: TrialContext<RecoveryCell>) {
    this.#at = context;
  }

  get target(): { readonly host: string; readonly port: number } {
    const { address, endpoint, port } = this.#at;
    return { host: address ?? endpoint.host, port };
  }

  /** The context of a connection, which goes through `proxy` where there is one. Throws while no server is there. */
  now(proxy: CutProxy | null = null): TrialContext<RecoveryCell> {
    if (!this.#isServed) throw new Error("no server is there");
    if (proxy === null) return this.#at;
    const { endpoint } = this.#at;
    return {
      ...this.#at,
      address: undefined,
      endpoint: { ...endpoint, host: "127.0.0.1" },
      port: proxy.port,
    };
  }

  /** Has the server ended and started again. */
  async restart(meter: WindowMeter): Promise<RestartTimes | undefined> {
    this.#isServed = false;
    meter.ending();
    const restarted = await this.#at.restart?.();
    if (restarted === undefined) return undefined;
    const { port, serverPid, stopNs, startNs } = restarted;
    meter.replaced(restarted);
    this.#at = { ...this.#at, port, serverPid };
    this.#isServed = true;
    return { stopNs, startNs };
  }
}

/** An open cell. */
interface Scene {
  readonly context: TrialContext<RecoveryCell>;
  readonly market: Market;
  readonly publisher: Publisher;
  readonly holders: readonly BookHolder[];
  readonly proxy: CutProxy | null;
  readonly place: Place;
  readonly meter: WindowMeter;
}

/** Publishes some places of the feed at once. Rejects where a book is not the publisher's own in time. */
async function pass(
  { context, market, publisher, holders }: Scene,
  count: number,
  what: () => string,
): Promise<void> {
  for (const slot of market.published.make(count)) publisher.send(slot);
  const isRight = (holder: BookHolder) => holder.isRight;
  if (await settled(() => holders.every(isRight), context.drainTimeoutMs)) return;
  const wrong = holders.length - holders.filter(isRight).length;
  throw new TrialError(
    "not-intact",
    `${wrong} of ${holders.length} subscribers did not get their order book right by ${what()}`,
  );
}

async function measure(scene: Scene, asked: WindowAsked): Promise<Measurement> {
  const { context, market, holders, meter } = scene;
  const { cell, enter, drainTimeoutMs } = context;
  const { windowMs } = asked;
  const gapNs = 1e9 / cell.rateHz;
  const count = Math.max(2, Math.round((windowMs * 1e6) / gapNs));
  const drainMost = Math.ceil((drainTimeoutMs * 1e6) / gapNs);
  const restartMost = cell.cause === "restart" ? Math.ceil((restartMsMax * 1e6) / gapNs) : 0;
  const slots = market.published.make(count);
  // The same for every candidate of a round.
  const random = createRandom(asked.stretch);
  const disturbance = planned(random, count, gapNs);
  for (const holder of holders)
    holder.beginAccount(slots[0]!.n, count + restartMost + drainMost + drainBlock);
  await collectAndWait(asked.waitMs);
  await context.shard?.together();
  let startNs = 0;
  let disturbedNs = 0;
  let drainedAt = count + drainMost;
  let isAway = false;
  let restart: RestartTimes | undefined;
  // Of what left before: from then on the generator is all its clients at once, which is no fault of its schedule.
  const lateness = new Histogram();
  const disturb = () => {
    disturbedNs = nowNs();
    for (const holder of holders) holder.disturb(disturbedNs, cell.cause === "thin");
    scene.proxy?.cut();
    if (cell.cause !== "restart") return;
    isAway = true;
    void scene.place.restart(meter).then(
      (times) => {
        isAway = false;
        restart = times;
        // Its time to give all books back begins with its own.
        drainedAt = slots.length + drainMost;
      },
      () => {
        isAway = false;
      },
    );
  };
  const looksMax = (silentIntervals * snapshotEvery * gapNs) / 1e6 / watchMs;
  const watch = setInterval(() => {
    for (const holder of holders) holder.watch(looksMax);
  }, watchMs);
  try {
    enter("measure");
    meter.begin();
    const { hiccups, gaps } = await publish(scene, slots, {
      onStart: (ns) => {
        startNs = ns + gapNs;
      },
      onSent: (i) => {
        if (i <= disturbance.behind) lateness.record(Math.max(0, nowNs() - startNs - i * gapNs));
        if (i === disturbance.behind) setTimeout(disturb, disturbance.afterMs);
      },
    });
    enter("drain");
    const stood = [gaps];
    const ownNs = (untilNs: number) =>
      stood.reduce((total, one) => total + one.within(disturbedNs, untilNs), 0);
    const isOver = () => disturbedNs > 0 && holders.every((holder) => holder.isRecovered);
    const placesMax = count + restartMost + drainMost;
    while (!isOver() && slots.length < (isAway ? placesMax : drainedAt)) {
      const more = market.published.make(drainBlock);
      slots.push(...more);
      stood.push((await publish(scene, more, {})).gaps);
    }
    const drained = isOver() && (await settled(() => holders.every((h) => h.isRight), drainTimeoutMs));
    const elapsedNs = nowNs() - startNs;
    const use = meter.end();
    enter("account");
    const atMs = Math.max(0, disturbedNs - startNs) / 1e6;
    const { ledger, record, metrics } = accountOf(
      { cause: cell.cause, slots, disturbedNs, atMs, ownNs, restart },
      holders,
    );
    reportParts(context.shard, ledger.delivered, cell.subscribers);
    return {
      windowMs,
      elapsedNs,
      sent: slots.filter((slot) => slot.left !== null).length,
      metrics: {
        ...metrics,
        deliveriesHz: (ledger.delivered / (slots.length * gapNs)) * 1e9,
        ...costMetrics(use, ledger.delivered, cell.subscribers),
      },
      ledger,
      warmUp: emptyCounts(),
      histograms: { latency: null, first: null, last: null, skew: null, lateness: encoded(lateness) },
      slices: [],
      ...usageFields(use, { lateness, hiccupNsMax: hiccups.maxNs, turnaroundNsMean: null }),
      mitataNsP50: null,
      // What happens to all subscribers at once is one event.
      events: 1,
      feed: `an order book of one symbol at ${cell.rateHz} updates/s to ${cell.subscribers} subscribers, a snapshot in place of every ${snapshotEvery}th`,
      recovery: record,
      ...(drained ? {} : { spent: true }),
    };
  } finally {
    clearInterval(watch);
  }
}

/** When the books are taken: some time behind one of the window's places, so that nothing is in step with the feed. */
function planned(random: Random, count: number, gapNs: number) {
  const share = earliest + (latest - earliest) * random.uniform();
  return { behind: Math.floor(share * count), afterMs: (random.uniform() * gapNs) / 1e6 };
}

/** Publishes places of the feed at its rate, the first of them a gap after the start. */
function publish(
  { context, publisher }: Scene,
  slots: readonly Slot[],
  on: {
    readonly onStart?: (ns: number) => void;
    readonly onSent?: (i: number) => void;
  },
): Promise<PaceResult> {
  const gapNs = 1e9 / context.cell.rateHz;
  return pace({
    intendedNs: Float64Array.from(slots, (_, i) => (i + 1) * gapNs),
    windowAtNs: gapNs,
    clock: nowNs,
    onStart: on.onStart ?? (() => undefined),
    send: (from, to) => {
      for (let i = from; i < to; i += 1) {
        publisher.send(slots[i]!);
        on.onSent?.(i);
      }
    },
  });
}
