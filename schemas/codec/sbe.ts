/**
 * SBE as `schemas/market.sbe.xml` lays it out, over DataView. What it carries otherwise than JSON does:
 * - A template and a symbol stand for a stream: `@trade`, `@bookTicker`, `@depth@100ms`, `@depth20`. Others are refused.
 * - The REST snapshot, which has no stream, travels with an empty symbol.
 * - Spot's bookTicker and snapshots have no time; SBE's null stands in its place.
 * - A trade's `M` has no place and comes back as `true`, which it always is; `false` is refused.
 * - Times are µs here and ms there.
 */
export { decodeSbe, sbeStreamOf } from "./sbe-decode.ts";
export { encodeSbe } from "./sbe-encode.ts";
export { sbeSequenceOf } from "./sbe-peek.ts";
