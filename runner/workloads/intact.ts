import { jsonSequenceOf, SEQUENCE_OFFSET, SEQUENCE_WIDTH } from "../../schemas/codec/json.ts";
import { sbeSequenceOf } from "../../schemas/codec/sbe.ts";
import { type DataOpcode, opcodes } from "../load/frame.ts";
import { ExactCheck, type PayloadCheck } from "../load/payload.ts";
import type { MessageShape } from "../load/shape.ts";
import type { Slab } from "../load/slab.ts";

/** Reads the sequence of a received message and says whether it is the one that was sent; −1 for one that is not. */
export type Identify = (opcode: number, bytes: Uint8Array, start: number, end: number) => number;

/**
 * Every received message is compared with what was sent, byte for byte. A JSON message may come back with its sequence
 * written without the padding (a server that parses and encodes again does that): all before and behind the sequence is
 * compared, and the sequence is parsed.
 */
export function identifyMessages(codec: "json" | "sbe", sent: readonly Uint8Array[]): Identify {
  const buffers = sent.map((payload) => Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength));
  return codec === "json" ? identifyJson((n) => buffers[n]) : identifySbe(buffers);
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

function identifySbe(sent: readonly Buffer[]): Identify {
  return (opcode, bytes, start, end) => {
    if (opcode !== opcodes.binary) return -1;
    const n = sbeSequenceOf(bytes, start, end - start);
    const expected = sent[n];
    if (expected === undefined || expected.length !== end - start) return -1;
    return expected.compare(bytes, start, end) === 0 ? n : -1;
  };
}

/**
 * For echoed JSON of one shape: byte for byte as sent, or with the sequence's padding taken out, which is what a server
 * that parses and encodes again returns (a declared gap of some frameworks; the contract suite tells of it).
 */
export class RewrittenJsonCheck implements PayloadCheck {
  readonly #exact: ExactCheck;
  readonly #identify: Identify;

  constructor(shape: MessageShape) {
    this.#exact = new ExactCheck(shape);
    const message = Buffer.from(shape.template);
    this.#identify = identifyJson((n) => (n >= 0 ? message : undefined));
  }

  sequenceOf(opcode: DataOpcode, slab: Slab, start: number, end: number): number {
    const n = this.#exact.sequenceOf(opcode, slab, start, end);
    return n >= 0 ? n : this.#identify(opcode, slab.bytes, start, end);
  }
}
