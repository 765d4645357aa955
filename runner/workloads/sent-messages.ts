import { jsonSequenceOf, SEQUENCE_OFFSET, SEQUENCE_WIDTH } from "../../schemas/codec/json.ts";
import { sbeSequenceOf } from "../../schemas/codec/sbe.ts";
import type { Corruption } from "../../schemas/load.ts";
import type { BufferView } from "../load/buffer-view.ts";
import { type DataOpcode, opcodes } from "../load/frame.ts";
import { ExactCheck, faultAgainst, type PayloadCheck } from "../load/payload.ts";
import { jsonShape, type MessageShape, sbeShape } from "../load/shape.ts";

/** Reads the sequence of a received message and says whether it is the one that was sent; −1 for one that is not. */
type Identify = (opcode: number, bytes: Uint8Array, start: number, end: number) => number;

/**
 * The first sequence of what is sent to verify and to warm a cell, far above those of any schedule: what a server sees before
 * a window is never what the window sends, so that it cannot be kept and sent early. Below 2^31, as all sequences, so that
 * they stay int32 for the engine; 2^30 messages are more than any warm-up sends.
 */
export const warmUpFrom = 2 ** 30;

/**
 * The messages of an open loop: those of its schedule, numbered from 0, and those of its warm-up, numbered from `warmUpFrom`,
 * which are the schedule's first `warmUpMessages` again and again under new numbers.
 *
 * Every received message is compared with what was sent, byte for byte. A JSON message may come back with its sequence
 * written without the padding (a server that parses and encodes again does that): all before and behind the sequence is
 * compared, and the sequence is parsed.
 */
export class SentMessages {
  readonly #codec: "json" | "sbe";
  readonly #numberFrom: number;
  readonly #sent: (sequence: number) => Buffer | undefined;
  /** Gives the message's number, −1 for one that was not to be sent. */
  readonly identify: Identify;

  /** The schedule's first message carries the sequence `numberFrom`, and is number 0 all the same. */
  constructor(
    codec: "json" | "sbe",
    sent: readonly Uint8Array[],
    { numberFrom = 0, warmUpMessages = sent.length } = {},
  ) {
    const buffers = sent.map((one) => Buffer.from(one.buffer, one.byteOffset, one.byteLength));
    this.#codec = codec;
    this.#numberFrom = numberFrom;
    this.#sent = (sequence) => {
      if (sequence < warmUpFrom) return buffers[sequence - numberFrom];
      return sequence < 2 * warmUpFrom ? buffers[(sequence - warmUpFrom) % warmUpMessages] : undefined;
    };
    const identify = codec === "json" ? identifyJson(this.#sent) : identifySbe(this.#sent);
    this.identify = (opcode, bytes, start, end) => {
      const sequence = identify(opcode, bytes, start, end);
      return sequence < 0 || sequence >= warmUpFrom ? sequence : sequence - numberFrom;
    };
  }

  /** The rule that a message broke which `identify` gave −1 for. */
  faultOf(opcode: number, bytes: Uint8Array, start: number, end: number): Corruption {
    const isJson = this.#codec === "json";
    const expected = isJson ? opcodes.text : opcodes.binary;
    if (opcode !== expected) return { rule: "opcode", expected, got: opcode };
    const n = (isJson ? jsonSequenceOf : sbeSequenceOf)(bytes, start, end - start);
    const message = n < 0 ? undefined : this.#sent(n);
    if (message === undefined) return n < 0 ? { rule: "sequence" } : { rule: "sequence", got: n };
    const shape = isJson ? jsonShape(message.toString()) : sbeShape(message);
    return faultAgainst(shape, opcode, bytes, start, end);
  }

  /** Whether message `n` has come with its JSON encoded anew. */
  isRewritten(n: number, start: number, end: number): boolean {
    const sequence = n < warmUpFrom ? n + this.#numberFrom : n;
    return this.#codec === "json" && this.#sent(sequence)?.length !== end - start;
  }
}

