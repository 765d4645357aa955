import type { CellSpec } from "../../schemas/cell.ts";
import { cellId } from "../../schemas/cell.ts";
import { inventedHost } from "../../schemas/fixtures/host.ts";
import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import {
  type CandidateReport,
  type CellResult,
  type Comparison,
  candidateReport,
  type MetricResult,
  reportSchemaVersion,
  type Undecided,
} from "../../schemas/report.ts";

/** Per-round figures of an invented candidate; each has one value a round. */
export interface Figures {
  readonly latencyNsP99: readonly number[];
  readonly throughputHz: readonly number[];
  readonly cpuNsPerMessage: readonly number[];
  readonly rssBytesPeak: readonly number[];
  readonly startupNs: readonly number[];
}

export interface Invented {
  readonly figures: Figures;
  readonly reach?: number;
  readonly replicateOf?: string;
  readonly status?: CandidateReport["status"];
  readonly codec?: "json" | "sbe";
  readonly headroom?: number;
}

/** What a run without an A/A replicate says of its errors. */
export const uncalibrated = { factor: 1, contrasts: 0, excess: null, weight: 0, p: null };

const timing = { warmupMs: 100, windowMs: 200 };
const flat = { source: "synthetic", preset: "flat", seed: 1, rate: 1, meanHz: 1000 } as const;

/** A report of invented candidates: one feed cell and one push cell, a threshold of `thresholdPct`, no comparisons unless given. */
export function inventReport(
  candidates: Readonly<Record<string, Invented>>,
  options: { thresholdPct?: number; comparisons?: Comparison[] } = {},
): Undecided {
  const thresholdPct = options.thresholdPct ?? 3;
  const margin = { thresholdPct, equalPct: Math.max(10, thresholdPct) };
  const entries = Object.entries(candidates);
  return {
    schemaVersion: reportSchemaVersion,
    run: {
      id: "invented",
      startedAt: "2026-03-04T09:30:00Z",
      durationMs: 60_000,
      measuringShare: null,
      timeShares: null,
      seed: 1,
      profile: "standard",
      rounds: entries[0]?.[1].figures.startupNs.length ?? 0,
      roundsRun: entries[0]?.[1].figures.startupNs.length ?? 0,
      argv: [],
      toolVersion: "0.0.0",
      parts: [],
      interrupted: false,
      clockResolutionNs: 40,
      reference: entries[0]?.[0] ?? "",
      margins: { latency: margin, rate: margin, cost: margin },
      processPerTrial: false,
    },
    host: inventedHost,
    candidates: entries.map(([id, { replicateOf, status }]) =>
      candidateReport.parse({
        id,
        program: replicateOf ?? id,
        replicateOf: replicateOf ?? null,
        runtime: { name: "rt", version: "1" },
        framework: { name: "fw", version: "1" },
        options: null,
        gaps: [],
        status: status ?? "ok",
      }),
    ),
    results: entries.flatMap(([id, invented]) => resultsOf(id, invented)),
    comparisons: options.comparisons ?? [],
    decomposition: [],
    writing: { effects: [], splits: [], choices: [] },
    factors: [],
    noise: { calibration: uncalibrated, aa: [], windows: null, contaminatedTrials: 0, retriedTrials: 0 },
    feeds: [],
    soak: [],
    why: [],
    extraFailures: [],
    failures: [],
    warnings: [],
  };
}

function resultsOf(candidate: string, invented: Invented): CellResult[] {
  const { figures, codec = "json" } = invented;
  const feed: CellSpec = {
    workload: "feed",
    codec,
    mode: "passthrough",
    broadcast: "send",
    subscribers: 10,
    feed: flat,
    ...timing,
  };
  const push: CellSpec = {
    workload: "push",
    codec: "json",
    bytes: 146,
    connections: 8,
    count: 2000,
    ...timing,
  };
  const { throughputHz, ...open } = figures;
  return [
    resultOf(candidate, invented, feed, { ...open, deliveriesHz: throughputHz.map(() => 10_000) }),
    resultOf(candidate, invented, push, { throughputHz }),
  ];
}

function resultOf(
  candidate: string,
  { reach = 1, headroom = 10 }: Invented,
  params: CellSpec,
  metrics: Partial<Record<MetricName, readonly number[]>>,
): CellResult {
  const entries = Object.entries(metrics) as [MetricName, readonly number[]][];
  return {
    candidate,
    workload: params.workload,
    codec: params.codec,
    cell: cellId(params),
    params,
    stalls: null,
    windows: null,
    rounds: entries[0]?.[1].length ?? 0,
    metrics: Object.fromEntries(entries.map(([name, values]) => [name, metricOf(name, values)])),
    reach,
    headroom,
    ledger: {
      due: 1000,
      delivered: Math.round(1000 * reach),
      gaps: 0,
      duplicates: 0,
      reorders: 0,
      corrupt: 0,
    },
    histogram: null,
    slices: [],
    generator: {
      cpuNs: 1,
      waitNs: null,
      latenessNsP50: null,
      latenessNsP99: null,
      latenessNsMax: null,
      hiccupNsMax: null,
      turnaroundNsMean: null,
    },
    cores: [],
    feed: null,
  };
}

function metricOf(name: MetricName, values: readonly number[]): MetricResult {
  const sorted = [...values].sort((x, y) => x - y);
  const { unit, better } = metricKinds[name];
  return {
    unit,
    better,
    median: sorted[sorted.length >> 1] ?? 0,
    // As in a run, two rounds allow no interval.
    ciLow: sorted.length > 2 ? (sorted[0] ?? null) : null,
    ciHigh: sorted.length > 2 ? (sorted.at(-1) ?? null) : null,
    perRound: [...values],
    twoSpeeds: null,
  };
}

/** Figures around these centres, spread by ±`spread` over the rounds so that intervals have a width. */
export function figuresAround(
  centre: Readonly<Record<keyof Figures, number>>,
  rounds = 8,
  spread = 0.01,
): Figures {
  const around = (value: number, phase: number) =>
    Array.from({ length: rounds }, (_, r) => value * (1 + spread * Math.sin(3 * r + phase)));
  return {
    latencyNsP99: around(centre.latencyNsP99, 0),
    throughputHz: around(centre.throughputHz, 1),
    cpuNsPerMessage: around(centre.cpuNsPerMessage, 2),
    rssBytesPeak: around(centre.rssBytesPeak, 3),
    startupNs: around(centre.startupNs, 4),
  };
}

/** A middling server: the centre that tests vary. */
export const plain: Readonly<Record<keyof Figures, number>> = {
  latencyNsP99: 1e6,
  throughputHz: 1e6,
  cpuNsPerMessage: 5000,
  rssBytesPeak: 6e7,
  startupNs: 5e7,
};

/** The same figures, each worse by `factor`: a candidate that `figures` dominates. */
export function worse(figures: Figures, factor: number): Figures {
  const by = (values: readonly number[], f: number) => values.map((v) => v * f);
  return {
    latencyNsP99: by(figures.latencyNsP99, factor),
    throughputHz: by(figures.throughputHz, 1 / factor),
    cpuNsPerMessage: by(figures.cpuNsPerMessage, factor),
    rssBytesPeak: by(figures.rssBytesPeak, factor),
    startupNs: by(figures.startupNs, factor),
  };
}
