import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { CellSpec } from "../../schemas/cell.ts";
import type { LateRun, LedgerTotals, Measurement, ShardParts } from "../../schemas/load.ts";
import { Histogram } from "../load/histogram.ts";
import { encodeHistogram } from "../load/histogram-codec.ts";
import { sumCounts } from "../load/ledger.ts";
import { latencyMetrics } from "../workloads/metrics.ts";
import { clockShareMax, mergeLate, mergeWindows, type ShardWindow } from "./merge.ts";

const times = { warmupMs: 0, windowMs: 100 };
const echo: CellSpec = { workload: "echo", codec: "raw", bytes: 64, connections: 8, window: 4, ...times };
const stream = { codec: "json", broadcast: "send", rateHz: 100 } as const;
const fanout: CellSpec = { workload: "fanout", ...stream, subscribers: 8, ...times };

const ledgerOf = (due: number, gaps = 0): LedgerTotals => ({
  ...{ due, delivered: due - gaps, gaps },
  ...{ duplicates: 0, reorders: 0, corrupt: 0 },
});

function histogramOf(samples: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const sample of samples) histogram.record(sample);
  return histogram;
}

const snapshotOf = (samples: readonly number[]) =>
  samples.length === 0 ? null : encodeHistogram(histogramOf(samples));

/** What a shard would tell of a window in which these latencies were seen. */
function windowOf(
  index: number,
  samples: readonly number[],
  more: { readonly measurement?: Partial<Measurement>; readonly parts?: Partial<ShardParts> } = {},
): ShardWindow {
  const latency = histogramOf(samples);
  return {
    measurement: {
      windowMs: 100,
      elapsedNs: 1e8 + index,
      sent: samples.length,
      metrics: { ...latencyMetrics(latency), throughputHz: samples.length * 10 },
      ledger: ledgerOf(samples.length),
      histograms: { latency: snapshotOf(samples), first: null, last: null, skew: null, lateness: null },
      slices: [],
      server: null,
      generator: {
        ...{ cpuNs: 1e6 * (index + 1), waitNs: 10 * index, hiccupNsMax: null, turnaroundNsMean: 100 },
        ...{ latenessNsP50: null, latenessNsP99: null, latenessNsMax: null },
      },
      cores: [{ core: index + 1, elapsedNs: 1e8, busyNs: 1e7, foreignNs: index, stealNs: 0 }],
      mitataNsP50: null,
      events: samples.length,
      feed: null,
      ...more.measurement,
    },
    parts: {
      ...{ index, messages: samples.length, connections: 2, lateStartNs: index * 10, clockBoundNs: 0 },
      slices: [],
      ...more.parts,
    },
  };
}

const merged = (cell: CellSpec, windows: readonly ShardWindow[]) =>
  mergeWindows(cell, windows as [ShardWindow, ...ShardWindow[]]);

const samples = fc.array(fc.integer({ min: 0, max: 3_600_000_000_000 }), { maxLength: 60 });
const shards = fc.array(samples, { minLength: 2, maxLength: 6 });

describe("a merged window", () => {
  test("has the histogram that one process would have filled", () => {
    fc.assert(
      fc.property(shards, (each) => {
        const whole = merged(
          echo,
          each.map((own, i) => windowOf(i, own)),
        );
        const all = each.flat();
        expect(whole.histograms.latency).toEqual(snapshotOf(all));
        expect(whole.metrics.latencyNsP99).toEqual(latencyMetrics(histogramOf(all)).latencyNsP99);
        expect(whole.metrics.throughputHz).toBe(all.length * 10);
        expect(whole.ledger).toEqual(ledgerOf(all.length));
        expect(whole.events).toBe(all.length);
      }),
      { numRuns: 40, seed: 17 },
    );
  });

  test("is the same in whatever order the shards answer", () => {
    const windows = [[5, 9], [1_000_000], [7, 7, 8]].map((own, i) =>
      windowOf(i, own, {
        measurement: {
          ledger: {
            ...ledgerOf(own.length + 1, 1),
            ...{ corrupt: 1, corruptBy: { bytes: 1 }, firstCorrupt: { rule: "bytes", at: i } },
          },
          unasked: { messages: 1, first: `hello ${i}` },
          earlyEnd: { connections: 1, code: 1000 + i, reason: "" },
          late: [{ atMs: i, lengthNs: 6e6, ownNs: i }],
        },
      }),
    );
    const inOrder = merged(echo, windows);
    expect(inOrder.ledger.firstCorrupt).toEqual({ rule: "bytes", at: 0 });
    fc.assert(
      fc.property(fc.shuffledSubarray(windows, { minLength: 3 }), (order) => {
        expect(merged(echo, order)).toEqual(inOrder);
      }),
      { numRuns: 20, seed: 17 },
    );
  });

  test("has ledgers that add up, and stands with its worst shard in what spoils a window", () => {
    const lateness = (p99: number) => ({
      latenessNsP50: p99 / 2,
      latenessNsP99: p99,
      latenessNsMax: p99 * 2,
    });
    const generator = (i: number, p99: number) => ({
      ...windowOf(i, []).measurement.generator,
      ...lateness(p99),
    });
    const whole = merged(echo, [
      windowOf(0, [10], { measurement: { generator: generator(0, 100), ledger: ledgerOf(10, 2) } }),
      windowOf(1, [10], { measurement: { generator: generator(1, 9000), ledger: ledgerOf(5), spent: true } }),
    ]);
    expect(whole.ledger).toEqual(sumCounts([ledgerOf(10, 2), ledgerOf(5)]));
    expect(whole.generator).toMatchObject({ cpuNs: 3e6, busiestNs: 2e6, waitNs: 10, ...lateness(9000) });
    expect(whole.spent).toBe(true);
    expect(whole.cores.map(({ core }) => core)).toEqual([1, 2]);
    expect(whole.shards).toEqual({ count: 2, startSkewNs: 10, clockBoundNs: 0, latencyOf: "all" });
  });

  test("divides what the server used by the messages of all shards", () => {
    const server = {
      ...{ cpuNs: 3000, voluntarySwitches: 0, involuntarySwitches: 0, threads: 1 },
      ...{ rssBytesBefore: 0, rssBytesConnected: 4000, rssBytesPeak: 4000 },
    };
    const whole = merged(echo, [windowOf(0, [1, 2], { measurement: { server } }), windowOf(1, [3])]);
    expect(whole.metrics).toMatchObject({ cpuNsPerMessage: 1000, rssBytesPerConnection: 1000 });
  });
});

