import type { StreamKind } from "../stream.ts";

/**
 * Where each field of a message lies, in bytes from the message's start. `schemas/market.sbe.xml` publishes the same
 * layout, and a test holds the two together.
 */

/** blockLength u16 @0, templateId u16 @2, schemaId u16 @4, version u16 @6. */
export const HEADER_BYTES = 8;
/** The exchange's published spot stream schema, version 0. */
export const EXCHANGE_SCHEMA_ID = 1;
/** Ours, ASCII `BT` on the wire: the exchange's layout with `streamSeq` i64 appended to each root block. */
export const OWN_SCHEMA_ID = 21_570;
export const SCHEMA_VERSION = 0;

/** Trades: blockLength u16, numInGroup u32 (the default dimension type). */
export const TRADES_GROUP_BYTES = 6;
/** Depth: blockLength u16, numInGroup u16. */
export const LEVELS_GROUP_BYTES = 4;
export const MAX_LEVELS = 0xffff;

/** `rootBytes` is the exchange's block length; ours is eight more, with `streamSeq` last. */
export const trades = {
  templateId: 10_000,
  rootBytes: 18,
  eventTime: 8,
  transactTime: 16,
  priceExponent: 24,
  qtyExponent: 25,
  streamSeq: 26,
} as const;

/** Offsets within an entry of the trades group. */
export const tradeEntry = { bytes: 25, id: 0, price: 8, qty: 16, isBuyerMaker: 24 } as const;

export const bestBidAsk = {
  templateId: 10_001,
  rootBytes: 50,
  eventTime: 8,
  bookUpdateId: 16,
  priceExponent: 24,
  qtyExponent: 25,
  bidPrice: 26,
  bidQty: 34,
  askPrice: 42,
  askQty: 50,
  streamSeq: 58,
} as const;

export const depthSnapshotEvent = {
  templateId: 10_002,
  rootBytes: 18,
  eventTime: 8,
  bookUpdateId: 16,
  priceExponent: 24,
  qtyExponent: 25,
  streamSeq: 26,
} as const;

export const depthDiff = {
  templateId: 10_003,
  rootBytes: 26,
  eventTime: 8,
  firstBookUpdateId: 16,
  lastBookUpdateId: 24,
  priceExponent: 32,
  qtyExponent: 33,
  streamSeq: 34,
} as const;

/** Offsets within an entry of the bids and asks groups. */
export const levelEntry = { bytes: 16, price: 0, qty: 8 } as const;

export interface RootLayout {
  readonly templateId: number;
  readonly rootBytes: number;
  readonly streamSeq: number;
}

/** The layout of a template, or null for one that is not known here. */
export function layoutOf(templateId: number): RootLayout | null {
  switch (templateId) {
    case trades.templateId:
      return trades;
    case bestBidAsk.templateId:
      return bestBidAsk;
    case depthSnapshotEvent.templateId:
      return depthSnapshotEvent;
    case depthDiff.templateId:
      return depthDiff;
    default:
      return null;
  }
}

/**
 * The stream that a message belongs to. SBE carries a template and a symbol and no stream, so each template stands for
 * one stream of a symbol: diffs for the 100 ms one, snapshots for the 20 best levels.
 */
export const streamSuffixes: Readonly<Record<StreamKind, string>> = {
  trade: "@trade",
  bookTicker: "@bookTicker",
  depthSnapshot: "@depth20",
  depthUpdate: "@depth@100ms",
};

/** `btcusdt@trade` for trades of BTCUSDT. */
export function streamOfSymbol(kind: StreamKind, symbol: string): string {
  return symbol.toLowerCase() + streamSuffixes[kind];
}