const tailFrom = SEQUENCE_OFFSET + SEQUENCE_WIDTH;
/** `{"n":` and a digit, the least that can stand before the tail. */
const headMin = SEQUENCE_OFFSET + 1;
const headKey = new TextEncoder().encode('{"n":');
const space = 0x20;
const zero = 0x30;
const nine = 0x39;

function identifyJson(sent: (n: number) => Buffer | undefined): Identify {
  return (opcode, bytes, start, end) => {
    if (opcode !== opcodes.text) return -1;
    const n = jsonSequenceOf(bytes, start, end - start);
    const expected = sent(n);
    if (expected === undefined) return -1;
    const tailAt = end - (expected.length - tailFrom);
    if (tailAt < start + headMin || tailAt > start + tailFrom) return -1;
    if (!isHead(bytes, start, tailAt)) return -1;
    // `compare` gives 0 for equal bytes; it reads both in place.
    return expected.compare(bytes, tailAt, end, tailFrom) === 0 ? n : -1;
  };
}

/** Whether `[start, tailAt)` is the key, any padding, and a number as JSON writes it, and nothing else: the reader of sequences takes more. */
function isHead(bytes: Uint8Array, start: number, tailAt: number): boolean {
  for (let i = 0; i < SEQUENCE_OFFSET; i += 1) if (bytes[start + i] !== headKey[i]) return false;
  let at = start + SEQUENCE_OFFSET;
  while (at < tailAt && bytes[at] === space) at += 1;
  if (at === tailAt || (bytes[at] === zero && at + 1 < tailAt)) return false;
  while (at < tailAt && bytes[at]! >= zero && bytes[at]! <= nine) at += 1;
  return at === tailAt;
}

function identifySbe(sent: (n: number) => Buffer | undefined): Identify {
  return (opcode, bytes, start, end) => {
    if (opcode !== opcodes.binary) return -1;
    const n = sbeSequenceOf(bytes, start, end - start);
    const expected = sent(n);
    if (expected === undefined || expected.length !== end - start) return -1;
    const at = sequenceAt(expected);
    const behind = at + 8;
    // The sequence itself is what names the message; all around it is compared.
    if (expected.compare(bytes, start, start + at, 0, at) !== 0) return -1;
    return expected.compare(bytes, start + behind, end, behind) === 0 ? n : -1;
  };
}

/** The sequence is the last 8 bytes of the root block, whose length comes first, behind a header of 8 bytes. */
function sequenceAt(message: Buffer): number {
  return message[0]! | (message[1]! << 8);
}

/**
 * For echoed JSON of one shape: byte for byte as sent, or with the sequence's padding taken out, which is what a server
 * that parses and encodes again returns. It is reported, by the length, and is no fault of the delivery.
 */
export class RewrittenJsonCheck implements PayloadCheck {
  /** What a server that rewrites nothing returns. */
  readonly shape: MessageShape;
  readonly #exact: ExactCheck;
  readonly #identify: Identify;
  readonly #length: number;

  constructor(shape: MessageShape) {
    this.shape = shape;
    this.#exact = new ExactCheck(shape);
    this.#length = shape.template.length;
    const message = Buffer.from(shape.template);
    this.#identify = identifyJson((n) => (n >= 0 ? message : undefined));
  }

  sequenceOf(opcode: DataOpcode, buffer: BufferView, start: number, end: number): number {
    const n = this.#exact.sequenceOf(opcode, buffer, start, end);
    return n >= 0 ? n : this.#identify(opcode, buffer.bytes, start, end);
  }

  faultOf(opcode: DataOpcode, buffer: BufferView, start: number, end: number): Corruption {
    return this.#exact.faultOf(opcode, buffer, start, end);
  }

  isRewritten(start: number, end: number): boolean {
    return end - start !== this.#length;
  }
}
