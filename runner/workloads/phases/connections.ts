import type { ConnectionFates, ConnectionsMeasured, MemoryStep } from "../../../schemas/connections.ts";
import type { LedgerTotals, Measurement, WindowAsked } from "../../../schemas/load.ts";
import type { MetricName } from "../../../schemas/metric.ts";
import type { ConnectionsCell } from "../../../schemas/workloads/connections.ts";
import { mannKendall } from "../../../stats/mann-kendall.ts";
import { median } from "../../../stats/moments.ts";
import { leastSquares } from "../../../stats/slope.ts";
import { type ArrivalOptions, type Arrived, arriveInTurn, arriveOnSchedule } from "../../load/arrivals.ts";
import { nowNs } from "../../load/clock.ts";
import type { Connection } from "../../load/connection.ts";
import { Histogram } from "../../load/histogram.ts";
import { UnsolicitedMessages } from "../../load/unsolicited.ts";
import { sourceAddresses } from "../../process/ports.ts";
import { OpeningTimes } from "../closed.ts";
import { collectAndWait } from "../collect.ts";
import type { OpenCell, TrialContext } from "../context.ts";
import { encoded, usageFields } from "../measurement.ts";
import { isAgreed, targetOf } from "../open.ts";
import { openSubscribers, subscribe, subscribeAll } from "../subscribe.ts";
import { WindowMeter } from "../window.ts";

/** A stream that nothing is published on: what is subscribed to stays idle. */
const stream = "btcusdt@bookTicker";
/** How long one connection may take, in ms: the kernel sends a lost SYN again after 1 and 3 s. */
const limitMs = 5_000;
/** How long the server may take to let go of connections that have left, in ms. */
const letGoMs = 2_000;
/** How much longer than planned a window may take before its cycles end early, in ms. */
const overtimeMs = 5_000;
/** Files that a server may open for itself meanwhile. */
const filesOfItsOwn = 4;
/** Connections of the warm-up at once. The ramp's memory is looked at beyond them, where nothing is used again. */
const warmConnections = 100;
/** Looks at memory over the ramp. */
const looks = 20;

/** A ramp to many idle connections, a storm in which all come back, and cycles in which all come and go. */
export async function open(context: TrialContext<ConnectionsCell>): Promise<OpenCell> {
  const { cell, enter } = context;
  const meter = new WindowMeter(context);
  const times = new OpeningTimes();
  const unasked = new UnsolicitedMessages();
  enter("connect");
  // One connection shows whether the server serves this at all, and whose processes do the work.
  const first = await openSubscribers(context, 1, cell.codec, unasked);
  try {
    enter("verify");
    await subscribeAll(context, first, [stream], unasked);
    meter.connected();
  } finally {
    cut(first);
  }
  times.connected();
  enter("warm-up");
  const server = new Visited(context, meter, unasked);
  await server.warm();
  const warmUp = times.warmed();
  return { warmUp, close: () => server.cut(), window: (asked) => server.window(asked) };
}

const cut = (connections: readonly Connection[]): void => {
  for (const connection of connections) connection.terminate();
};

/** What became of connections that have left since. */
type Past = Omit<Arrived, "connections">;

/** The server of one visit, whose connections come and go. */
class Visited {
  readonly #context: TrialContext<ConnectionsCell>;
  readonly #meter: WindowMeter;
  readonly #unasked: UnsolicitedMessages;
  readonly #options: Omit<ArrivalOptions, "count">;
  #open: readonly Connection[] = [];
  /** Files of the server without a connection. */
  #files = 0;
  #windows = 0;

