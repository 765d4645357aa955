import { BufferView } from "./buffer-view.ts";
import { int32 } from "./int32.ts";
import { SequenceWriter } from "./sequences.ts";
import { type MessageShape, writeSequence } from "./shape.ts";

/** The header of an unmasked, whole frame (RFC 6455 section 5.2). */
export function serverHeader({ opcode, template }: Pick<MessageShape, "opcode" | "template">): Buffer {
  const { length } = template;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = 0x80 | opcode;
  header[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}

/** Server frames of one shape side by side, of which nothing but the sequences is written anew. */
export class ServerFrames {
  readonly buffer: BufferView;
  readonly frameBytes: number;
  /** Frames that there is room for. */
  readonly capacity: number;
  readonly #headerBytes: number;
  readonly #sequences: SequenceWriter;
  /** A server masks nothing. */
  readonly #masks: Int32Array;

  /** As many frames as fit in `bytes`, `most` at most, and at least one. */
  constructor(shape: MessageShape, bytes: number, most = Number.POSITIVE_INFINITY) {
    const header = serverHeader(shape);
    this.#headerBytes = header.length;
    this.frameBytes = header.length + shape.template.length;
    this.capacity = int32(Math.max(1, Math.min(most, Math.floor(bytes / this.frameBytes))));
    this.buffer = BufferView.ofSize(this.capacity * this.frameBytes);
    this.#sequences = new SequenceWriter(shape.sequence, this.buffer, this.frameBytes);
    this.#masks = new Int32Array(this.capacity);
    for (let at = 0; at < this.buffer.bytes.length; at += this.frameBytes) {
      this.buffer.bytes.set(header, at);
      this.buffer.bytes.set(shape.template, at + header.length);
      writeSequence(shape.sequence, this.buffer, at + header.length, 0);
    }
  }

  /** Gives the frames `[from, to)` of the buffer the sequences from `sequence` on. */
  number(from: number, to: number, sequence: number): void {
    this.#sequences.write(from * this.frameBytes + this.#headerBytes, sequence, to - from, this.#masks);
  }
}
