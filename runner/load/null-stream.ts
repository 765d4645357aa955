import { int32 } from "./int32.ts";
import { ServerFrames } from "./server-frames.ts";
import type { MessageShape } from "./shape.ts";

/** Writes `bytes[at, at + length)` and gives how many bytes were taken. */
export type TakeBytes = (bytes: Uint8Array, at: number, length: number) => number;

/** Large enough that a system call's cost is spread over thousands of frames, small enough to stay in the core's cache. */
const blockBytes = 256 * 1024;

/**
 * An endless stream of server frames with rising sequences, of which all but the sequence is built once. It keeps no
 * queue: what the socket did not take follows from the position alone.
 */
export class NullStream {
  readonly #frames: ServerFrames;
  readonly #firstSequence: number;
  /** The block holds frames `[from, to)`, counted from the stream's start. */
  #from = 0;
  #to = 0;
  /** Bytes taken, of the `#target` that should leave. They count the stream, and are offsets only less the block's start. */
  #position = 0;
  #target = 0;

  constructor(shape: MessageShape, firstSequence = 0) {
    this.#frames = new ServerFrames(shape, blockBytes);
    this.#firstSequence = firstSequence;
  }

  /** `frames` more should leave. */
  owe(frames: number): void {
    this.#target += frames * this.#frames.frameBytes;
  }

  get isDone(): boolean {
    return this.#position === this.#target;
  }

  /** Offers at most one block to `take`. False when the socket took less than it was offered. */
  write(take: TakeBytes): boolean {
    const { frameBytes, capacity, buffer } = this.#frames;
    const frame = Math.floor(this.#position / frameBytes);
    if (frame >= this.#from + capacity) {
      this.#from = frame;
      this.#to = frame;
    }
    const blockStart = this.#from * frameBytes;
    const end = Math.min(this.#target, blockStart + buffer.bytes.length);
    this.#number(Math.ceil(end / frameBytes));
    const wanted = int32(end - this.#position);
    const taken = Math.max(0, take(buffer.bytes, int32(this.#position - blockStart), wanted));
    this.#position += taken;
    return taken === wanted;
  }

  /** Gives each frame of the block before `to` its sequence, once. */
  #number(to: number): void {
    if (to <= this.#to) return;
    this.#frames.number(this.#to - this.#from, to - this.#from, this.#firstSequence + this.#to);
    this.#to = to;
  }
}
