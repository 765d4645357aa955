import type { CapacityProbe, LatencyLimit, ProbeVerdict, SearchEnd } from "../../../schemas/capacity.ts";
import { encodeJson } from "../../../schemas/codec/json.ts";
import { encodeSbe } from "../../../schemas/codec/sbe.ts";
import { isCorrect } from "../../../schemas/delivery.ts";
import type { Measurement, WindowAsked } from "../../../schemas/load.ts";
import { typicalQuote } from "../../../schemas/quote.ts";
import type { CapacityCell } from "../../../schemas/workloads/capacity.ts";
import { ThresholdSearch } from "../../../stats/threshold-search.ts";
import { nowNs } from "../../load/clock.ts";
import { opcodes } from "../../load/frame.ts";
import { Histogram } from "../../load/histogram.ts";
import { poissonTimes } from "../../load/poisson.ts";
import { collectAndWait } from "../collect.ts";
import type { OpenCell, TrialContext } from "../context.ts";
import { latencyMetrics } from "../metrics.ts";
import { leadMs, type Observer, openLoop } from "../open-loop.ts";
import type { Publication } from "../sides.ts";
import type { Slices } from "../slices.ts";

/** A search is over when the load that fails is at most this many times the one that holds. */
const ratio = 1.05;
/** Rates that are tried lie within the start times and divided by this. */
const searchFactor = 256;
const fewestSubscribers = 1;
const firstSubscribers = 50;
/** Messages of a probe at least, as long as it takes no more than the time below. */
const messagesMin = 100;
const longestProbeMs = 1_000;
/** Warm-up of connections that are opened anew for a probe: the server's code is compiled. */
const againMs = 20;
/** How long what a probe left behind may take, as a multiple of its length, and at least. */
const drainTimes = 4;
const drainMsMin = 200;
/** Share of the limit that the generator's own lateness may take before a probe says nothing of the server. */
const latenessShareMax = 0.25;

/** Probes in a row that the generator is late at before a load is taken for more than it can offer. */
const lateProbes = 3;

/** What one probe offers. */
export interface Load {
  readonly subscribers: number;
  readonly rateHz: number;
}

/** The load of a level. */
export const loadAt = (cell: CapacityCell, level: number): Load =>
  cell.seek === "rate"
    ? { subscribers: cell.subscribers, rateHz: level }
    : { subscribers: level, rateHz: cell.rateHz };

/** How long a probe of so many messages a second takes, in ms. */
export const probeMsAt = ({ probeMs }: CapacityCell, hz: number): number =>
  Math.max(probeMs, Math.min(longestProbeMs, Math.ceil((messagesMin * 1_000) / hz)));

/** A fraction of a turn of the golden angle: the starts of any number of rounds lie evenly. */
const goldenTurn = 0.618_033_988_749_895;

/**
 * The search of round `n`. Rounds begin at different loads, so that their brackets are cut at different places, and those of all
 * candidates at the same.
 */
export function searchOf(cell: CapacityCell, n: number): ThresholdSearch {
  const shift = 2 ** (((n * goldenTurn) % 1) - 0.5);
  if (cell.seek === "rate") {
    const start = cell.rateHz * shift;
    return new ThresholdSearch({ start, min: start / searchFactor, max: start * searchFactor, ratio });
  }
  const start = firstSubscribers * shift;
  return new ThresholdSearch({ start, min: fewestSubscribers, max: cell.subscribers, ratio, whole: true });
}

/** Searches the highest load at which every message arrives and the limit holds, by short windows of an open loop. */
export async function open(context: TrialContext<CapacityCell>): Promise<OpenCell> {
  const { cell } = context;
  const load = loadAt(cell, searchOf(cell, 0).level ?? 1);
  const ends = await Ends.open(context, load, cell.warmupMs);
  const { warmUp } = ends;
  const prober = new Prober(context, ends);
  return { warmUp, close: () => prober.close(), window: (asked) => prober.search(asked) };
}

/** Connections for one number of subscribers, and what is to be published over them next. */
class Ends {
  readonly subscribers: number;
  readonly #cell: OpenCell;
  readonly #next: { load: Load; draw: number };

  private constructor(cell: OpenCell, next: { load: Load; draw: number }) {
    this.subscribers = next.load.subscribers;
    this.#cell = cell;
    this.#next = next;
  }

  static async open(context: TrialContext<CapacityCell>, load: Load, warmupMs: number): Promise<Ends> {
    const next = { load, draw: 0 };
    const windowMs = probeMsAt(context.cell, load.rateHz);
    const cell = { ...context.cell, subscribers: load.subscribers, warmupMs, windowMs };
    const drainTimeoutMs = Math.max(drainMsMin, drainTimes * windowMs);
    const opened = await openLoop(
      {
        ...context,
        cell,
        drainTimeoutMs: Math.min(drainTimeoutMs, context.drainTimeoutMs),
        // Its probes begin when the search says so, and not when anybody else is ready.
        shard: undefined,
      },
      {
        publish: ({ windowMs: ms }) => Promise.resolve(publicationOf(cell.codec, next.load, ms, next.draw)),
        observe,
      },
    );
    return new Ends(opened, next);
  }

  get warmUp() {
    return this.#cell.warmUp;
  }

  probe(load: Load, draw: number, windowMs: number): Promise<Measurement> {
    this.#next.load = load;
    this.#next.draw = draw;
    return this.#cell.window({ windowMs, stretch: 0, waitMs: 0 });
  }

  close(): void {
    this.#cell.close();
  }
}

class Prober {
  readonly #context: TrialContext<CapacityCell>;
  #ends: Ends | null;

  constructor(context: TrialContext<CapacityCell>, ends: Ends) {
    this.#context = context;
    this.#ends = ends;
  }

