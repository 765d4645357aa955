import { serverFactors } from "../../schemas/factor.ts";
import type { Measurement } from "../../schemas/load.ts";
import { type MetricName, metricKinds, metricNames } from "../../schemas/metric.ts";
import type { Plan, PlannedCell } from "../../schemas/plan.ts";
import type { CellResult, MetricResult } from "../../schemas/report.ts";
import { isShown } from "../../schemas/tail.ts";
import { median } from "../../stats/moments.ts";
import { summarize } from "../../stats/summary.ts";
import { twoGroups } from "../../stats/two-groups.ts";
import { Histogram } from "../load/histogram.ts";
import { decodeHistogram, encodeHistogram } from "../load/histogram-codec.ts";
import { sumCounts } from "../load/ledger.ts";
import { saturation } from "../quality/generator-cost.ts";
import { mostlyGenerators } from "../quality/generator-share.ts";
import { capacityOf, isGenerators } from "./capacity.ts";
import { type Collected, cleanWindows, metricPerRound, type Series, windowCounts } from "./collect.ts";
import { connectionsOf } from "./connections.ts";
import { floodedOf, policyOf } from "./pressure.ts";
import { recoveryOf } from "./recovery.ts";
import { type SeriesStalls, seriesStalls, stallsOf } from "./stalls.ts";

/** The results of a run: one for each candidate and cell that measured anything. */
export function resultsOf(plan: Plan, collected: Collected): CellResult[] {
  return collected.series.flatMap((series) => {
    const cell = plan.cells.find((c) => c.id === series.cell);
    // Where every trial was void there is nothing to show; the warnings say why.
    return cell === undefined || series.perRound.every((m) => m === null)
      ? []
      : [resultOf(plan, collected, series, cell)];
  });
}

/**
 * The generator's ceiling in a cell: the median of the run's looks at the null server, since one look at a shared machine
 * proves little, or the fastest candidate's rate where that is higher: what the generator has done, it can do. Null where the
 * null server was not measured.
 */
function ceilingOf({ series, ceilings }: Collected, cell: string): number | null {
  const looks = ceilings.get(cell) ?? [];
  if (looks.length === 0) return null;
  const rates = series.flatMap((s) => (s.cell === cell ? (rateOf(s) ?? []) : []));
  return Math.max(median(looks), ...rates);
}

/** An open loop's rate is that of its deliveries, of its new connections, or the highest that was found. */
function rateOf(series: Series): number | undefined {
  const median = (name: MetricName) => summarize(metricPerRound(series, name))?.median;
  return median("capacityHz") ?? median("throughputHz") ?? median("connectionsHz") ?? median("deliveriesHz");
}

/** How far the figures of a result may be believed, without the figures. */
export type Credit = Pick<
  CellResult,
  "candidate" | "cell" | "rounds" | "reach" | "headroom" | "ledger" | "warmUp"
>;

/** What speaks for a series as evidence: what it delivered of what was due, and how far the generator's ceiling is. */
function creditOf(plan: Plan, collected: Collected, series: Series): Credit {
  const visits = series.perRound.filter((visit) => visit !== null);
  // Discarded windows count here: what others do to a core loses no message.
  const ledger = sumCounts(series.windows.map((w) => w.measurement.ledger));
  return {
    candidate: series.candidate,
    cell: series.cell,
    rounds: visits.length,
    reach: ledger.due === 0 ? 0 : ledger.delivered / ledger.due,
    headroom:
      cleanWindows(series).some((m) => saturation(m) !== null) || isGenerators(cleanWindows(series))
        ? // It had no more to give in such a round, whatever it gave to the null server in another.
          1
        : headroomOf(
            rateOf(series),
            isPlain(plan, series.candidate) ? ceilingOf(collected, series.cell) : null,
          ),
    ledger,
    // What was sent to a server that then measured nothing was still lost by it.
    warmUp: sumCounts(series.windows.flatMap((w) => w.measurement.warmUp ?? [])),
  };
}

