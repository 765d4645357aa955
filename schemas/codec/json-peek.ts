import { shortText } from "./text.ts";

/** Byte at which the sequence of an encoded frame starts, after `{"n":`. */
export const SEQUENCE_OFFSET = 5;
/** Bytes of the sequence, padded with leading spaces: up to 9,999,999,999 messages keep the fixed place. */
export const SEQUENCE_WIDTH = 10;

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const LETTER_N = 0x6e;
const BRACE = 0x7b;
const streamKey = new TextEncoder().encode('"stream"');

/**
 * The sequence of the frame at `bytes[offset, offset + length)`, without a parse: at its fixed place, or by a scan for
 * `"n":` where a server has encoded the text anew and so moved it. −1 when the frame carries none.
 */
export function jsonSequenceOf(bytes: Uint8Array, offset: number, length: number): number {
  const end = Math.min(offset + length, bytes.length);
  const start = offset + SEQUENCE_OFFSET;
  const fixedEnd = start + SEQUENCE_WIDTH;
  if (
    fixedEnd < end &&
    bytes[fixedEnd] === COMMA &&
    bytes[offset] === BRACE &&
    bytes[offset + 1] === QUOTE &&
    bytes[offset + 2] === LETTER_N &&
    bytes[offset + 3] === QUOTE &&
    bytes[offset + 4] === COLON
  ) {
    const n = digits(bytes, start, fixedEnd);
    if (n >= 0) return n;
  }
  return scanSequence(bytes, offset, end);
}

/** The number that fills `[start, end)` after any spaces; −1 when something else is there. */
function digits(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] === SPACE) at += 1;
  if (at === end) return -1;
  let n = 0;
  for (; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) return -1;
    n = n * 10 + digit;
  }
  return n <= Number.MAX_SAFE_INTEGER ? n : -1;
}

function scanSequence(bytes: Uint8Array, offset: number, end: number): number {
  for (let at = offset; at + 3 < end; at += 1) {
    if (bytes[at] !== QUOTE || bytes[at + 1] !== LETTER_N || bytes[at + 2] !== QUOTE) continue;
    const colon = skipSpace(bytes, at + 3, end);
    if (bytes[colon] !== COLON) continue;
    const start = skipSpace(bytes, colon + 1, end);
    let stop = start;
    while (stop < end && isDigit(bytes[stop])) stop += 1;
    return digits(bytes, start, stop);
  }
  return -1;
}

/**
 * The stream that a frame names, without a parse; null when it names none. For routing only: a text that is not JSON
 * may well name a stream.
 */
export function jsonStreamOf(frame: string | Uint8Array): string | null {
  return typeof frame === "string" ? streamOfText(frame) : streamOfBytes(frame);
}

function streamOfText(text: string): string | null {
  const key = text.indexOf('"stream"');
  if (key < 0) return null;
  const colon = text.indexOf(":", key + streamKey.length);
  const open = colon < 0 ? -1 : text.indexOf('"', colon + 1);
  const close = open < 0 ? -1 : text.indexOf('"', open + 1);
  return close < 0 ? null : unescaped(text.slice(open + 1, close));
}

function streamOfBytes(bytes: Uint8Array): string | null {
  const key = indexOfStreamKey(bytes);
  if (key < 0) return null;
  const colon = bytes.indexOf(COLON, key + streamKey.length);
  const open = colon < 0 ? -1 : bytes.indexOf(QUOTE, colon + 1);
  const close = open < 0 ? -1 : bytes.indexOf(QUOTE, open + 1);
  return close < 0 ? null : unescaped(shortText(bytes, open + 1, close));
}

function indexOfStreamKey(bytes: Uint8Array): number {
  let at = bytes.indexOf(QUOTE);
  while (at >= 0) {
    if (streamKey.every((byte, index) => bytes[at + index] === byte)) return at;
    at = bytes.indexOf(QUOTE, at + 1);
  }
  return -1;
}

/** Some encoders write letters beyond ASCII as `\u` escapes. */
function unescaped(text: string | null): string | null {
  if (text === null || !text.includes("\\")) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return null;
  }
}

function skipSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] === SPACE) at += 1;
  return at;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}
