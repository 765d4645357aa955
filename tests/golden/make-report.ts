/**
 * Writes report.json beside this file: an invented run with figures in the range that real runs gave, so that
 * every branch of the renderers has something to show. `bun tests/golden/make-report.ts` writes it again.
 */
import { join } from "node:path";
import { reportJson } from "../../reports/json.ts";
import type { CellSpec } from "../../schemas/cell.ts";
import { cellId } from "../../schemas/cell.ts";
import type { MetricName } from "../../schemas/metric.ts";
import {
  type CellResult,
  type Comparison,
  type Report,
  report,
  reportSchemaVersion,
} from "../../schemas/report.ts";
import { writing } from "./fixture/broadcast-effects.ts";
import { decisionOf } from "./fixture/decision.ts";
import { decomposition } from "./fixture/decomposition.ts";
import { compare, randomFrom } from "./fixture/draw.ts";
import { candidates, feeds, host, warnings } from "./fixture/facts.ts";
import { cells, headline } from "./fixture/figures.ts";
import { measured } from "./fixture/measured.ts";

const reference = "node/ws";
const replicate = "bun/serve#2";

/** What the invented candidates do not serve, and so have no result for. */
const unserved = new Set([
  "bun/elysia echo/json/c32w32",
  "node/hono push/raw/64B/c8",
  "node/hono fanout/json/send/s1000@20Hz",
]);

function serves(candidate: string, spec: CellSpec): boolean {
  const native = "broadcast" in spec && spec.broadcast === "native";
  return !(native && candidate.startsWith("node/")) && !unserved.has(`${candidate} ${cellId(spec)}`);
}

const isLimited = (metric: MetricName, { headroom }: CellResult): boolean =>
  metric === "throughputHz" && headroom !== null && headroom < 1.5;

/** Lost messages forbid a verdict, and so does too tight a ceiling over any side that is not the one ahead. */
function withheldBecause(a: CellResult, b: CellResult, metric: MetricName): string | null {
  const rate = (side: CellResult) => side.metrics[metric]?.median ?? 0;
  for (const [side, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (side.reach < 1) return `${side.candidate} reached ${(side.reach * 100).toFixed(2)} % of deliveries`;
    if (isLimited(metric, side) && (isLimited(metric, other) || rate(side) < 1.1 * rate(other)))
      return `headroom ${side.headroom} for ${side.candidate}`;
  }
  return null;
}

function boundOf(a: CellResult, b: CellResult, metric: MetricName): Pick<Comparison, "bound"> {
  const [over, under] = [isLimited(metric, a), isLimited(metric, b)];
  return over === under ? {} : { bound: over ? "at-least" : "at-most" };
}

function comparisonsOf(results: CellResult[]): Comparison[] {
  const byKey = new Map(results.map((r) => [`${r.candidate} ${r.cell}`, r]));
  return results.flatMap((a) => {
    const b = byKey.get(`${reference} ${a.cell}`);
    if (b === undefined || a.candidate === reference || a.candidate === replicate) return [];
    const declared = headline.filter((h) => h.cell === a.cell).map((h) => h.metric);
    const explored = a.workload === "fanout" ? (["lastLatencyNsP99"] as const) : [];
    return [...declared, ...explored].map((metric) => ({
      ...compare(a, b, metric, declared.includes(metric), withheldBecause(a, b, metric)),
      ...boundOf(a, b, metric),
    }));
  });
}

function aaOf(results: CellResult[]): Report["noise"]["aa"] {
  return headline.flatMap(({ cell, metric }) => {
    const a = results.find((r) => r.cell === cell && r.candidate === replicate);
    const b = results.find((r) => r.cell === cell && r.candidate === "bun/serve");
    if (a === undefined || b === undefined) return [];
    const { ratio, ciLow, ciHigh } = compare(a, b, metric, false, null);
    return [{ cell, metric, ratio, ciLow, ciHigh, p: (ciLow ?? 1) > 1 || (ciHigh ?? 1) < 1 ? 0.03 : 0.4 }];
  });
}

/** A report of a made-up run, the same each time. */
export function makeReport(): Report {
  const random = randomFrom(20261);
  const results = cells.flatMap((spec) =>
    candidates.filter((c) => serves(c.id, spec)).map((c) => measured(c.id, c.program, spec, random)),
  );
  const aa = aaOf(results);
  const comparisons = comparisonsOf(results);
  return report.parse({
    schemaVersion: reportSchemaVersion,
    run: {
      id: "2026-03-04T09-30-00Z-7f3a",
      startedAt: "2026-03-04T09:30:00Z",
      durationMs: 163_400,
      measuringShare: 0.77,
      timeShares: {
        measuring: 0.77,
        discarded: 0.01,
        waiting: 0.04,
        warmUp: 0.07,
        connecting: 0.02,
        servers: 0.05,
        ceilings: 0.02,
        other: 0.02,
      },
      seed: 42,
      profile: "standard",
      rounds: 10,
      roundsRun: 10,
      argv: ["--feed", "synthetic:burst", "--rounds", "10"],
      toolVersion: "0.1.0",
      parts: [],
      interrupted: false,
      clockResolutionNs: 41,
      reference,
      margins: {
        latency: { thresholdPct: 5, equalPct: 10 },
        rate: { thresholdPct: 2, equalPct: 5 },
        cost: { thresholdPct: 2, equalPct: 5 },
      },
      processPerTrial: false,
    },
    host,
    candidates,
    results,
    comparisons,
    decomposition,
    writing,
    noise: {
      calibration: { factor: 1.12, contrasts: aa.length, excess: 1.31, weight: 0.8, p: 0.21 },
      aa,
      windows: { clean: 1_400, kept: 0, missing: 0, discarded: { "foreign-cpu": 2, steal: 1 } },
      contaminatedTrials: 3,
      retriedTrials: 2,
    },
    feeds,
    failures: [
      {
        candidate: "node/hono",
        cell: "push/raw/64B/c8",
        round: 0,
        phase: "measure",
        reason: "server exited with code 134 during the window",
        stderr: [
          "<--- Last few GCs --->",
          "[4211:0x55]  2817 ms: Mark-Compact 2041.3 (2083.1) -> 2039.9 MB, pooled: 0 MB",
          "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
        ],
      },
      {
        candidate: "node/hono",
        cell: "fanout/json/send/s1000@20Hz",
        round: 3,
        phase: "connect",
        reason: "712 of 1000 connections open after 10000 ms",
        stderr: [],
      },
    ],
    warnings: warnings.map((w) => ({ ...w, touches: w.cell === undefined ? "machine" : "cells" })),
    decision: decisionOf(comparisons),
  });
}

if (import.meta.main) {
  await Bun.write(join(import.meta.dir, "report.json"), reportJson(makeReport(), { indent: true }));
}
