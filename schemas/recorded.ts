import { CodecError } from "./codec/error.ts";
import { readFrame } from "./codec/json.ts";
import {
  depthSnapshot,
  type MarketMessage,
  perpetualBookTicker,
  perpetualDepthUpdate,
  perpetualTrade,
  spotBookTicker,
  spotDepthUpdate,
  spotTrade,
} from "./market.ts";
import { type StreamKind, streamKind, streamName } from "./stream.ts";

/** What a frame of a recording is: a market message under its stream, or something else. */
export type Recorded =
  | { readonly message: MarketMessage & { readonly stream: string } }
  /** In a few words, under which such frames are counted, and why where it would have been a market message. */
  | { readonly leftOut: string; readonly reason: string | null };

/**
 * Reads a parsed frame as recordings hold it: in the combined wrapper or without it, with members that the exchange has added or
 * taken away (`ps` and `st` of coin-margined contracts, `b` and `a` of trades until June 2024, `T` of a futures snapshot), with
 * event times in µs, with levels of three members. What comes of it has the members that `market.ts` knows, and is valid by it.
 * `stream` is for frames that name none; without it they go by their event and symbol.
 */
export function readRecorded(frame: unknown, stream: string | null): Recorded {
  if (!isObject(frame)) return other("no JSON object");
  const wrapped = typeof frame.stream === "string" && "data" in frame;
  const data = wrapped ? frame.data : frame;
  const named = wrapped ? String(frame.stream) : null;
  const kind = isObject(data) ? kindOf(data) : null;
  if (!isObject(data) || kind === null) return other(otherKind(data, named));
  const recordedStream = streamOf(kind, data, named, stream);
  if (recordedStream === null)
    return other(kind === "depthSnapshot" ? "order book without a stream" : `${kind} without a symbol`);
  try {
    const { message } = readFrame({
      stream: recordedStream,
      data: knownMembers(streamKind(recordedStream) ?? kind, data),
    });
    return { message: { ...message, stream: recordedStream } as MarketMessage & { stream: string } };
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return { leftOut: `unreadable ${kind}`, reason: error.message };
  }
}

type Members = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function other(leftOut: string): Recorded {
  return { leftOut, reason: null };
}

const events: ReadonlyMap<string, Exclude<StreamKind, "depthSnapshot">> = new Map(
  (["trade", "bookTicker", "depthUpdate"] as const).map((kind) => [kind, kind]),
);

function kindOf(data: Members): StreamKind | null {
  if (typeof data.e === "string") return events.get(data.e) ?? null;
  if ("lastUpdateId" in data && "bids" in data && "asks" in data) return "depthSnapshot";
  return ["u", "s", "b", "B", "a", "A"].every((name) => name in data) ? "bookTicker" : null;
}

function otherKind(data: unknown, stream: string | null): string {
  if (isObject(data) && typeof data.e === "string") return word(data.e);
  if (stream !== null) return word(stream.slice(stream.indexOf("@") + 1));
  if (!isObject(data)) return "no JSON object";
  if ("result" in data && "id" in data) return "answer to a request";
  return "error" in data || ("code" in data && "msg" in data) ? "error message" : "unknown message";
}

/** Names come from a file, and go to a terminal and a report. */
function word(text: string): string {
  return text.replaceAll(/[^\w!@.-]+/g, "?").slice(0, 32) || "unknown message";
}

const suffixes = { trade: "@trade", bookTicker: "@bookTicker", depthUpdate: "@depth" } as const;

/** The stream that a message goes out on: the one it names, the one that all are said to have, or the one that its symbol says. */
function streamOf(
  kind: StreamKind,
  data: Members,
  named: string | null,
  fallback: string | null,
): string | null {
  for (const name of [named, fallback]) {
    if (name !== null && streamName.safeParse(name).success && carries(streamKind(name), kind)) return name;
  }
  const { s } = data;
  return kind === "depthSnapshot" || typeof s !== "string" ? null : s.toLowerCase() + suffixes[kind];
}

/** Futures send the top of the book in the form of an update. */
function carries(stream: StreamKind | null, kind: StreamKind): boolean {
  return stream === kind || (stream === "depthSnapshot" && kind === "depthUpdate");
}

/** The members that the market schema has for a kind, in the form that it has them in. */
function knownMembers(kind: StreamKind, data: Members): Members {
  switch (kind) {
    case "trade":
      return pick("X" in data ? perpetualTrade.shape : spotTrade.shape, data);
    case "bookTicker":
      return pick("e" in data ? perpetualBookTicker.shape : spotBookTicker.shape, data);
    case "depthUpdate":
      return withLevels(
        pick("pu" in data ? perpetualDepthUpdate.shape : spotDepthUpdate.shape, data),
        "b",
        "a",
      );
    case "depthSnapshot": {
      const { u, b, a } = data;
      const top = "lastUpdateId" in data ? data : { lastUpdateId: u, bids: b, asks: a, E: data.E };
      return withLevels(pick(depthSnapshot.shape, top), "bids", "asks");
    }
  }
}

function pick(shape: object, data: Members): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(shape)) {
    const value = data[name];
    if (value === undefined) continue;
    kept[name] = name === "E" || name === "T" ? inMs(value) : value;
  }
  return kept;
}

/** A price level may have a third member, which has always been empty. */
function withLevels(data: Record<string, unknown>, ...sides: readonly string[]): Members {
  for (const side of sides) {
    const levels = data[side];
    if (!Array.isArray(levels)) continue;
    data[side] = levels.map((level: unknown) => (Array.isArray(level) ? level.slice(0, 2) : level));
  }
  return data;
}

/** Event times of 16 digits are µs and of 19 are ns; SBE has them in µs as well, and the JSON messages here in ms. */
function inMs(value: unknown): unknown {
  if (typeof value !== "number" || !(value >= 1e14)) return value;
  return Math.floor(value / (value >= 1e17 ? 1e6 : 1e3));
}
