import { BufferView } from "./buffer-view.ts";

/** RFC 6455 section 5.2. */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
export type Opcode = (typeof opcodes)[keyof typeof opcodes];
/** The opcode of a whole message. */
export type DataOpcode = typeof opcodes.text | typeof opcodes.binary;

export interface FrameBits {
  /** Last frame of its message; true unless given. */
  readonly fin?: boolean;
  /** RSV1..3 as a number from 0 to 7 (RSV1 = 4); 0 unless given. Any other is for tests of a server. */
  readonly rsv?: number;
}

const twoTo32 = 0x1_0000_0000;

/** Bytes of a client frame's header: 2, the extended length, and the 4 of the mask. */
export function clientHeaderBytes(payloadBytes: number): number {
  return payloadBytes < 126 ? 6 : payloadBytes < 65_536 ? 8 : 14;
}

/** Bytes of a whole client frame on the wire. */
export function clientFrameBytes(payloadBytes: number): number {
  return clientHeaderBytes(payloadBytes) + payloadBytes;
}

/**
 * Writes a client frame's header at `at` and gives the offset behind it. The length takes the shortest form,
 * as RFC 6455 demands. `mask` is read as the 4 mask bytes in little-endian order.
 */
export function writeClientHeader(
  target: BufferView,
  at: number,
  opcode: Opcode,
  payloadBytes: number,
  mask: number,
  bits: FrameBits = {},
): number {
  const { bytes, view } = target;
  bytes[at] = (bits.fin === false ? 0 : 0x80) | ((bits.rsv ?? 0) << 4) | opcode;
  let end = at + 2;
  if (payloadBytes < 126) {
    bytes[at + 1] = 0x80 | payloadBytes;
  } else if (payloadBytes < 65_536) {
    bytes[at + 1] = 0x80 | 126;
    view.setUint16(end, payloadBytes);
    end += 2;
  } else {
    bytes[at + 1] = 0x80 | 127;
    view.setUint32(end, Math.floor(payloadBytes / twoTo32));
    view.setUint32(end + 4, payloadBytes >>> 0);
    end += 8;
  }
  view.setInt32(end, mask, true);
  return end + 4;
}

/** Applies `mask` in place to `[from, to)`, where `from` is the payload's first byte. Twice gives the bytes back. */
export function maskInPlace(target: BufferView, from: number, to: number, mask: number): void {
  const { bytes, view } = target;
  const lastWord = to - 3;
  let at = from;
  for (; at < lastWord; at += 4) view.setInt32(at, view.getInt32(at, true) ^ mask, true);
  for (let shift = 0; at < to; at++, shift += 8) bytes[at] = bytes[at]! ^ (mask >>> shift);
}

/** Writes a whole client frame at `at` and gives the offset behind it. `target` must have the room. */
export function writeClientFrame(
  target: BufferView,
  at: number,
  opcode: Opcode,
  payload: Uint8Array,
  mask: number,
  bits?: FrameBits,
): number {
  const start = writeClientHeader(target, at, opcode, payload.length, mask, bits);
  const end = start + payload.length;
  target.bytes.set(payload, start);
  maskInPlace(target, start, end, mask);
  return end;
}

/** One client frame in a new buffer. */
export function clientFrame(opcode: Opcode, payload: Uint8Array, mask: number, bits?: FrameBits): Uint8Array {
  const buffer = BufferView.ofSize(clientFrameBytes(payload.length));
  writeClientFrame(buffer, 0, opcode, payload, mask, bits);
  return buffer.bytes;
}

/** Many client frames in one buffer: frame `i` is `bytes[offsets[i], offsets[i + 1])`. */
export interface EncodedFrames {
  readonly bytes: Uint8Array;
  /** One more than there are frames. */
  readonly offsets: Uint32Array;
}

/**
 * Encodes each payload as one whole message ahead of time, each with its own mask. Throws RangeError beyond the 4 GiB that
 * one buffer holds.
 */
export function encodeClientFrames(
  opcode: DataOpcode,
  payloads: readonly Uint8Array[],
  randomMask: () => number,
): EncodedFrames {
  const bytes = payloads.reduce((sum, payload) => sum + clientFrameBytes(payload.length), 0);
  if (bytes >= twoTo32) {
    throw new RangeError(`the messages of one schedule take 4 GiB at most, these take ${bytes} bytes`);
  }
  const offsets = new Uint32Array(payloads.length + 1);
  for (const [i, payload] of payloads.entries()) {
    offsets[i + 1] = offsets[i]! + clientFrameBytes(payload.length);
  }
  const buffer = BufferView.ofSize(bytes);
  for (const [i, payload] of payloads.entries()) {
    writeClientFrame(buffer, offsets[i]!, opcode, payload, randomMask());
  }
  return { bytes: buffer.bytes, offsets };
}
