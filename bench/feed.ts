/**
 * The generator's figures beside those of docs/feed.md's sources, as Markdown: `bun run bench/feed.ts [capture …]`.
 * Everything is drawn from fixed seeds, so that two runs print the same.
 */
import { batchTimes, drawArrivals } from "../runner/feed/arrival.ts";
import { type Capture, readCapture } from "../runner/feed/capture.ts";
import { fanoFactor, peakWithin } from "../runner/feed/count.ts";
import { FeedError } from "../runner/feed/error.ts";
import { type ClusteredPreset, clusteredPresets } from "../runner/feed/preset.ts";
import { loadFeed } from "../runner/feed/schedule.ts";
import type { FeedSpec } from "../schemas/feed.ts";
import { createRandom } from "../stats/random.ts";

const fanoBinsNs = [10e6, 100e6, 1e9, 5e9];
const peakSpansNs = [1e9, 100e6, 10e6];
const burstHours = 4;
const seeds = 20;
const stretchesShown = 16;

function row(...cells: (string | number)[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}

function header(...cells: string[]): void {
  row(...cells);
  row(...cells.map(() => "---"));
}

function fanos(atNs: Float64Array, toNs: number): string[] {
  return fanoBinsNs.map((binNs) => fanoFactor(atNs, binNs, 0, toNs).toFixed(1));
}

/** One time a millisecond that has messages other than depth: the batches that the recipe was fitted on. */
function captureBatches({ message, atNs }: Capture): Float64Array {
  const milliseconds = new Set<number>();
  atNs.forEach((at, i) => {
    if (message(i).message.kind !== "depthUpdate") milliseconds.add(Math.floor(at / 1e6));
  });
  return Float64Array.from(milliseconds, (ms) => ms * 1e6);
}

function printFanos(captures: Capture[]): void {
  console.log("\nFano factor of batches\n");
  header("source", "batches/s", "10 ms", "100 ms", "1 s", "5 s");
  row("fit (wire recipe)", 100.6, "2.5", "8.8", "26", "53");
  const toS = burstHours * 3600;
  const times = batchTimes(clusteredPresets.burst, createRandom(1), 0, toS).map((atS) => atS * 1e9);
  row(`synthetic:burst, ${burstHours} h`, (times.length / toS).toFixed(1), ...fanos(times, toS * 1e9));
  for (const capture of captures) {
    const durationNs = capture.atNs.at(-1)!;
    const batches = captureBatches(capture);
    row(capture.facts.file, ((batches.length / durationNs) * 1e9).toFixed(1), ...fanos(batches, durationNs));
  }
}

function spread(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  return `${sorted[sorted.length >> 1]} (${sorted[0]}–${sorted.at(-1)})`;
}

function printPreset(name: string, preset: ClusteredPreset, spanS: number): void {
  const runs = Array.from(
    { length: seeds },
    (_, i) => drawArrivals(preset, createRandom(i + 1), 0, spanS).atNs,
  );
  const mean = runs.reduce((sum, { length }) => sum + length, 0) / seeds / spanS;
  const peaks = peakSpansNs.map((durationNs) => spread(runs.map((atNs) => peakWithin(atNs, durationNs))));
  row(name, `${spanS} s`, mean.toFixed(0), ...peaks);
}

function printPeaks(captures: Capture[]): void {
  console.log(`\nMessages/s, and most messages in 1 s, 100 ms, 10 ms: median (range) of ${seeds} seeds\n`);
  header("source", "span", "mean", "1 s", "100 ms", "10 ms");
  for (const [name, preset] of Object.entries(clusteredPresets)) {
    printPreset(name, preset, name === "open" ? 60 : 346);
  }
  printPreset("flash-crash", clusteredPresets["flash-crash"], 30);
  for (const { facts, atNs } of captures) {
    const spanS = atNs.at(-1)! / 1e9;
    const peaks = peakSpansNs.map((durationNs) => peakWithin(atNs, durationNs));
    row(facts.file, `${spanS.toFixed(0)} s`, (atNs.length / spanS).toFixed(0), ...peaks);
  }
}

async function printStretches(captures: Capture[]): Promise<void> {
  console.log(`\n${stretchesShown} stretches: median (range) of each, and of the whole source\n`);
  header(
    "source",
    "window",
    "messages/s",
    "whole",
    "crowding",
    "whole",
    "most in 100 ms",
    "bytes/message, JSON",
    "SBE",
  );
  const specs: FeedSpec[] = [
    ...(["quiet", "burst", "flash-crash"] as const).map(
      (preset): FeedSpec => ({ source: "synthetic", preset, seed: 1, rate: 1, meanHz: null }),
    ),
    ...captures.map(({ facts }): FeedSpec => ({ source: "capture", file: facts.file, rate: 1 })),
  ];
  for (const feed of specs) {
    for (const windowNs of [0.5e9, 1.5e9]) {
      const all = [];
      const bytes = { json: 0, sbe: 0, messages: 0 };
      for (let stretch = 0; stretch < stretchesShown; stretch++) {
        const { facts } = await loadFeed({ feed, codec: "json", windowNs, stretch });
        const sbe = (await loadFeed({ feed, codec: "sbe", windowNs, stretch })).facts;
        bytes.json += facts.bytes;
        bytes.sbe += sbe.bytes;
        bytes.messages += facts.stretch.messages;
        all.push(facts);
      }
      row(
        feed.source === "capture" ? feed.file : feed.preset,
        `${windowNs / 1e9} s`,
        spread(all.map(({ stretch: { meanHz } }) => Math.round(meanHz))),
        all[0]!.stretch.sourceHz.toFixed(0),
        spread(all.map((facts) => Math.round(facts.stretch.crowding))),
        all[0]!.stretch.sourceCrowding.toFixed(0),
        spread(all.map(({ peakPer100Ms }) => peakPer100Ms)),
        Math.round(bytes.json / bytes.messages),
        Math.round(bytes.sbe / bytes.messages),
      );
    }
  }
}

try {
  const captures = await Promise.all(process.argv.slice(2).map((file) => readCapture(file)));
  printFanos(captures);
  printPeaks(captures);
  await printStretches(captures);
} catch (error) {
  if (!(error instanceof FeedError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
