import { sequenceOf } from "../sequence.ts";
import { HEADER_BYTES, layoutOf, OWN_SCHEMA_ID } from "./sbe-layout.ts";

/**
 * The sequence of the message at `bytes[offset, offset + length)`, read at its fixed place without decoding. −1 for the
 * exchange's own schema, which has none, and for bytes too short or not of our schema.
 */
export function sbeSequenceOf(bytes: Uint8Array, offset: number, length: number): number {
  const end = Math.min(offset + length, bytes.length);
  if (offset + HEADER_BYTES > end || word16(bytes, offset + 4) !== OWN_SCHEMA_ID) return -1;
  const layout = layoutOf(word16(bytes, offset + 2));
  // The place counts only where the block reaches over it.
  if (layout === null || word16(bytes, offset) < layout.rootBytes + 8) return -1;
  const at = offset + layout.streamSeq;
  if (at + 8 > end) return -1;
  return sequenceOf(signed32(bytes, at), signed32(bytes, at + 4));
}

function word16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

function signed32(bytes: Uint8Array, at: number): number {
  return word16(bytes, at) | (word16(bytes, at + 2) << 16);
}
