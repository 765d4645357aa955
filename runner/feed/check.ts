import { feedOf } from "../../schemas/cell.ts";
import type { FeedSpec, RecordingFacts } from "../../schemas/feed.ts";
import type { Plan } from "../../schemas/plan.ts";
import { readCapture } from "./capture.ts";
import { FeedError } from "./error.ts";
import { clusteredPresets } from "./preset.ts";
import { assertFits } from "./source.ts";
import { flatHz } from "./synthetic.ts";

/** What was found of each capture: the facts are kept, and the file's bytes are let go. */
const recordings = new Map<string, Promise<RecordingFacts>>();

/** What a capture is; null for a model. Throws CaptureError. */
export function recordingOf(spec: FeedSpec): Promise<RecordingFacts | null> {
  if (spec.source !== "capture") return Promise.resolve(null);
  const { file, stream = null } = spec;
  const key = JSON.stringify([file, stream]);
  const known = recordings.get(key) ?? readCapture(file, stream).then(({ facts }) => facts);
  recordings.set(key, known);
  return known;
}

/** The captures of a plan, each once. Throws CaptureError. */
export async function recordingsOf({ cells }: Plan): Promise<RecordingFacts[]> {
  const feeds = cells.flatMap(({ spec }) => feedOf(spec) ?? []);
  const all = await Promise.all(feeds.map(recordingOf));
  return [...new Set(all)].filter((recording) => recording !== null);
}

/** Messages per second that a feed stands for, as they are sent. Throws CaptureError. */
export async function feedHz(spec: FeedSpec): Promise<number> {
  const recording = await recordingOf(spec);
  if (recording !== null) return (1e9 * spec.rate * (recording.messages - 1)) / recording.durationNs;
  if (spec.source !== "synthetic") throw new Error("only a capture has a recording");
  const { preset, meanHz, rate } = spec;
  const presetHz = preset === "flat" || preset === "flat-poisson" ? flatHz : clusteredPresets[preset].meanHz;
  return rate * (meanHz ?? presetHz);
}

/** Messages of a window, on average, below which there is nothing to take a percentile of. */
const windowMessagesMin = 10;
/** Different messages that a median and a p99 need: 10 ÷ (1 − q). */
const medianNeeds = 20;
const p99Needs = 1000;

/**
 * Whether a cell's feed can be measured by. Gives what a run of it can then not show, one line each. Throws FeedError (or
 * CaptureError) where it can show nothing.
 */
export async function checkFeed(feed: FeedSpec, windowMs: number): Promise<string[]> {
  const recording = await recordingOf(feed);
  const hz = await feedHz(feed);
  const name = feed.source === "capture" ? `capture:${feed.file}` : `synthetic:${feed.preset}`;
  assertFits(name, hz / feed.rate, windowMs * 1e6 * feed.rate);
  const due = (hz * windowMs) / 1e3;
  if (due < windowMessagesMin) {
    const rate = Math.ceil((feed.rate * windowMessagesMin * 10) / due) / 10;
    throw new FeedError(
      `${name}: a window of ${windowMs} ms must have at least ${windowMessagesMin} messages on average, got ${due.toFixed(1)} at --feed-rate ${feed.rate}; use --feed-rate ${rate} or more`,
    );
  }
  return recording === null ? [] : shortcomings(recording, (windowMs * 1e6 * feed.rate) / 1e9, feed.rate);
}

function shortcomings(
  { file, messages, durationNs }: RecordingFacts,
  stretchS: number,
  rate: number,
): string[] {
  if (messages < medianNeeds) {
    throw new FeedError(
      `capture ${file}: must have at least ${medianNeeds} messages for a median, got ${messages}; record for longer`,
    );
  }
  const short: string[] = [];
  if (messages < p99Needs) {
    const deepest = Math.floor(100 * (1 - 10 / messages));
    short.push(
      `capture ${file}: holds ${messages} messages, and a p99 needs ${p99Needs} different ones: it can show percentiles up to p${deepest}; record for longer`,
    );
  }
  if (durationNs / 1e9 < stretchS) {
    short.push(
      `capture ${file}: lasts ${(durationNs / 1e9).toFixed(2)} s, and one window replays ${stretchS.toFixed(2)} s at --feed-rate ${rate}: it restarts in each window, so the run cannot show how candidates differ between stretches; use a longer capture or a lower --feed-rate`,
    );
  }
  return short;
}

/** A capture in one line: what it holds, and what was done to it. */
export function recordingLine(facts: RecordingFacts): string {
  const { file, messages, lines, durationNs, clock, raisedTimes, joins, duplicates, holes, leftOut } = facts;
  const parts = [
    `${messages} messages on ${lines} lines over ${(durationNs / 1e9).toFixed(1)} s, times in ${clock}`,
  ];
  if (holes.count > 0) {
    parts.push(
      `${holes.count} ${holes.count === 1 ? "gap" : "gaps"} of ${(holes.totalNs / 1e9).toFixed(0)} s in total left out (longest ${(holes.longestNs / 1e9).toFixed(0)} s)`,
    );
  }
  if (joins > 0) parts.push(`went back in time ${joins} × and was sorted by receive time`);
  if (duplicates > 0) parts.push(`${duplicates} duplicate messages`);
  if (raisedTimes > 0) parts.push(`${raisedTimes} receive times raised to that of the line before`);
  if (leftOut.length > 0) {
    const kinds = leftOut.slice(0, 6).map(({ kind, lines: count }) => `${count} × ${kind}`);
    parts.push(`left out: ${[...kinds, ...(leftOut.length > 6 ? ["…"] : [])].join(", ")}`);
  }
  return `capture ${file}: ${parts.join("; ")}`;
}
