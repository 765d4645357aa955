import type { z } from "zod";
import { frames, type MarketMessage, type Sequenced } from "../market.ts";
import { type StreamKind, streamKind, streamSymbol } from "../stream.ts";
import { CodecError } from "./error.ts";
import { SEQUENCE_WIDTH } from "./json-peek.ts";
import { longText } from "./text.ts";

export { jsonSequenceOf, jsonStreamOf, SEQUENCE_OFFSET, SEQUENCE_WIDTH } from "./json-peek.ts";

/**
 * Encodes in the combined wrapper: `{"n":         7,"stream":"btcusdt@trade","data":{…}}`.
 * `n` is padded with spaces to SEQUENCE_WIDTH, so that a receiver reads it at a fixed place. Without `n`, or with −1,
 * the text is the exchange's own, byte for byte. A message without a stream (the REST snapshot) has no wrapper.
 */
export function encodeJson(message: MarketMessage, n = -1): string {
  const data = JSON.stringify(message.data);
  const head = n < 0 ? "{" : sequenceMember(n);
  if (message.stream === null) return head + data.slice(1);
  return `${head}"stream":"${message.stream}","data":${data}}`;
}

/** How a frame with sequence `n` begins, to the comma before its next member: `{"n":         7,`. */
export function sequenceMember(n: number): string {
  return `{"n":${String(n).padStart(SEQUENCE_WIDTH)},`;
}

/** Parses and validates one frame. Throws CodecError (`text`, `value`) for anything that is not a market message. */
export function decodeJson(frame: string | Uint8Array): Sequenced {
  const text = typeof frame === "string" ? frame : longText(frame);
  if (text === null) throw new CodecError("text", "frame is not UTF-8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CodecError("text", "frame is not JSON");
  }
  return readFrame(value);
}

/** Validates a frame that some framework has parsed already. Throws as decodeJson does. */
export function readFrame(value: unknown): Sequenced {
  if (typeof value !== "object" || value === null) throw new CodecError("value", "frame is not an object");
  if (!("stream" in value)) {
    const { n = -1, ...data } = validate(frames.restSnapshot, value);
    return { n, message: { kind: "depthSnapshot", stream: null, data } };
  }
  const kind = typeof value.stream === "string" ? streamKind(value.stream) : null;
  if (kind === null) throw new CodecError("value", `stream: not a market stream: ${brief(value.stream)}`);
  const sequenced = read(kind, value);
  const { stream, data } = sequenced.message;
  if (stream !== null && "s" in data && data.s.toLowerCase() !== streamSymbol(stream))
    throw new CodecError("value", `data.s: ${data.s} is not the symbol of the stream ${stream}`);
  return sequenced;
}

/** One parse a frame: the stream names the kind, and a member that spot lacks distinguishes the two markets. */
function read(kind: StreamKind, value: object): Sequenced {
  switch (kind) {
    case "trade": {
      const schema = hasData(value, "X") ? frames.perpetualTrade : frames.spotTrade;
      const { n = -1, stream, data } = validate<z.infer<typeof schema>>(schema, value);
      return { n, message: { kind, stream, data } };
    }
    case "bookTicker": {
      const schema = hasData(value, "e") ? frames.perpetualBookTicker : frames.spotBookTicker;
      const { n = -1, stream, data } = validate<z.infer<typeof schema>>(schema, value);
      return { n, message: { kind, stream, data } };
    }
    case "depthUpdate": {
      const schema = hasData(value, "pu") ? frames.perpetualDepthUpdate : frames.spotDepthUpdate;
      const { n = -1, stream, data } = validate<z.infer<typeof schema>>(schema, value);
      return { n, message: { kind, stream, data } };
    }
    case "depthSnapshot": {
      const { n = -1, stream, data } = validate(frames.partialBook, value);
      return { n, message: { kind, stream, data } };
    }
  }
}

function hasData(frame: object, member: string): boolean {
  return "data" in frame && typeof frame.data === "object" && frame.data !== null && member in frame.data;
}

function validate<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new CodecError("value", `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not valid"}`);
}

function brief(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, 64);
}
