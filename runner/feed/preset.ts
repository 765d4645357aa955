import type { FeedPreset } from "../../schemas/feed.ts";
import type { DelayComponent, HawkesProcess } from "./hawkes.ts";

/** A preset whose batches cluster; the flat ones are the other kind. */
export interface ClusteredPreset {
  /** Messages per second that the preset stands for, depth included: for `open`, what it falls to. */
  meanHz: number;
  batches: HawkesProcess;
  /** Each batch stands for this many, spread over `clumpMeanS`: multiplies the load and keeps its clustering. */
  clump: number;
  /** How strongly batch sizes follow the local rate; 0 draws them independently. */
  coupling: number;
  /** Largest batch; larger draws take this size. */
  batchSizeMax: number;
  /** Period of the depth clock. */
  depthPeriodS: number;
  /** Median of the levels in a depth diff. */
  depthLevels: number;
  /** A diff that changes more levels goes out as a snapshot; null: never. */
  snapshotOverLevels: number | null;
  /** Extra rate at time 0, which decays with time constant `tauS`; null: stationary. Before 0 it stands at its height. */
  opening: { extraHz: number; tauS: number } | null;
}

/** Child delays of the Hawkes process: weights as fitted, their sum is the branching ratio of `burst`. */
const delays: readonly DelayComponent[] = [
  { weight: 0.508, rateHz: 158.7 },
  { weight: 0.198, rateHz: 34.5 },
  { weight: 0.169, rateHz: 1.824 },
];

const burst: ClusteredPreset = {
  meanHz: 272,
  batches: { immigrantHz: 12.57, branching: 0.875, delays },
  clump: 1,
  coupling: 1.5,
  batchSizeMax: 350,
  depthPeriodS: 0.05,
  depthLevels: 30,
  snapshotOverLevels: null,
  opening: null,
};

/** The presets but the flat ones. Figures and their sources: docs/feed.md. */
export const clusteredPresets: Record<Exclude<FeedPreset, "flat" | "flat-poisson">, ClusteredPreset> = {
  burst,
  // The load of `burst` times 10.9, with more depth: 13 immigrants a second bring the whole to 2,960 messages.
  "flash-crash": {
    ...burst,
    meanHz: 2960,
    batches: { immigrantHz: 13, branching: 0.875, delays },
    clump: 10.9,
    depthPeriodS: 0.02,
    depthLevels: 100,
    snapshotOverLevels: 100,
  },
  // Less self-excitement and no sweeps, fitted to the table's mean and peaks.
  quiet: {
    ...burst,
    meanHz: 60,
    batches: { immigrantHz: 12, branching: 0.4, delays },
    coupling: 0,
    batchSizeMax: 7,
  },
  // 250 batches a second at the opening; clustering fitted to the table's peaks.
  open: {
    ...burst,
    meanHz: 200,
    batches: { immigrantHz: 15, branching: 0.94, delays },
    coupling: 0.3,
    opening: { extraHz: 450, tauS: 20 },
  },
};