describe("first and last receipt", () => {
  /** Latencies by subscriber, then by message; undefined is a gap. */
  const table = fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 8 }))
    .chain(([perShard, messages]) =>
      fc.array(
        fc.array(
          fc.array(fc.option(fc.integer({ min: 0, max: 1e9 }), { freq: 20, nil: undefined }), {
            ...{ minLength: messages, maxLength: messages },
          }),
          { minLength: perShard, maxLength: perShard },
        ),
        { minLength: 2, maxLength: 4 },
      ),
    );

  test("are those over the subscribers of all shards, of the messages that reached every one", () => {
    fc.assert(
      fc.property(table, (byShard) => {
        const everyone = byShard.flat();
        const count = everyone[0]?.length ?? 0;
        const seen = (rows: typeof everyone, n: number) => rows.flatMap((row) => row[n] ?? []);
        const ns = Array.from({ length: count }, (_, n) => n);
        const windows = byShard.map((rows, i) =>
          windowOf(i, [], {
            parts: {
              connections: rows.length,
              arrivals: {
                counts: ns.map((n) => seen(rows, n).length),
                firstNs: ns.map((n) => Math.min(...seen(rows, n), 1e9)),
                lastNs: ns.map((n) => Math.max(...seen(rows, n), 0)),
              },
            },
          }),
        );
        const whole = ns.map((n) => seen(everyone, n)).filter((each) => each.length === everyone.length);
        const { histograms } = merged(fanout, windows);
        expect(histograms.first).toEqual(snapshotOf(whole.map((each) => Math.min(...each))));
        expect(histograms.last).toEqual(snapshotOf(whole.map((each) => Math.max(...each))));
        expect(histograms.skew).toEqual(
          snapshotOf(whole.map((each) => Math.max(...each) - Math.min(...each))),
        );
      }),
      { numRuns: 60, seed: 17 },
    );
  });
});

describe("clocks that are not the same", () => {
  const away = (clockBoundNs: number) =>
    merged(fanout, [
      windowOf(0, [40_000, 40_000], { parts: { clockBoundNs: 0 } }),
      windowOf(1, [90_000, 95_000], { parts: { clockBoundNs } }),
    ]);

  test("count where they are apart by little against the latency", () => {
    const small = away(clockShareMax * 40_000);
    expect(small.shards).toMatchObject({ latencyOf: "all", clockBoundNs: clockShareMax * 40_000 });
    expect(small.histograms.latency?.total).toBe(4);
  });

  test("leave the publisher's own round trips where they are not, and every delivery in the books", () => {
    const large = away(clockShareMax * 40_000 + 1);
    expect(large.shards).toMatchObject({ latencyOf: "publisher" });
    expect(large.histograms.latency).toEqual(snapshotOf([40_000, 40_000]));
    expect(large.ledger.delivered).toBe(4);
  });

  test("do not matter to an echo, which is timed by the clock that sent it", () => {
    const windows = [windowOf(0, [10]), windowOf(1, [20], { parts: { clockBoundNs: 1e9 } })];
    expect(merged(echo, windows).shards).toMatchObject({ latencyOf: "all", clockBoundNs: 0 });
  });
});

describe("late runs", () => {
  const run = (atMs: number, lengthMs: number, ownMs = 0): LateRun => ({
    ...{ atMs, lengthNs: lengthMs * 1e6, ownNs: ownMs * 1e6 },
  });

  test("of several shards are one where they overlap, as long as the longest", () => {
    expect(
      mergeLate([
        [run(0, 10), run(50, 6)],
        [run(8, 20, 3), run(90, 7)],
      ]),
    ).toEqual([...[run(0, 20, 3), run(50, 6), run(90, 7)]]);
  });

  test("are no more than one process would tell", () => {
    const many = Array.from({ length: 100 }, (_, i) => run(i * 100, 5 + i));
    expect(mergeLate([many])).toHaveLength(64);
  });
});