  close(): void {
    this.#ends?.close();
    this.#ends = null;
  }

  async search({ windowMs, stretch, waitMs }: WindowAsked): Promise<Measurement> {
    const { cell } = this.#context;
    await collectAndWait(waitMs);
    const overNs = nowNs() + windowMs * 1e6;
    const search = searchOf(cell, stretch);
    const probes: (CapacityProbe & { level: number })[] = [];
    let best: { level: number; measurement: Measurement } | null = null;
    let last: Measurement | null = null;
    let late = 0;
    for (let { level } = search; level !== null; level = search.level) {
      if (last !== null && nowNs() > overNs) break;
      const load = loadAt(cell, level);
      const measurement = await this.#probe(load, search.attempt);
      const probe = probeOf(cell.limit, load, measurement);
      probes.push({ ...probe, level });
      // Another process on the generator's core makes one late too: only one that stays late is at its end.
      late = probe.verdict === "generator" ? late + 1 : 0;
      if (late % lateProbes === 0) search.note(probe.verdict === "held");
      if (probe.verdict === "held" && level >= (best?.level ?? 0)) best = { level, measurement };
      last = measurement;
      // What a server has not worked off, or has cut, would be charged to the next probe.
      if (measurement.spent === true) this.close();
    }
    const reported = best !== null && best.level === search.low ? best.measurement : last!;
    const { low, high } = search;
    const hz = (level: number) => {
      const { subscribers: count, rateHz: rate } = loadAt(cell, level);
      return count * rate;
    };
    const { late: _late, spent: _spent, earlyEnd: _end, ...rest } = reported;
    return {
      ...rest,
      // Where nothing held, the figures of a probe that failed are no figures of the cell.
      metrics:
        low === null
          ? {}
          : {
              ...reported.metrics,
              capacityHz: hz(low),
              ...(cell.seek === "subscribers" ? { capacitySubscribers: low } : {}),
            },
      capacity: {
        lowHz: low === null ? null : hz(low),
        highHz: high === null ? null : hz(high),
        end: endOf(search, probes),
        probes: probes.map(({ level: _level, ...probe }) => probe),
      },
    };
  }

  async #probe(load: Load, draw: number): Promise<Measurement> {
    if (this.#ends?.subscribers !== load.subscribers) this.close();
    this.#ends ??= await Ends.open(this.#context, load, againMs);
    return this.#ends.probe(load, draw, probeMsAt(this.#context.cell, load.rateHz));
  }
}

function probeOf(limit: LatencyLimit, load: Load, m: Measurement): CapacityProbe {
  const { due, delivered } = m.ledger;
  const { latencyNsP50, latencyNsP99 } = m.metrics;
  const latenessNs = m.generator.latenessNsP99 ?? 0;
  return {
    ...load,
    p50Ns: latencyNsP50 ?? null,
    p99Ns: latencyNsP99 ?? null,
    reach: due === 0 ? 0 : delivered / due,
    latenessNs,
    verdict: verdictOf(limit, m, latenessNs),
  };
}

function verdictOf({ percentile, maxNs }: LatencyLimit, m: Measurement, latenessNs: number): ProbeVerdict {
  const isLate = (m.metrics[percentile] ?? Number.POSITIVE_INFINITY) >= maxNs;
  const isLost = !isCorrect(m.ledger) || m.earlyEnd !== undefined;
  // A generator that is late has not offered the load that it should.
  if (latenessNs > latenessShareMax * maxNs) return "generator";
  if (isLost) return "lost";
  return isLate ? "late" : "held";
}

/** What stands in the way of more: the verdicts of the probes by which the upper end of the bracket was decided. */
function endOf(
  search: ThresholdSearch,
  probes: readonly { level: number; verdict: ProbeVerdict }[],
): SearchEnd {
  if (search.level !== null) return "time";
  const { high } = search;
  if (high === null) return "most";
  const failed = probes.filter(({ level, verdict }) => level === high && verdict !== "held");
  const generatorLimited = failed.filter(({ verdict }) => verdict === "generator").length;
  return 2 * generatorLimited >= failed.length ? "generator" : "server";
}

/** Best-bid-ask messages of one stream at the times of a Poisson process, with the lead's before them. */
function publicationOf(codec: "json" | "sbe", load: Load, windowMs: number, draw: number): Publication {
  const windowAtNs = leadMs * 1e6;
  const intendedNs = poissonTimes(load.rateHz, windowAtNs + windowMs * 1e6, draw);
  const text = new TextEncoder();
  const found = intendedNs.findIndex((ns) => ns >= windowAtNs);
  return {
    codec,
    opcode: codec === "sbe" ? opcodes.binary : opcodes.text,
    payloads: Array.from(intendedNs, (_, n) =>
      codec === "sbe" ? encodeSbe(typicalQuote, n) : text.encode(encodeJson(typicalQuote, n)),
    ),
    intendedNs,
    firstCounted: found === -1 ? intendedNs.length - 1 : found,
    windowAtNs,
    streams: [typicalQuote.stream ?? ""],
    description: `one best-bid-ask stream, Poisson arrivals at ${Math.round(load.rateHz)} messages/s to ${load.subscribers} subscribers`,
    loops: 0,
  };
}

function observe(publication: Publication, slices: Slices): Observer {
  const latency = new Histogram();
  return {
    onArrival: (n, latencyNs) => {
      latency.record(latencyNs);
      slices.record(Math.max(0, (publication.intendedNs[n] ?? 0) - publication.windowAtNs), latencyNs);
    },
    finish: () => ({ metrics: latencyMetrics(latency), histograms: { latency }, slices }),
  };
}
