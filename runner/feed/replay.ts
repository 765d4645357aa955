import type { FeedSpec } from "../../schemas/feed.ts";
import { type Capture, readCapture } from "./capture.ts";
import { crowdSpanNs } from "./count.ts";
import { assertFits, type FeedSource } from "./source.ts";
import { stretchOrder } from "./stretch.ts";

type CaptureSpec = Extract<FeedSpec, { source: "capture" }>;

/**
 * A capture as a feed, cut into stretches of `lengthNs`. It begins anew one mean gap after its last message, as often as a
 * stretch needs. Throws CaptureError as readCapture does, and FeedError where that would be too many messages.
 */
export async function captureSource(spec: CaptureSpec, lengthNs: number): Promise<FeedSource> {
  const capture = await readCapture(spec.file);
  const { messages, atNs } = capture;
  const lastNs = atNs.at(-1)!;
  const loopNs = lastNs + lastNs / (atNs.length - 1);
  const name = `capture:${spec.file}`;
  const meanHz = (atNs.length / loopNs) * 1e9;
  assertFits(name, meanHz, lengthNs);
  const { startNs, sparse, crowding } = stretchOrder(atNs, loopNs, lengthNs, crowdSpanNs * spec.rate);
  return {
    name,
    draw: 0,
    atNs,
    spanNs: loopNs,
    startNs,
    meanHz,
    crowding,
    loopNs,
    messages: (first, end) =>
      Array.from({ length: end - first }, (_, k) => {
        const within = (first + k) % messages.length;
        return { message: messages[within < 0 ? within + messages.length : within]!, recorded: null };
      }),
    notes: [...notes(capture), ...(sparse > 0 ? [`${sparse} stretches with too few messages left out`] : [])],
  };
}

function notes({ raisedTimes, skippedLines }: Capture): string[] {
  const all: string[] = [];
  if (skippedLines > 0) all.push(`${skippedLines} lines without a stream left out`);
  if (raisedTimes > 0) all.push(`${raisedTimes} receive times raised to the line before`);
  return all;
}
