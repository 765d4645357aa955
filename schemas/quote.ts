import type { MarketMessage } from "./market.ts";

/** A best-bid-ask message of typical size, for every place that needs one message again and again. */
export const typicalQuote = {
  kind: "bookTicker",
  stream: "btcusdt@bookTicker",
  data: {
    u: 61_837_630_001,
    s: "BTCUSDT",
    b: "61837.63000000",
    B: "1.20480000",
    a: "61837.64000000",
    A: "3.07316000",
  },
} satisfies MarketMessage;
