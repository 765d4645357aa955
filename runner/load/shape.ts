import { SEQUENCE_OFFSET, SEQUENCE_WIDTH } from "../../schemas/codec/json-peek.ts";
import { layoutOf } from "../../schemas/codec/sbe-layout.ts";
import { rawTemplate } from "../../schemas/raw.ts";
import { sequenceOf } from "../../schemas/sequence.ts";
import type { BufferView } from "./buffer-view.ts";
import { type DataOpcode, opcodes } from "./frame.ts";

/** Where a message carries its sequence: 8 bytes little-endian, or 10 decimal digits padded with spaces before. */
export interface SequenceField {
  readonly form: "u64" | "decimal";
  /** Offset from the message's start. */
  readonly at: number;
  readonly bytes: number;
}

/** A message of which nothing but the sequence changes from one to the next. */
export interface MessageShape {
  readonly opcode: DataOpcode;
  /** The message, with any sequence. */
  readonly template: Uint8Array;
  readonly sequence: SequenceField;
}

const twoTo32 = 0x1_0000_0000;
/** One object for all shapes of a codec: thousands of connections have a shape each. */
const rawSequence: SequenceField = { form: "u64", at: 0, bytes: 8 };
const jsonSequence: SequenceField = { form: "decimal", at: SEQUENCE_OFFSET, bytes: SEQUENCE_WIDTH };
const sbeSequences = new Map<number, SequenceField>();
const space = 0x20;
const zero = 0x30;

/** schemas/raw.ts's message of `bytes` bytes. */
export function rawShape(bytes: number, seed: number): MessageShape {
  return {
    opcode: opcodes.binary,
    template: rawTemplate(bytes, seed),
    sequence: rawSequence,
  };
}

/** A text that schemas/codec/json.ts encoded with a sequence. */
export function jsonShape(encoded: string): MessageShape {
  return { opcode: opcodes.text, template: Buffer.from(encoded), sequence: jsonSequence };
}

/** A message that schemas/codec/sbe.ts encoded with a sequence. Throws RangeError for a template it does not know. */
export function sbeShape(encoded: Uint8Array): MessageShape {
  const templateId = encoded[2]! | (encoded[3]! << 8);
  const layout = layoutOf(templateId);
  if (layout === null) throw new RangeError(`SBE template ${templateId} is unknown`);
  const at = layout.streamSeq;
  const sequence = sbeSequences.get(at) ?? { form: "u64", at, bytes: 8 };
  sbeSequences.set(at, sequence);
  return { opcode: opcodes.binary, template: encoded, sequence };
}

/** Sequences below it have no high word. */
export const lowSequences = twoTo32;

/** Writes sequence `n` into the message that begins at `start`. */
export function writeSequence(field: SequenceField, buffer: BufferView, start: number, n: number): void {
  const at = start + field.at;
  if (field.form === "u64") {
    buffer.view.setInt32(at, n | 0, true);
    buffer.view.setInt32(at + 4, (n / twoTo32) | 0, true);
    return;
  }
  let rest = n;
  let place = at + field.bytes - 1;
  do {
    const tenth = Math.floor(rest / 10);
    buffer.bytes[place--] = zero + (rest - 10 * tenth);
    rest = tenth;
  } while (rest > 0 && place >= at);
  while (place >= at) buffer.bytes[place--] = space;
}

/** The sequence of the message that begins at `start`; −1 when its field holds none. */
export function readSequence(field: SequenceField, buffer: BufferView, start: number): number {
  const at = start + field.at;
  if (field.form === "u64") {
    return sequenceOf(buffer.view.getInt32(at, true), buffer.view.getInt32(at + 4, true));
  }
  let place = at;
  const end = at + field.bytes;
  while (place < end && buffer.bytes[place] === space) place++;
  // JSON writes no number with a zero before it.
  if (place === end || (buffer.bytes[place] === zero && place + 1 < end)) return -1;
  let n = 0;
  for (; place < end; place++) {
    const digit = buffer.bytes[place]! - zero;
    // So asked, since a byte beyond the end is NaN here.
    if (!(digit >= 0 && digit <= 9)) return -1;
    n = n * 10 + digit;
  }
  return n;
}
