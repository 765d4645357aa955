import { CodecError } from "../../schemas/codec/error.ts";
import { decodeJson, encodeJson, jsonStreamOf } from "../../schemas/codec/json.ts";
import { decodeSbe, encodeSbe, sbeStreamOf } from "../../schemas/codec/sbe.ts";
import type { MarketMessage, Sequenced } from "../../schemas/market.ts";
import type { Codec } from "./admission.ts";
import type { Data } from "./peer.ts";

/** The stream of an upstream message: text is JSON, binary is SBE. Throws CodecError where it names none. */
export function streamOf(data: Data, isText: boolean): string {
  const stream = isText ? jsonStreamOf(data) : sbeStreamOf(bytesOf(data));
  if (stream === null) throw new CodecError("value", "names no stream");
  return stream;
}

/** Decodes and validates an upstream message. Throws CodecError. */
export function decode(data: Data, isText: boolean): Sequenced {
  return isText ? decodeJson(data) : decodeSbe(bytesOf(data));
}

/** Encodes for the subscribers of one codec: JSON as a string, SBE as a Node buffer, which every framework takes. */
export function encode(message: MarketMessage, n: number, codec: Codec): Data {
  return codec === "json" ? encodeJson(message, n) : nodeBuffer(encodeSbe(message, n));
}

/** The same memory as a Node buffer. Elysia writes any other kind of bytes as JSON. */
export function nodeBuffer(bytes: Uint8Array<ArrayBuffer>): Buffer<ArrayBuffer> {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function bytesOf(data: Data): Buffer {
  if (typeof data === "string") throw new CodecError("text", "binary message expected");
  return data;
}
