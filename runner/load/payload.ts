import type { Corruption } from "../../schemas/load.ts";
import { BufferView } from "./buffer-view.ts";
import { ByteMatcher } from "./byte-matcher.ts";
import type { DataOpcode } from "./frame.ts";
import { type MessageShape, readSequence, type SequenceField } from "./shape.ts";

/** Reads the sequence of a received message; −1 when the message is not one that was due. */
export interface PayloadCheck {
  /** What every message must be, once that is known to the byte. */
  readonly shape?: MessageShape | undefined;
  sequenceOf(opcode: DataOpcode, buffer: BufferView, start: number, end: number): number;
  /** The rule that a message broke for which `sequenceOf` gave −1. Apart from it, as it is asked of few and may take its time. */
  faultOf(opcode: DataOpcode, buffer: BufferView, start: number, end: number): Corruption;
  /** Whether a message that was due has come with its JSON encoded anew; where a check allows none, left out. */
  isRewritten?(start: number, end: number): boolean;
}

/** Those made last. Messages of a cell's thousands of connections differ on one side of the sequence, and share what is on the other. */
let lastBefore: ByteMatcher | null = null;
let lastAfter: ByteMatcher | null = null;

function matcherOf(last: ByteMatcher | null, template: Uint8Array, from: number, to: number) {
  if (from === to) return null;
  return last?.isOf(template, from, to) === true ? last : new ByteMatcher(template, from, to);
}

/** Compares opcode, length and every byte but the sequence with what was sent. */
export class ExactCheck implements PayloadCheck {
  readonly shape: MessageShape;
  readonly #opcode: DataOpcode;
  readonly #length: number;
  readonly #sequence: SequenceField;
  readonly #before: ByteMatcher | null;
  readonly #after: ByteMatcher | null;

  constructor(shape: MessageShape) {
    const { opcode, template, sequence } = shape;
    this.shape = shape;
    this.#opcode = opcode;
    this.#length = template.length;
    this.#sequence = sequence;
    const afterAt = sequence.at + sequence.bytes;
    this.#before = matcherOf(lastBefore, template, 0, sequence.at);
    this.#after = matcherOf(lastAfter, template, afterAt, template.length);
    [lastBefore, lastAfter] = [this.#before, this.#after];
  }

  sequenceOf(opcode: DataOpcode, buffer: BufferView, start: number, end: number): number {
    if (opcode !== this.#opcode || end - start !== this.#length) return -1;
    if (this.#after !== null && !this.#after.matches(buffer, start)) return -1;
    if (this.#before !== null && !this.#before.matches(buffer, start)) return -1;
    return readSequence(this.#sequence, buffer, start);
  }

  faultOf(opcode: DataOpcode, { bytes }: BufferView, start: number, end: number): Corruption {
    return faultAgainst(this.shape, opcode, bytes, start, end);
  }
}

/** How a message differs from its shape: in its opcode, its length, a byte, or else in a sequence that is none. */
export function faultAgainst(
  { opcode, template, sequence }: MessageShape,
  came: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): Corruption {
  if (came !== opcode) return { rule: "opcode", expected: opcode, got: came };
  if (end - start !== template.length) return { rule: "length", expected: template.length, got: end - start };
  const isSequence = (at: number) => at >= sequence.at && at < sequence.at + sequence.bytes;
  for (let at = 0; at < template.length; at += 1) {
    if (!isSequence(at) && bytes[start + at] !== template[at]) return { rule: "bytes", at };
  }
  return { rule: "sequence" };
}

/** A first message that is none of its codec, or not of the size that was asked for. */
export class FirstMessageError extends Error {
  readonly corruption: Corruption;

  constructor(corruption: Corruption) {
    super(corruption.why ?? corruption.rule);
    this.corruption = corruption;
  }
}

/**
 * Takes the first message that is what was asked for as the pattern for all that follow: for messages that the server makes
 * up itself, whose sequence alone changes.
 */
export class FirstMessageCheck implements PayloadCheck {
  readonly #shapeOf: (opcode: DataOpcode, message: Uint8Array) => MessageShape;
  #exact: ExactCheck | undefined;
  #refused: Corruption = { rule: "schema" };

  /** `shapeOf` throws FirstMessageError for what is no message of the codec, or of another size than was asked. */
  constructor(shapeOf: (opcode: DataOpcode, message: Uint8Array) => MessageShape) {
    this.#shapeOf = shapeOf;
  }

  get shape(): MessageShape | undefined {
    return this.#exact?.shape;
  }

  sequenceOf(opcode: DataOpcode, buffer: BufferView, start: number, end: number): number {
    this.#exact ??= this.#adopt(opcode, buffer.bytes.slice(start, end));
    return this.#exact?.sequenceOf(opcode, buffer, start, end) ?? -1;
  }

  faultOf(opcode: DataOpcode, buffer: BufferView, start: number, end: number): Corruption {
    return this.#exact?.faultOf(opcode, buffer, start, end) ?? this.#refused;
  }

  #adopt(opcode: DataOpcode, message: Uint8Array): ExactCheck | undefined {
    try {
      const shape = this.#shapeOf(opcode, message);
      if (readSequence(shape.sequence, new BufferView(message), 0) >= 0) return new ExactCheck(shape);
      this.#refused = { rule: "sequence" };
    } catch (error) {
      this.#refused =
        error instanceof FirstMessageError ? error.corruption : { rule: "schema", why: String(error) };
    }
    return undefined;
  }
}
