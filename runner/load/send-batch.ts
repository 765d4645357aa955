import { BufferView } from "./buffer-view.ts";
import { clientFrameBytes, clientHeaderBytes, writeClientFrame } from "./frame.ts";
import { int32 } from "./int32.ts";
import { randomMask } from "./mask.ts";
import { SequenceWriter } from "./sequences.ts";
import { type MessageShape, writeSequence } from "./shape.ts";

/** Bytes that the frames of many batches share; a batch of more than an eighth of it has its own buffer. */
const blockBytes = 262_144;

/**
 * Room for the frames of many connections in few buffers. A buffer with its views costs some 300 bytes more than it holds, for each
 * of thousands of connections that have one frame.
 */
export class FrameRoom {
  #block: BufferView | undefined;
  #used = 0;

  take(bytes: number): { readonly buffer: BufferView; readonly at: number } {
    if (bytes > blockBytes / 8) return { buffer: BufferView.ofSize(bytes), at: 0 };
    if (this.#block === undefined || this.#used + bytes > blockBytes) {
      this.#block = BufferView.ofSize(blockBytes);
      this.#used = 0;
    }
    const at = int32(this.#used);
    this.#used += bytes;
    return { buffer: this.#block, at };
  }
}

/**
 * Client frames of one shape side by side, masked once, each with its own random mask. Sending costs no more than
 * putting a sequence into each frame and one write for all.
 */
export class SendBatch {
  readonly bytes: Uint8Array;
  /** Where in `bytes` the first frame begins. */
  readonly from: number;
  readonly #frameBytes: number;
  readonly #headerBytes: number;
  readonly #sequences: SequenceWriter;
  /** Masks as they lie over the sequence field, whose offset turns them. */
  readonly #masks: Int32Array;

  /** `room` where other batches share the buffer. */
  constructor({ opcode, template, sequence }: MessageShape, frames: number, room?: FrameRoom) {
    this.#frameBytes = int32(clientFrameBytes(template.length));
    this.#headerBytes = int32(clientHeaderBytes(template.length));
    const bytes = frames * this.#frameBytes;
    const { buffer, at } = room?.take(bytes) ?? { buffer: BufferView.ofSize(bytes), at: 0 };
    this.from = at;
    this.bytes = buffer.bytes;
    this.#sequences = new SequenceWriter(sequence, buffer, this.#frameBytes);
    this.#masks = new Int32Array(frames);
    const first = BufferView.ofSize(template.length);
    first.bytes.set(template);
    writeSequence(sequence, first, 0, 0);
    const turn = 8 * (sequence.at & 3);
    for (let i = 0; i < frames; i++) {
      const mask = randomMask();
      this.#masks[i] = (mask >>> turn) | (mask << ((32 - turn) & 31));
      writeClientFrame(buffer, at + i * this.#frameBytes, opcode, first.bytes, mask);
    }
  }

  /** Makes the first `count` frames carry the sequences from `first`; gives how many bytes they take from `from` on. */
  patch(first: number, count: number): number {
    this.#sequences.write(this.from + this.#headerBytes, first, count, this.#masks);
    return int32(count * this.#frameBytes);
  }
}
