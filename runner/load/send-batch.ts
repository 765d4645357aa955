import { BufferView } from "./buffer-view.ts";
import { clientFrameBytes, clientHeaderBytes, writeClientFrame } from "./frame.ts";
import { int32 } from "./int32.ts";
import { randomMask } from "./mask.ts";
import { SequenceWriter } from "./sequences.ts";
import { type MessageShape, writeSequence } from "./shape.ts";

/**
 * Client frames of one shape side by side, masked once, each with a random mask of its own. Sending costs no more than
 * putting a sequence into each frame and one write for all.
 */
export class SendBatch {
  readonly bytes: Uint8Array;
  readonly #frameBytes: number;
  readonly #headerBytes: number;
  readonly #sequences: SequenceWriter;
  /** Masks as they lie over the sequence field, whose offset turns them. */
  readonly #masks: Int32Array;

  constructor({ opcode, template, sequence }: MessageShape, frames: number) {
    this.#frameBytes = int32(clientFrameBytes(template.length));
    this.#headerBytes = int32(clientHeaderBytes(template.length));
    const buffer = BufferView.ofSize(frames * this.#frameBytes);
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
      writeClientFrame(buffer, i * this.#frameBytes, opcode, first.bytes, mask);
    }
  }

  /** Makes the first `count` frames carry the sequences from `first`; gives their length in bytes. */
  patch(first: number, count: number): number {
    this.#sequences.write(this.#headerBytes, first, count, this.#masks);
    return int32(count * this.#frameBytes);
  }
}