function resultOf(plan: Plan, collected: Collected, series: Series, cell: PlannedCell): CellResult {
  const stalled = seriesStalls(series);
  const visits = series.perRound.filter((visit) => visit !== null);
  const middleVisit = visits[visits.length >> 1];
  // The long window shows the most of a server's life in one piece.
  const middle = middleVisit?.long ?? middleVisit?.windows[0];
  const counted = visits.flatMap((visit) => visit.windows);
  const all = cleanWindows(series);
  const metrics: Partial<Record<MetricName, MetricResult>> = {};
  const events = counted.reduce((sum, m) => sum + m.events, 0);
  const shown = { total: events, perWindow: events / counted.length };
  for (const name of metricNames) {
    if (!isShown(name, shown)) continue;
    const result = metricResult(name, stallMetric(name, stalled) ?? metricPerRound(series, name));
    if (result !== null) metrics[name] = result;
  }
  return {
    ...creditOf(plan, collected, series),
    ...unattributedOf(counted),
    workload: cell.spec.workload,
    codec: cell.spec.codec,
    params: cell.spec,
    metrics,
    stalls: stallsOf(plan, collected.series, series),
    ...pressureOf(series),
    windows: {
      perVisit: cell.windows,
      longMs: cell.longWindowMs,
      ...windowCounts([series]),
      measuredMs: all.reduce((sum, m) => sum + m.windowMs, 0),
      events,
    },
    ...unaskedOf(series),
    histogram: mergedLatency(all),
    slices: middle?.slices ?? [],
    generator: {
      cpuNs: medianOf(counted, (m) => m.generator.cpuNs) ?? 0,
      waitNs: medianOf(counted, (m) => m.generator.waitNs),
      latenessNsP50: medianOf(counted, (m) => m.generator.latenessNsP50),
      latenessNsP99: medianOf(counted, (m) => m.generator.latenessNsP99),
      latenessNsMax: maxOf(counted, (m) => m.generator.latenessNsMax),
      hiccupNsMax: maxOf(counted, (m) => m.generator.hiccupNsMax),
      turnaroundNsMean: medianOf(counted, (m) => m.generator.turnaroundNsMean),
    },
    ...mostlyGeneratorsOf(counted),
    ...connectionsOf(counted),
    ...capacityOf(counted),
    cores: middle?.cores ?? [],
    feed: middle?.feed ?? null,
    ...recoveryOf(counted),
  };
}

/** Stalls of each round; null for a metric that is not of them. A round without one has no longest. */
function stallMetric(name: MetricName, stalled: SeriesStalls | null): (number | null)[] | null {
  if (stalled === null) return null;
  if (name === "stallsHz") return stalled.perRound.map((v) => (v === null ? null : v.events / v.exposure));
  if (name !== "stallNsMax") return null;
  return stalled.perRound.map((v) => (v === null || v.events === 0 ? null : Math.max(...v.lengthsNs)));
}

function pressureOf({ windows }: Series): Pick<CellResult, "policyKept" | "flooded"> {
  const [policyKept, flooded] = [policyOf(windows), floodedOf(windows)];
  return {
    ...(policyKept === undefined ? {} : { policyKept }),
    ...(flooded === undefined ? {} : { flooded }),
  };
}

function unaskedOf({ windows }: Series): Pick<CellResult, "unasked"> {
  const all = windows.flatMap((w) => w.measurement.unasked ?? []);
  const [first] = all;
  if (first === undefined) return {};
  return { unasked: { ...first, messages: all.reduce((sum, one) => sum + one.messages, 0) } };
}

function mostlyGeneratorsOf(counted: readonly Measurement[]): Pick<CellResult, "mostlyGenerators"> {
  const rounds = new Map<MetricName, number>();
  for (const metric of counted.flatMap(mostlyGenerators)) rounds.set(metric, (rounds.get(metric) ?? 0) + 1);
  const mostly = metricNames.filter((metric) => (rounds.get(metric) ?? 0) * 2 >= Math.max(1, counted.length));
  return mostly.length === 0 ? {} : { mostlyGenerators: mostly };
}

/** Why the use of the server is not known in some or all of the rounds; the last of the reasons. */
function unattributedOf(counted: readonly Measurement[]): Pick<CellResult, "unattributed"> {
  const reason = counted.findLast((m) => m.unattributed !== undefined)?.unattributed;
  return reason === undefined ? {} : { unattributed: reason };
}

function metricResult(name: MetricName, perRound: (number | null)[]): MetricResult | null {
  const summary = summarize(perRound);
  if (summary === null) return null;
  const { unit, better } = metricKinds[name];
  const { median, ciLow, ciHigh } = summary;
  const groups = twoGroups(perRound.filter((value) => value !== null));
  const twoSpeeds = groups === null ? null : { lower: groups.lower.mean, upper: groups.upper.mean };
  return { unit, better, median, ciLow, ciHigh, perRound, twoSpeeds };
}

/**
 * Whether a candidate is spoken to as the null server is, in the clear and uncompressed: what the generator can do that encrypts or
 * inflates is not measured.
 */
function isPlain({ candidates }: Plan, name: string): boolean {
  const levels = candidates.find((c) => c.name === name)?.levels;
  return levels === undefined || serverFactors.every((factor) => !levels[factor]);
}

function headroomOf(rateHz: number | undefined, ceilingHz: number | null): number | null {
  return rateHz === undefined || rateHz === 0 || ceilingHz === null ? null : ceilingHz / rateHz;
}

function mergedLatency(counted: readonly Measurement[]): string | null {
  const merged = new Histogram();
  for (const { histograms } of counted) {
    if (histograms.latency !== null) merged.add(decodeHistogram(histograms.latency));
  }
  return merged.total === 0 ? null : encodeHistogram(merged).hdr;
}

function values(counted: readonly Measurement[], pick: (m: Measurement) => number | null): number[] {
  return counted.map(pick).filter((v): v is number => v !== null);
}

function medianOf(counted: readonly Measurement[], pick: (m: Measurement) => number | null): number | null {
  const all = values(counted, pick);
  return all.length === 0 ? null : median(all);
}

function maxOf(counted: readonly Measurement[], pick: (m: Measurement) => number | null): number | null {
  const all = values(counted, pick);
  return all.length === 0 ? null : Math.max(...all);
}
