import type { FeedSpec, RecordingFacts } from "../../schemas/feed.ts";
import { Cache } from "./cache.ts";
import { type Capture, readCapture } from "./capture.ts";
import { crowdingWindowNs } from "./count.ts";
import { assertFits, type FeedSource } from "./source.ts";
import { stretchOrder } from "./stretch.ts";

export type CaptureSpec = Extract<FeedSpec, { source: "capture" }>;

/** The latest file that was read: windows of several lengths are cut from one. */
const captures = new Cache<Capture>(1, () => 1);

/** A capture as a feed, which begins anew one mean gap after its last message, as often as a stretch needs. */
export interface CaptureSource extends FeedSource {
  recording: RecordingFacts;
}

/**
 * A capture cut into stretches of `lengthNs`. Throws CaptureError as readCapture does, and FeedError where a stretch would
 * hold too many messages.
 */
export async function captureSource(spec: CaptureSpec, lengthNs: number): Promise<CaptureSource> {
  const { file, stream = null } = spec;
  const capture = await captures.get(JSON.stringify([file, stream]), () => readCapture(file, stream));
  const { atNs, facts } = capture;
  const count = atNs.length;
  const loopNs = facts.durationNs + facts.durationNs / (count - 1);
  const name = `capture:${file}`;
  const meanHz = (count / loopNs) * 1e9;
  assertFits(name, meanHz, lengthNs);
  const { startNs, sparse, crowding } = stretchOrder(atNs, loopNs, lengthNs, crowdingWindowNs * spec.rate);
  return {
    name,
    draw: 0,
    atNs,
    durationNs: loopNs,
    startNs,
    meanHz,
    crowding,
    loopNs,
    messages: (first, end) =>
      Array.from({ length: end - first }, (_, k) => capture.message((((first + k) % count) + count) % count)),
    notes: sparse === 0 ? [] : [`${sparse} of ${sparse + startNs.length} stretches with too few messages`],
    recording: facts,
  };
}
