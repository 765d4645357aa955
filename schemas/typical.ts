import type { Level, MarketMessage } from "./market.ts";
import { typicalQuote } from "./quote.ts";

/** Price levels from the best one away, a tick apart. */
const book = (count: number, side: -1 | 1): Level[] =>
  Array.from({ length: count }, (_, i) => [
    (61_837.64 + side * 0.01 * i).toFixed(8),
    (0.05 + ((i * 37) % 101) / 17).toFixed(8),
  ]);

/** A message of each kind, of the size that the exchange's mostly have: a trade, a quote, twenty levels a side, a mean update. */
export const typicalMessages = {
  trade: {
    kind: "trade",
    stream: "btcusdt@trade",
    data: {
      e: "trade",
      E: 1_767_225_600_123,
      s: "BTCUSDT",
      t: 4_102_938_571,
      p: "61837.64000000",
      q: "0.00317000",
      T: 1_767_225_600_122,
      m: true,
    },
  },
  bookTicker: typicalQuote,
  depthSnapshot: {
    kind: "depthSnapshot",
    stream: "btcusdt@depth20",
    data: { lastUpdateId: 61_837_630_001, bids: book(20, -1), asks: book(20, 1) },
  },
  depthUpdate: {
    kind: "depthUpdate",
    stream: "btcusdt@depth@100ms",
    data: {
      e: "depthUpdate",
      E: 1_767_225_600_123,
      s: "BTCUSDT",
      U: 61_837_630_002,
      u: 61_837_630_055,
      b: book(30, -1),
      a: book(28, 1),
    },
  },
} as const satisfies { readonly [Kind in MarketMessage["kind"]]: Extract<MarketMessage, { kind: Kind }> };
