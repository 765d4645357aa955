import type { DepthSnapshot, MarketMessage, SpotBookTicker, SpotDepthUpdate, SpotTrade } from "../market.ts";
import { decimalsOf, putDecimal } from "./decimal.ts";
import { putInt64, putNull64 } from "./int64.ts";
import { bookBytes, putBook } from "./sbe-book.ts";
import { sbeSymbol } from "./sbe-fit.ts";
import {
  bestBidAsk,
  depthDiff,
  depthSnapshotEvent,
  EXCHANGE_SCHEMA_ID,
  HEADER_BYTES,
  OWN_SCHEMA_ID,
  type RootLayout,
  SCHEMA_VERSION,
  TRADES_GROUP_BYTES,
  tradeEntry,
  trades,
} from "./sbe-layout.ts";
import { putSymbol, utf8Length } from "./sbe-symbol.ts";

const SEQUENCE_BYTES = 8;
const MICROSECONDS = 1000;

/** One view for every message that gets a new buffer: a view costs more than the copy out of it. */
let scratch = new DataView(new ArrayBuffer(65_536));

/**
 * Encodes under our schema with sequence `n`, or under the exchange's own without `n` (or with −1). Values are exact:
 * all prices of a message share the exponent of the one with most decimals, and so do all quantities; a text with
 * fewer decimals comes back padded with zeros. Throws CodecError `not-representable` as `sbeSymbol` says.
 */
export function encodeSbe(message: MarketMessage, n = -1): Uint8Array<ArrayBuffer> {
  const symbol = sbeSymbol(message);
  const length = byteLength(message, symbol, n);
  if (length > scratch.byteLength) scratch = new DataView(new ArrayBuffer(2 * length));
  encode(scratch, message, symbol, n, length);
  return new Uint8Array(scratch.buffer, 0, length).slice();
}

function byteLength(message: MarketMessage, symbol: string, n: number): number {
  const sequence = n < 0 ? 0 : SEQUENCE_BYTES;
  return HEADER_BYTES + sequence + bodyBytes(message) + 1 + utf8Length(symbol);
}

function bodyBytes(message: MarketMessage): number {
  switch (message.kind) {
    case "trade":
      return trades.rootBytes + TRADES_GROUP_BYTES + tradeEntry.bytes;
    case "bookTicker":
      return bestBidAsk.rootBytes;
    case "depthSnapshot":
      return depthSnapshotEvent.rootBytes + bookBytes(message.data.bids, message.data.asks);
    case "depthUpdate":
      return depthDiff.rootBytes + bookBytes(message.data.b, message.data.a);
  }
}

function encode(view: DataView, message: MarketMessage, symbol: string, n: number, length: number): void {
  const start = putBody(view, message, n);
  putSymbol(view, start, symbol, length - start - 1);
}

/** Writes header, root block and groups; returns where the symbol goes. `sbeSymbol` has refused perpetual messages. */
function putBody(view: DataView, message: MarketMessage, n: number): number {
  switch (message.kind) {
    case "trade":
      return putTrade(view, putHeader(view, trades, n), message.data as SpotTrade);
    case "bookTicker":
      return putBookTicker(view, putHeader(view, bestBidAsk, n), message.data as SpotBookTicker);
    case "depthSnapshot":
      return putSnapshot(view, putHeader(view, depthSnapshotEvent, n), message.data);
    case "depthUpdate":
      return putDepthUpdate(view, putHeader(view, depthDiff, n), message.data as SpotDepthUpdate);
  }
}

/** Writes the header and the sequence; returns the end of the root block. */
function putHeader(view: DataView, layout: RootLayout, n: number): number {
  const blockLength = layout.rootBytes + (n < 0 ? 0 : SEQUENCE_BYTES);
  view.setUint16(0, blockLength, true);
  view.setUint16(2, layout.templateId, true);
  view.setUint16(4, n < 0 ? EXCHANGE_SCHEMA_ID : OWN_SCHEMA_ID, true);
  view.setUint16(6, SCHEMA_VERSION, true);
  if (n >= 0) putInt64(view, layout.streamSeq, n);
  return HEADER_BYTES + blockLength;
}

function putTrade(view: DataView, end: number, data: SpotTrade): number {
  const priceDecimals = decimalsOf(data.p);
  const qtyDecimals = decimalsOf(data.q);
  putInt64(view, trades.eventTime, data.E * MICROSECONDS);
  putInt64(view, trades.transactTime, data.T * MICROSECONDS);
  view.setInt8(trades.priceExponent, -priceDecimals);
  view.setInt8(trades.qtyExponent, -qtyDecimals);
  view.setUint16(end, tradeEntry.bytes, true);
  view.setUint32(end + 2, 1, true);
  const entry = end + TRADES_GROUP_BYTES;
  putInt64(view, entry + tradeEntry.id, data.t);
  putDecimal(view, entry + tradeEntry.price, data.p, priceDecimals);
  putDecimal(view, entry + tradeEntry.qty, data.q, qtyDecimals);
  view.setUint8(entry + tradeEntry.isBuyerMaker, data.m ? 1 : 0);
  return entry + tradeEntry.bytes;
}

function putSnapshot(view: DataView, end: number, data: DepthSnapshot): number {
  putOptionalTime(view, depthSnapshotEvent.eventTime, data.E);
  putInt64(view, depthSnapshotEvent.bookUpdateId, data.lastUpdateId);
  return putBook(view, end, depthSnapshotEvent, data.bids, data.asks);
}

function putDepthUpdate(view: DataView, end: number, data: SpotDepthUpdate): number {
  putInt64(view, depthDiff.eventTime, data.E * MICROSECONDS);
  putInt64(view, depthDiff.firstBookUpdateId, data.U);
  putInt64(view, depthDiff.lastBookUpdateId, data.u);
  return putBook(view, end, depthDiff, data.b, data.a);
}

function putBookTicker(view: DataView, end: number, data: SpotBookTicker): number {
  const priceDecimals = Math.max(decimalsOf(data.b), decimalsOf(data.a));
  const qtyDecimals = Math.max(decimalsOf(data.B), decimalsOf(data.A));
  putOptionalTime(view, bestBidAsk.eventTime, data.E);
  putInt64(view, bestBidAsk.bookUpdateId, data.u);
  view.setInt8(bestBidAsk.priceExponent, -priceDecimals);
  view.setInt8(bestBidAsk.qtyExponent, -qtyDecimals);
  putDecimal(view, bestBidAsk.bidPrice, data.b, priceDecimals);
  putDecimal(view, bestBidAsk.bidQty, data.B, qtyDecimals);
  putDecimal(view, bestBidAsk.askPrice, data.a, priceDecimals);
  putDecimal(view, bestBidAsk.askQty, data.A, qtyDecimals);
  return end;
}

/** Spot JSON has no time in these messages: SBE's null stands for it. */
function putOptionalTime(view: DataView, offset: number, timeMs: number | undefined): void {
  if (timeMs === undefined) putNull64(view, offset);
  else putInt64(view, offset, timeMs * MICROSECONDS);
}
