/**
 * The `raw` codec: a binary message of `bytes` ≥ 8 bytes, all integers little-endian.
 *
 * | offset | content |
 * | --- | --- |
 * | 0..7 | u64 sequence of the message in its stream, from 0 |
 * | 8..  | pattern: byte `i` is byte `i mod 4` of `word(seed, floor(i / 4))`, cut off at the message's end |
 *
 * Sender and receiver share the pattern, so that every byte of every message can be checked on receipt.
 */
const rawHeaderBytes = 8;

const twoTo32 = 0x1_0000_0000;

/**
 * 32 bits of pattern: the `lowbias32` integer mix (Chris Wellons, "Prospecting for Hash Functions") over a
 * Weyl sequence from the seed. Odd words have bit 30 cleared and bit 29 set, so that no aligned 8 bytes of
 * the pattern read as a NaN or a zero double: a receiver may then compare 8 bytes at a time as a float64,
 * where equal numbers mean equal bits.
 */
function word(seed: number, index: number): number {
  let x = (seed + Math.imul(index, 0x9e37_79b9)) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb_352d);
  x = Math.imul(x ^ (x >>> 15), 0x846c_a68b);
  x ^= x >>> 16;
  return index % 2 === 1 ? (x & 0xbfff_ffff) | 0x2000_0000 : x;
}

/**
 * A message of `bytes` bytes with sequence 0 and the pattern of `seed` (its low 32 bits count).
 * Throws a RangeError when `bytes` is not an integer of at least 8.
 */
export function rawTemplate(bytes: number, seed: number): Uint8Array<ArrayBuffer> {
  if (!Number.isInteger(bytes) || bytes < rawHeaderBytes) {
    throw new RangeError(`a raw message has at least ${rawHeaderBytes} bytes, got ${bytes}`);
  }
  const template = new Uint8Array(bytes);
  for (let i = rawHeaderBytes; i < bytes; i++) {
    template[i] = word(seed, i >>> 2) >>> (8 * (i & 3));
  }
  return template;
}

/** Writes sequence `n` (a safe integer ≥ 0) at `offset`, where a raw message begins. */
export function writeRawSequence(bytes: Uint8Array, n: number, offset = 0): void {
  const low = n >>> 0;
  const high = (n - low) / twoTo32;
  bytes[offset] = low;
  bytes[offset + 1] = low >>> 8;
  bytes[offset + 2] = low >>> 16;
  bytes[offset + 3] = low >>> 24;
  bytes[offset + 4] = high;
  bytes[offset + 5] = high >>> 8;
  bytes[offset + 6] = high >>> 16;
  bytes[offset + 7] = high >>> 24;
}
