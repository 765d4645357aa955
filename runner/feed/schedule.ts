import { CodecError } from "../../schemas/codec/error.ts";
import { encodeJson, sequenceMember } from "../../schemas/codec/json.ts";
import { encodeSbe } from "../../schemas/codec/sbe.ts";
import { toSpot } from "../../schemas/codec/spot.ts";
import type { FeedSpec } from "../../schemas/feed.ts";
import { Cache } from "./cache.ts";
import { FeedError } from "./error.ts";
import { type ScheduleFacts, scheduleFacts } from "./facts.ts";
import { captureSource } from "./replay.ts";
import { arrivalNs, type FeedMessage, type FeedSource, positionAt } from "./source.ts";
import { isOneStretchDraw, syntheticSource } from "./synthetic.ts";

/** What a window is to be filled with. */
export interface FeedRequest {
  readonly feed: FeedSpec;
  readonly codec: "json" | "sbe";
  /**
   * What a gateway does with it: bytes that are passed through are a capture's own, unknown members and all; what is
   * decoded and encoded again has the members that the market schema names and no other. Known alone where not given.
   */
  readonly mode?: "passthrough" | "transcode";
  /** Length of the window, in ns as sent. */
  readonly windowNs: number;
  /** Span of the same feed to be sent before the window, in ns as sent. */
  readonly leadNs?: number;
  /** Which stretch of the feed; any whole number from 0 on, 0 where not given. */
  readonly stretch?: number;
}

/** What is sent when: drawn, chosen and encoded before the first send. Message `n` carries the sequence `n`. */
export interface Schedule {
  codec: "json" | "sbe";
  /** WebSocket opcode of every message: 1 (text) for JSON, 2 (binary) for SBE. */
  opcode: 1 | 2;
  /** Intended send time of message `n`, ns from the schedule's start, never falling. The window begins at `leadNs`. */
  intendedNs: Float64Array;
  /** Encoded message `n`, without WebSocket framing. */
  payloads: Uint8Array[];
  streams: string[];
  /** Position in `streams` of message `n`'s stream. */
  streamOf: Uint16Array;
  /** Span before the window, in ns, for a warm-up; its messages are 0 to `leadMessages` − 1. */
  leadNs: number;
  leadMessages: number;
  facts: ScheduleFacts;
}

/** Sources by what they are drawn or read from: a few messages' worth of times each, but a capture holds its file. */
const sources = new Cache<FeedSource>(2, () => 1);
/** A round's stretches in each codec and mode are asked for once a candidate. */
const schedules = new Cache<Schedule>(
  96 * 2 ** 20,
  ({ facts, payloads }) => facts.bytes + 200 * payloads.length,
);

/**
 * The schedule of one stretch of a feed, with `leadNs` of the same feed before it. One request gives the same bytes to
 * every candidate; two numbers of stretches give two parts of the feed, until a capture has been gone through and begins
 * anew. Throws CaptureError or FeedError for what a user can put right. Costs up to a second, and is kept (within a bound)
 * for whoever asks again: ask before a window and never in it.
 */
export function loadFeed(request: FeedRequest): Promise<Schedule> {
  const { feed, codec, mode = "transcode", windowNs, leadNs = 0, stretch = 0 } = request;
  const whole = { feed, codec, mode, windowNs, leadNs, stretch };
  return schedules.get(JSON.stringify(whole), () => makeSchedule(whole));
}

async function makeSchedule(request: Required<FeedRequest>): Promise<Schedule> {
  const { feed, codec, mode, windowNs, leadNs, stretch } = request;
  const lengthNs = windowNs * feed.rate;
  const { source, startNs } = await place(request);
  const first = positionAt(source, startNs - leadNs * feed.rate);
  const start = positionAt(source, startNs);
  const end = positionAt(source, startNs + lengthNs);
  const intendedNs = Float64Array.from(
    { length: end - first },
    (_, n) => leadNs + (arrivalNs(source, first + n) - startNs) / feed.rate,
  );
  const encoded = encodeAll(source.messages(first, end), codec, mode);
  const leadMessages = start - first;
  const turn = (position: number) => Math.floor(position / source.atNs.length);
  return {
    codec,
    opcode: codec === "json" ? 1 : 2,
    intendedNs,
    ...encoded,
    leadNs,
    leadMessages,
    facts: scheduleFacts({
      feed,
      source,
      stretch,
      windowNs,
      startNs,
      loops: end > start ? turn(end - 1) - turn(start) : 0,
      intendedNs: intendedNs.subarray(leadMessages),
      payloads: encoded.payloads.slice(leadMessages),
    }),
  };
}

/** The source that a stretch lies in, and where it begins in it. */
async function place(request: Required<FeedRequest>): Promise<{ source: FeedSource; startNs: number }> {
  const { feed, windowNs, leadNs, stretch } = request;
  const lengthNs = windowNs * feed.rate;
  if (feed.source === "capture") {
    const source = await sources.get(JSON.stringify([feed, lengthNs]), () => captureSource(feed, lengthNs));
    return { source, startNs: source.startNs[stretch % source.startNs.length] ?? 0 };
  }
  const drawn = (draw: number) =>
    sources.get(JSON.stringify([feed, lengthNs, leadNs, draw]), () =>
      syntheticSource(feed, draw, leadNs * feed.rate, lengthNs),
    );
  if (isOneStretchDraw(feed.preset)) return { source: await drawn(stretch), startNs: 0 };
  // Draws differ in how many of their stretches are too thin, so that the number decides by itself which one it is in.
  const draw = Math.floor(stretch / drawHolds);
  const source = await drawn(draw);
  return { source, startNs: source.startNs[(stretch % drawHolds) % source.startNs.length] ?? 0 };
}

/** Stretches that are taken of one draw of a model, at most: the least that a draw holds. */
const drawHolds = 16;

type Encoded = Pick<Schedule, "payloads" | "streams" | "streamOf">;

function encodeAll(
  messages: FeedMessage[],
  codec: "json" | "sbe",
  mode: "passthrough" | "transcode",
): Encoded {
  const text = new TextEncoder();
  const positions = new Map<string, number>();
  const streamOf = new Uint16Array(messages.length);
  const payloads = messages.map(({ message: original, recorded }, n) => {
    // SBE has no place for what perpetual messages have beyond spot ones, and names streams by template.
    const message = codec === "sbe" ? toSpot(original) : original;
    const stream = message.stream ?? "";
    const position = positions.get(stream) ?? positions.size;
    positions.set(stream, position);
    streamOf[n] = position;
    if (codec === "sbe") return encodeSbeOrExplain(original.stream, message, n);
    const asRecorded = mode === "passthrough" ? recorded : null;
    return text.encode(
      asRecorded === null ? encodeJson(message, n) : sequenceMember(n) + asRecorded.slice(1),
    );
  });
  return { payloads, streams: [...positions.keys()], streamOf };
}

/** A capture may hold what SBE cannot carry, such as decimals beyond 64 bits: the user's to put right. */
function encodeSbeOrExplain(stream: string | null, message: FeedMessage["message"], n: number): Uint8Array {
  try {
    return encodeSbe(message, n);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw new FeedError(`feed: message ${n} of ${stream} cannot be sent as SBE (${error.message}); use JSON`);
  }
}
