import type { Random } from "../../stats/random.ts";
import { drawTrades } from "./batch.ts";
import { exponential, logNormal } from "./draw.ts";
import { hawkesTimes } from "./hawkes.ts";
import type { ClusteredPreset } from "./preset.ts";
import { batchSizes } from "./size.ts";

export type ArrivalKind = "quote" | "trade" | "diff" | "snapshot";

/** What arrives when, before any message is made: one entry a message, ascending in time. */
export interface Arrivals {
  /** Model time in ns; the model's time 0 is where windows may begin. */
  atNs: number[];
  kind: ArrivalKind[];
  /** Levels of a diff; 0 for the others. */
  levels: number[];
}

/** History that a self-exciting process needs before its first window. */
const warmUpS = 20;
/** Gap between the messages of one batch: the median of the perpetual capture. */
const messageGapNs = 800;
/** Mean spread of the batches that one batch of a clumped preset stands for. */
const clumpMeanS = 0.005;
const levelsSigma = 1.2;
const levelsMax = 1226;

/** Times of the batches over [`fromS`, `toS`), in seconds, ascending. `fromS` ≤ 0: an opening is at time 0. */
export function batchTimes(
  preset: ClusteredPreset,
  random: Random,
  fromS: number,
  toS: number,
): Float64Array {
  const times = hawkesTimes(preset.batches, random, fromS - warmUpS, toS, (atS) => batchShare(preset, atS));
  const spread = preset.clump === 1 ? times : clumped(preset.clump, random, times);
  return spread.filter((atS) => atS >= fromS && atS < toS);
}

/** Rate of batches at a time as a share of the highest: below 1 only where an opening decays. */
function batchShare({ opening, meanHz, depthPeriodS }: ClusteredPreset, atS: number): number {
  if (opening === null || atS < 0) return 1;
  const baseHz = meanHz - 1 / depthPeriodS;
  return (baseHz + opening.extraHz * Math.exp(-atS / opening.tauS)) / (baseHz + opening.extraHz);
}

/** The arrivals of a preset over [`fromS`, `toS`), from `random` alone. An opening begins with a snapshot of each of the symbols. */
export function drawArrivals(
  preset: ClusteredPreset,
  random: Random,
  fromS: number,
  toS: number,
  symbols = 1,
): Arrivals {
  const times = batchTimes(preset, random, fromS, toS);
  const sizes = batchSizes(preset, random, times);
  const arrivals: Arrivals = { atNs: [], kind: [], levels: [] };
  // One line carries the feed: a message never overtakes the one before it, nor comes closer than the gap.
  const push = (wantedNs: number, kind: ArrivalKind, levels = 0): void => {
    const previous = arrivals.atNs.at(-1) ?? Number.NEGATIVE_INFINITY;
    arrivals.atNs.push(Math.max(wantedNs, previous + messageGapNs));
    arrivals.kind.push(kind);
    arrivals.levels.push(levels);
  };
  let depthTick = Math.ceil(fromS / preset.depthPeriodS);
  const depthUntil = (atS: number): void => {
    for (; depthTick * preset.depthPeriodS < atS; depthTick++) {
      // Snapshots first: a client that joins at the opening builds its book from one.
      if (preset.opening !== null && depthTick === 0) for (let k = 0; k < symbols; k++) push(0, "snapshot");
      pushDepth(preset, random, depthTick, push);
    }
  };
  times.forEach((atS, i) => {
    depthUntil(atS);
    const trades = drawTrades(random, sizes[i]!);
    for (let k = 0; k < sizes[i]!; k++) push(Math.round(atS * 1e9), k < trades ? "trade" : "quote");
  });
  depthUntil(toS);
  return arrivals;
}

type Push = (wantedNs: number, kind: ArrivalKind, levels?: number) => void;

function pushDepth(preset: ClusteredPreset, random: Random, tick: number, push: Push): void {
  const atNs = Math.round(tick * preset.depthPeriodS * 1e9);
  const drawn = Math.round(logNormal(random, preset.depthLevels, levelsSigma));
  const levels = Math.min(levelsMax, Math.max(1, drawn));
  push(atNs, "diff", levels);
  if (preset.snapshotOverLevels !== null && levels > preset.snapshotOverLevels) push(atNs, "snapshot");
}

function clumped(clump: number, random: Random, times: Float64Array): Float64Array {
  const all: number[] = [];
  for (const atS of times) {
    const copies = Math.floor(clump) + (random.uniform() < clump % 1 ? 1 : 0);
    for (let k = 0; k < copies; k++) all.push(k === 0 ? atS : atS + exponential(random, 1 / clumpMeanS));
  }
  return Float64Array.from(all).sort();
}
