import { describe, expect, test } from "bun:test";
import type { FeedStretch } from "../../schemas/feed.ts";
import type { Measurement } from "../../schemas/load.ts";
import { planFrom } from "../fixtures/planned.ts";
import { analyseScript } from "../fixtures/scripted-run.ts";

const argv = [
  "--candidates",
  "bun/serve,node/ws",
  "--workloads",
  "feed/json/passthrough/send*",
  "--rounds",
  "4",
];
const plan = planFrom(...argv, "--feed", "capture:a.gz");

const second = 1e9;
const stretch = (round: number): FeedStretch => ({
  stretch: round,
  draw: 0,
  // The fourth begins anew with the first.
  fromNs: (round % 3) * 2 * second,
  lengthNs: 2.5 * second,
  messages: 500,
  meanHz: 200,
  sourceHz: 210,
  crowding: 10,
  sourceCrowding: 11,
});
const p99 = (candidate: string, round: number) => {
  if (candidate !== "node/ws") return 1e6;
  return 1e6 * ([1.2, 1.5, 2, 1.8][round] ?? 1);
};
const measure = (candidate: string, _: unknown, round: number): Partial<Measurement> => ({
  feed: "capture:a.gz",
  feedStretch: stretch(round),
  metrics: { latencyNsP99: p99(candidate, round) },
});
const recording = {
  file: "a.gz",
  lines: 2001,
  messages: 2000,
  durationNs: 20 * second,
  clock: "ns" as const,
  resolutionNs: 1,
  raisedTimes: 0,
  joins: 0,
  duplicates: 0,
  holes: { count: 0, totalNs: 0, longestNs: 0 },
  leftOut: [],
};

describe("what a feed cell replayed", () => {
  const told = analyseScript({
    plan,
    measure,
    more: [{ type: "feed-read", at: "2026-03-04T09:30:00.000Z", recording }],
  });
  const [coverage] = told.feeds;

  test("counts each stretch once, and each moment of the feed once", () => {
    expect(told.feeds).toHaveLength(1);
    expect(coverage).toMatchObject({ stretches: 3, messages: 1500, replayedNs: 6.5 * second });
    expect(coverage).toMatchObject({ sourceNs: 20 * second, share: 6.5 / 20, meanHz: 200, sourceHz: 210 });
  });

  test("tells how the ratio to the reference varied from stretch to stretch", () => {
    const [ratio, ...others] = coverage?.ratios.filter(({ candidate }) => candidate === "node/ws") ?? [];
    expect(others).toEqual([]);
    expect(ratio).toMatchObject({ stretches: 3 });
    expect(ratio?.high).toBeCloseTo(2, 10);
    // The first stretch was replayed in rounds 1 and 4.
    expect(ratio?.low).toBeCloseTo(Math.sqrt(1.2 * 1.8), 10);
    expect(ratio?.median).toBeCloseTo(1.5, 10);
  });

  test("a model has no length, and no share of it", () => {
    const synthetic = {
      ...plan,
      cells: plan.cells.map((cell) => ({
        ...cell,
        spec: {
          ...cell.spec,
          feed: { source: "synthetic", preset: "burst", seed: 1, rate: 1, meanHz: null },
        } as typeof cell.spec,
      })),
    };
    expect(analyseScript({ plan: synthetic, measure }).feeds).toMatchObject([
      { sourceNs: null, share: null, recording: null },
    ]);
  });
});
