import type { Level } from "../market.ts";
import { decimalsOf, getDecimal, putDecimal } from "./decimal.ts";
import { LEVELS_GROUP_BYTES, levelEntry } from "./sbe-layout.ts";

/** Bytes of the two groups of a book. */
export function bookBytes(bids: readonly Level[], asks: readonly Level[]): number {
  return 2 * LEVELS_GROUP_BYTES + (bids.length + asks.length) * levelEntry.bytes;
}

/** Writes exponents and both groups, the bids at `start`; returns the end of the asks. */
export function putBook(
  view: DataView,
  start: number,
  layout: { readonly priceExponent: number; readonly qtyExponent: number },
  bids: readonly Level[],
  asks: readonly Level[],
): number {
  const priceDecimals = Math.max(mostDecimals(bids, 0), mostDecimals(asks, 0));
  const qtyDecimals = Math.max(mostDecimals(bids, 1), mostDecimals(asks, 1));
  view.setInt8(layout.priceExponent, -priceDecimals);
  view.setInt8(layout.qtyExponent, -qtyDecimals);
  const asksAt = putLevels(view, start, bids, priceDecimals, qtyDecimals);
  return putLevels(view, asksAt, asks, priceDecimals, qtyDecimals);
}

function mostDecimals(levels: readonly Level[], member: 0 | 1): number {
  let highest = 0;
  for (const level of levels) highest = Math.max(highest, decimalsOf(level[member]));
  return highest;
}

function putLevels(
  view: DataView,
  start: number,
  levels: readonly Level[],
  priceDecimals: number,
  qtyDecimals: number,
): number {
  view.setUint16(start, levelEntry.bytes, true);
  view.setUint16(start + 2, levels.length, true);
  let at = start + LEVELS_GROUP_BYTES;
  for (const [price, qty] of levels) {
    putDecimal(view, at + levelEntry.price, price, priceDecimals);
    putDecimal(view, at + levelEntry.qty, qty, qtyDecimals);
    at += levelEntry.bytes;
  }
  return at;
}

/** Reads the group at `start`, whose bounds `openFrame` has checked. */
export function readLevels(
  view: DataView,
  start: number,
  priceDecimals: number,
  qtyDecimals: number,
): Level[] {
  const blockLength = view.getUint16(start, true);
  const count = view.getUint16(start + 2, true);
  const levels: Level[] = [];
  let at = start + LEVELS_GROUP_BYTES;
  for (let index = 0; index < count; index += 1, at += blockLength)
    levels.push([
      getDecimal(view, at + levelEntry.price, priceDecimals),
      getDecimal(view, at + levelEntry.qty, qtyDecimals),
    ]);
  return levels;
}