  constructor(context: TrialContext<ConnectionsCell>, meter: WindowMeter, unasked: UnsolicitedMessages) {
    const { cell, connectTimeoutMs } = context;
    const target = targetOf(context, "feed", { codec: cell.codec });
    this.#context = context;
    this.#meter = meter;
    this.#unasked = unasked;
    this.#options = {
      target,
      accepts: (connection) => isAgreed(context, connection),
      sink: unasked.sink,
      limitMs: Math.min(limitMs, connectTimeoutMs),
      sourceOf: sourceAddresses(cell.connections, target.host),
    };
  }

  cut(): void {
    cut(this.#open);
    this.#open = [];
  }

  /** The first handshakes compile the server's code, and have its allocator take what the ramp would be charged with. */
  async warm(): Promise<void> {
    const { connections, warmupMs } = this.#context.cell;
    const count = Math.min(connections, warmConnections);
    const untilNs = nowNs() + warmupMs * 1e6;
    this.#files = this.#meter.openFiles() ?? 0;
    do {
      this.#take(await arriveInTurn({ ...this.#options, count }));
      this.cut();
      await this.#letGo();
    } while (nowNs() < untilNs);
    this.#files = this.#meter.openFiles() ?? 0;
  }

  async window({ windowMs, waitMs }: WindowAsked): Promise<Measurement> {
    const { cell, enter } = this.#context;
    await collectAndWait(waitMs);
    // Memory that an earlier window left is used again, so that none of it is counted a second time.
    const isFirst = this.#windows === 0;
    this.#windows += 1;
    enter("measure");
    this.#meter.begin();
    const startNs = nowNs();
    const rest = [this.#meter.rssBytes()];
    const steps: MemoryStep[] = [];
    const ramp = await this.#ramp(steps);
    const storm = await this.#storm();
    const turns: Past[] = [];
    let heldSockets = 0;
    for (let turn = 0; turn <= cell.cycles; turn += 1) {
      this.cut();
      heldSockets = Math.max(heldSockets, await this.#letGo());
      rest.push(this.#meter.rssBytes());
      // A server that left one unanswered is given no more of them: each would be waited for. Neither is one far behind its time.
      const isOver = nowNs() > startNs + (windowMs + overtimeMs) * 1e6;
      if (turn === cell.cycles || isOver || [ramp, storm, ...turns].some(({ fates }) => fates.timedOut > 0))
        break;
      turns.push(this.#take(await arriveInTurn({ ...this.#options, count: cell.turnover })));
    }
    const use = this.#meter.end();
    const elapsedNs = nowNs() - startNs;
    enter("account");
    const restBytes = isFirst ? rest.filter((bytes) => bytes !== null) : [];
    const measured: ConnectionsMeasured = {
      ramp: ramp.fates,
      storm: storm.fates,
      cycles: sumFates(turns.map(({ fates }) => fates)),
      steps: isFirst ? steps : [],
      perConnection: isFirst ? slopeOf(steps) : null,
      stormNs: hundredths(storm.servedNs),
      stormLatenessNs: { p50: storm.lateness.percentileNs(50), p99: storm.lateness.percentileNs(99) },
      restBytes,
      heldSockets,
    };
    // Each phase has its own rate, and a figure is judged by the lateness of its phase.
    const { lateness } = ramp;
    const handshakes = waitsOf(ramp, (n) => rampNs(cell, n));
    const { report: unasked } = this.#unasked;
    const all = sumFates([measured.ramp, measured.storm, measured.cycles]);
    return {
      windowMs,
      elapsedNs,
      sent: all.due,
      metrics: {
        ...handshakeMetrics(handshakes),
        ...stormMetrics(
          measured.stormNs,
          waitsOf(storm, (n) => stormDueNs(cell, n)),
        ),
        ...rateMetrics(turns),
        ...memoryMetrics(measured, cell),
        ...(use.server === null || all.due === 0
          ? {}
          : { cpuNsPerConnection: use.server.cpuNs / all.due, rssBytesPeak: use.server.rssBytesPeak }),
      },
      ledger: ledgerOf(all),
      ...(unasked === undefined ? {} : { unasked }),
      histograms: {
        latency: encoded(handshakes),
        first: null,
        last: null,
        skew: null,
        lateness: encoded(lateness),
      },
      slices: [],
      ...usageFields(use, {
        lateness,
        hiccupNsMax: Math.max(ramp.hiccups.maxNs, storm.hiccups.maxNs),
        turnaroundNsMean: null,
      }),
      mitataNsP50: null,
      events: cell.connections,
      feed: null,
      connections: measured,
    };
  }

  /** Begins each connection at its time, and leaves them open and idle. Looks at the server's memory on the way. */
  async #ramp(steps: MemoryStep[]) {
    const { cell } = this.#context;
    const every = Math.max(1, Math.floor(cell.connections / looks));
    const onServed = (served: number) => {
      if (served % every !== 0) return;
      const rssBytes = this.#meter.rssBytes();
      if (rssBytes !== null) steps.push({ connections: served, rssBytes });
    };
    const intendedNs = Float64Array.from({ length: cell.connections }, (_, n) => rampNs(cell, n));
    return this.#take(await arriveOnSchedule({ ...this.#options, onServed }, intendedNs));
  }

  /** Cuts all, and has as many come back and subscribe, spread evenly over the storm's time from when the last is closed. */
  async #storm() {
    const { cell } = this.#context;
    const gone = Promise.all(this.#open.map(({ closed }) => closed));
    this.cut();
    // What closing costs the generator is none of the storm.
    await gone;
    const serve = (connection: Connection) => subscribe(connection, [stream], this.#unasked);
    const intendedNs = Float64Array.from({ length: cell.connections }, (_, n) => stormDueNs(cell, n));
    return this.#take(await arriveOnSchedule({ ...this.#options, serve }, intendedNs));
  }

  /** Keeps the open connections, and gives the rest: with those of every cycle held to the end of a window, collecting them made it late. */
  #take<T extends Arrived>({ connections, ...rest }: T): Omit<T, "connections"> {
    this.#open = connections;
    return rest;
  }

  /** Waits until the server has let go of every connection; how many it still holds when the time is over. */
  async #letGo(): Promise<number> {
    const untilNs = nowNs() + letGoMs * 1e6;
    for (;;) {
      const held = (this.#meter.openFiles() ?? this.#files) - this.#files;
      if (held <= filesOfItsOwn) return 0;
      if (nowNs() > untilNs) return held;
      await Bun.sleep(5);
    }
  }
}

/** When connection `n` of the ramp is due, in ns from its start. */
const rampNs = ({ rampHz: hz }: ConnectionsCell, n: number): number => (n * 1e9) / hz;

/** When connection `n` is due in the storm, in ns from the cut. */
const stormDueNs = ({ stormMs: ms, connections: all }: ConnectionsCell, n: number): number =>
  (n * ms * 1e6) / all;

/** How long each that was served had to wait from its own time on. */
function waitsOf({ servedNs }: Pick<Arrived, "servedNs">, dueNs: (n: number) => number): Histogram {
  const waits = new Histogram();
  servedNs.forEach((ns, n) => {
    if (!Number.isNaN(ns)) waits.record(Math.max(0, ns - dueNs(n)));
  });
  return waits;
}

function sumFates(all: readonly ConnectionFates[]): ConnectionFates {
  const sum = (fate: keyof ConnectionFates) => all.reduce((total, one) => total + one[fate], 0);
  return {
    due: sum("due"),
    opened: sum("opened"),
    refused: sum("refused"),
    reset: sum("reset"),
    timedOut: sum("timedOut"),
    wrong: sum("wrong"),
  };
}

/** A connection that was served is a delivery, and any other a gap. */
const ledgerOf = ({ due, opened }: ConnectionFates): LedgerTotals => ({
  due,
  delivered: opened,
  gaps: due - opened,
  duplicates: 0,
  reorders: 0,
  corrupt: 0,
});

function slopeOf(steps: readonly MemoryStep[]): ConnectionsMeasured["perConnection"] {
  const beyond = steps.filter(({ connections }) => connections > warmConnections);
  const line = leastSquares(beyond.map(({ connections, rssBytes }) => [connections, rssBytes]));
  return line === null ? null : { bytes: line.slope, ciLow: line.low, ciHigh: line.high };
}

/** When each further hundredth was served, as far as that many ever were. */
function hundredths(servedNs: Float64Array): number[] {
  const sorted = servedNs.filter((ns) => !Number.isNaN(ns)).toSorted();
  return Array.from({ length: 100 }, (_, i) => Math.ceil(((i + 1) * servedNs.length) / 100))
    .filter((count) => count <= sorted.length)
    .map((count) => sorted[count - 1]!);
}

type Metrics = Measurement["metrics"];

function handshakeMetrics(handshakes: Histogram): Metrics {
  if (handshakes.total === 0) return {};
  const [p50 = 0, p99 = 0] = handshakes.percentilesNs([50, 99]);
  return { handshakeNsP50: p50, handshakeNsP99: p99, handshakeNsMax: handshakes.maxNs };
}

/** A share that was never served again has no time. */
function stormMetrics(stormNs: readonly number[], waits: Histogram): Metrics {
  const at = (name: MetricName, percent: number): Metrics => {
    const ns = stormNs[percent - 1];
    return ns === undefined ? {} : { [name]: ns };
  };
  const [p50 = 0, p99 = 0] = waits.total === 0 ? [] : waits.percentilesNs([50, 99]);
  return {
    ...at("stormNsP50", 50),
    ...at("stormNsP99", 99),
    ...at("stormNsMax", 100),
    ...(waits.total === 0 ? {} : { stormWaitNsP50: p50, stormWaitNsP99: p99 }),
  };
}

function rateMetrics(turns: readonly Past[]): Metrics {
  const rates = turns.map(({ fates, elapsedNs }) => (fates.opened * 1e9) / elapsedNs);
  return rates.length === 0 ? {} : { connectionsHz: median(rates) };
}

/**
 * Of the moments of rest the first is before any of the connections came, the second behind the storm. The heap still grows over the
 * first cycles, so that the trend is that of the later two thirds.
 */
function memoryMetrics(
  { perConnection, restBytes }: ConnectionsMeasured,
  { connections, turnover }: ConnectionsCell,
): Metrics {
  const [before, afterStorm, ...cycled] = restBytes;
  const trend = mannKendall(cycled.slice(Math.floor(cycled.length / 3)));
  return {
    ...(perConnection === null ? {} : { rssBytesPerConnection: Math.max(0, perConnection.bytes) }),
    ...(before === undefined || afterStorm === undefined
      ? {}
      : { rssBytesKeptPerConnection: Math.max(0, afterStorm - before) / connections }),
    ...(trend === null ? {} : { leakBytesPerConnection: Math.max(0, trend.slope) / turnover }),
  };
}
