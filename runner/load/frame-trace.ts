import type { SeenFrame } from "../../schemas/seen-frame.ts";
import type { TrialPhase } from "../../schemas/trial-phase.ts";
import { visible } from "../../schemas/visible.ts";
import type { ConnectionTap } from "./connection.ts";
import { opcodes } from "./frame.ts";

/** How much of a payload is kept, in bytes. */
const previewBytes = 160;
/** Longest that a frame waits to be reported, in ms: somebody is looking. */
const flushMs = 50;

/** The first frames of each phase of a trial in each direction, taken from the bytes on the wire, for somebody who looks at them. */
export class FrameTrace {
  phase: TrialPhase = "connect";
  readonly #most: number;
  readonly #report: (frames: SeenFrame[]) => void;
  readonly #clock: () => number;
  readonly #beganMs: number;
  /** Frames taken, by phase and direction. */
  readonly #taken = new Map<string, number>();
  #unreported: SeenFrame[] = [];
  #connections = 0;
  #timer: Timer | undefined;

  constructor(most: number, report: (frames: SeenFrame[]) => void, clock: () => number) {
    this.#most = most;
    this.#report = report;
    this.#clock = clock;
    this.#beganMs = clock();
  }

  /** Watches one more connection. */
  tap(): ConnectionTap {
    const connection = this.#connections++;
    const readerOf = (direction: SeenFrame["direction"]) =>
      new FrameReader(
        () => (this.#taken.get(`${this.phase} ${direction}`) ?? 0) < this.#most,
        (frame) => this.#take({ connection, direction, ...frame }),
      );
    const [sent, received] = [readerOf("sent"), readerOf("received")];
    return {
      sent: (bytes, from, to) => sent.push(bytes, from, to),
      received: (bytes) => received.push(bytes, 0, bytes.length),
    };
  }

  /** Reports what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#unreported.length === 0) return;
    const frames = this.#unreported;
    this.#unreported = [];
    this.#report(frames);
  }

  #take(frame: Omit<SeenFrame, "atMs" | "phase">): void {
    const key = `${this.phase} ${frame.direction}`;
    this.#taken.set(key, (this.#taken.get(key) ?? 0) + 1);
    this.#unreported.push({ ...frame, atMs: this.#clock() - this.#beganMs, phase: this.phase });
    this.#timer ??= setTimeout(() => this.flush(), flushMs);
  }
}

type Frame = Pick<SeenFrame, "opcode" | "final" | "bytes" | "payload">;

/** Longest header: two bytes, eight of the length, four of the mask. */
const headerBytesMax = 14;

/** Finds the frames in one direction's bytes, however they are cut. It trusts nothing but their lengths. */
class FrameReader {
  readonly #isWanted: () => boolean;
  readonly #onFrame: (frame: Frame) => void;
  readonly #header = new Uint8Array(headerBytesMax);
  #headerBytes = 0;
  #payloadBytes = 0;
  #left = 0;
  readonly #preview = new Uint8Array(previewBytes);
  #previewBytes = 0;

  constructor(isWanted: () => boolean, onFrame: (frame: Frame) => void) {
    this.#isWanted = isWanted;
    this.#onFrame = onFrame;
  }

  push(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to) {
      if (this.#headerBytes < this.#headerNeeded()) {
        this.#header[this.#headerBytes++] = bytes[at++] ?? 0;
        if (this.#headerBytes === this.#headerNeeded()) this.#begin();
        continue;
      }
      const taken = Math.min(this.#left, to - at);
      const kept = Math.min(taken, previewBytes - this.#previewBytes);
      this.#preview.set(bytes.subarray(at, at + kept), this.#previewBytes);
      this.#previewBytes += kept;
      this.#left -= taken;
      at += taken;
      if (this.#left === 0) this.#end();
    }
  }

  /** Bytes of the header, as far as the bytes that are there show it. */
  #headerNeeded(): number {
    if (this.#headerBytes < 2) return 2;
    const second = this.#header[1] ?? 0;
    const length = second & 0x7f;
    return 2 + (length === 127 ? 8 : length === 126 ? 2 : 0) + (second >= 0x80 ? 4 : 0);
  }

  #begin(): void {
    const view = new DataView(this.#header.buffer);
    const length = (this.#header[1] ?? 0) & 0x7f;
    if (length === 127) this.#payloadBytes = Number(view.getBigUint64(2));
    else this.#payloadBytes = length === 126 ? view.getUint16(2) : length;
    this.#left = this.#payloadBytes;
    this.#previewBytes = 0;
    if (this.#left === 0) this.#end();
  }

  #end(): void {
    if (this.#isWanted()) this.#onFrame(this.#frame());
    this.#headerBytes = 0;
  }

  #frame(): Frame {
    const [first = 0, second = 0] = this.#header;
    const payload = this.#preview.slice(0, this.#previewBytes);
    if (second >= 0x80) {
      const mask = this.#header.subarray(this.#headerBytes - 4, this.#headerBytes);
      for (let i = 0; i < payload.length; i += 1) payload[i] = (payload[i] ?? 0) ^ (mask[i % 4] ?? 0);
    }
    const opcode = first & 0x0f;
    return {
      opcode,
      final: first >= 0x80,
      bytes: this.#payloadBytes,
      payload: previewOf(opcode, payload),
    };
  }
}

function previewOf(opcode: number, payload: Uint8Array): string {
  if (opcode === opcodes.text) return visible(new TextDecoder().decode(payload));
  if (opcode !== opcodes.close || payload.length < 2) return Buffer.from(payload).toString("hex");
  const code = new DataView(payload.buffer).getUint16(0);
  return `${code} ${visible(new TextDecoder().decode(payload.subarray(2)))}`.trim();
}
