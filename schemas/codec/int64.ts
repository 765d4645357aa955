import { CodecError } from "./error.ts";

const TWO_32 = 0x1_0000_0000;
/** High word of the largest integer that a double holds exactly, 2^53 − 1. */
const SAFE_HIGH = 0x1f_ffff;

/** Writes a non-negative safe integer as i64, little-endian. */
export function putInt64(view: DataView, offset: number, value: number): void {
  if (value < 0 || !Number.isSafeInteger(value))
    throw new CodecError("value", `${value} is not an integer from 0 to 2^53 - 1`, offset);
  // The shift takes the value modulo 2^32, which is exact for every safe integer.
  view.setUint32(offset, value >>> 0, true);
  view.setUint32(offset + 4, (value - (value >>> 0)) / TWO_32, true);
}

/** Reads an i64 that must be an integer from 0 to 2^53 − 1: an id, a time, a sequence. */
export function getInt64(view: DataView, offset: number): number {
  const value = getSafeInt64(view, offset);
  if (value < 0)
    throw new CodecError("value", `${view.getBigInt64(offset, true)} is not from 0 to 2^53 - 1`, offset);
  return value;
}

/** Reads an i64 without a BigInt; −1 when it is negative or beyond 2^53 − 1. */
export function getSafeInt64(view: DataView, offset: number): number {
  const high = view.getUint32(offset + 4, true);
  return high > SAFE_HIGH ? -1 : high * TWO_32 + view.getUint32(offset, true);
}

/** SBE's null value of an int64, −2^63: a time that the message does not carry. */
export function putNull64(view: DataView, offset: number): void {
  view.setUint32(offset, 0, true);
  view.setUint32(offset + 4, 0x8000_0000, true);
}

/** Whether SBE's null value of an int64 stands at `offset`. */
export function isNull64(view: DataView, offset: number): boolean {
  return view.getUint32(offset + 4, true) === 0x8000_0000 && view.getUint32(offset, true) === 0;
}
