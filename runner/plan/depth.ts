import type { LatencyLimit } from "../../schemas/capacity.ts";
import type { PlannedCell, Profile } from "../../schemas/plan.ts";

/** How long and how deep a run goes. Times are of one window, or of one warm-up. */
export interface Depth {
  readonly profile: Profile;
  readonly rounds: number;
  /** Rounds of few candidates, which have the time of the others too; absent where a run of few is to be a short one. */
  readonly fewCandidates?: { readonly visits: number; readonly roundsMax: number };
  /** Warm-up of a cell. */
  readonly warmupMs: number;
  /** What the first cell of a fresh server warms up longer: as long as its runtime takes to compile what all cells run. */
  readonly freshMs: { readonly least: number; readonly most: number };
  /** Windows of a closed loop in a visit, and their length; an open loop has lengths of its own. */
  readonly closed: Windows;
  /** Exploratory cells take part in every k-th round; null where they do only if they are named. */
  readonly exploreEvery: number | null;
  /** Connections that are opened where connections are what is measured; the profile's own number unless given. */
  readonly connections?: number;
  /** Limit that a capacity is searched at; the workload's own unless given. */
  readonly latencyLimit?: LatencyLimit;
}

export interface Windows {
  readonly count: number;
  readonly ms: number;
}

/** With the cell's own Node has the 400 ms at full speed that it needs (`bench/warm-up.ts`); what is added moves the windows in time. */
const fresh = { least: 300, most: 600 } as const;

/**
 * Depths by profile. Within a visit the tail of a feed varies by 0.2 (sd of logs) from window to window, and a window costs a
 * tenth of a visit: several short windows, of which the median is the visit's figure, buy more than longer ones or more
 * visits (docs/statistics.md).
 */
export const depths: Readonly<Record<Profile, Depth>> = {
  smoke: {
    profile: "smoke",
    rounds: 2,
    warmupMs: 20,
    freshMs: { least: 0, most: 0 },
    closed: { count: 1, ms: 40 },
    exploreEvery: null,
  },
  quick: {
    profile: "quick",
    rounds: 3,
    warmupMs: 60,
    freshMs: { least: fresh.least, most: fresh.least },
    closed: { count: 1, ms: 50 },
    exploreEvery: null,
  },
  standard: {
    profile: "standard",
    rounds: 6,
    fewCandidates: { visits: 27, roundsMax: 9 },
    warmupMs: 100,
    freshMs: fresh,
    closed: { count: 1, ms: 100 },
    exploreEvery: null,
  },
  thorough: {
    profile: "thorough",
    rounds: 60,
    warmupMs: 200,
    freshMs: fresh,
    closed: { count: 3, ms: 200 },
    exploreEvery: 4,
  },
  open: {
    profile: "open",
    rounds: 4,
    warmupMs: 100,
    freshMs: fresh,
    closed: { count: 1, ms: 120 },
    exploreEvery: null,
  },
};

/**
 * Rounds of a run of so many servers, an A/A replicate among them. Two candidates have the three minutes that four have: what a verdict
 * counts is rounds.
 */
export function roundsOf({ rounds, fewCandidates }: Depth, servers: number): number {
  if (fewCandidates === undefined) return rounds;
  const { visits, roundsMax } = fewCandidates;
  return Math.max(rounds, Math.min(roundsMax, Math.floor(visits / servers)));
}

/** A cell as a profile wants it, before the codec and workload filters. */
export type ProfileCell = Pick<PlannedCell, "spec" | "windows" | "longWindowMs" | "headline">;
