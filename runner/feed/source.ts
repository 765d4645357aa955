import type { MarketMessage } from "../../schemas/market.ts";
import { FeedError } from "./error.ts";

/** A message, and the frame that it was recorded as: null for one that was drawn. */
export interface FeedMessage {
  message: MarketMessage;
  recorded: string | null;
}

/** Messages and when they arrive, before a stretch is chosen and anything is encoded. */
export interface FeedSource {
  name: string;
  /** Which draw of the model it is; 0 for a capture. */
  draw: number;
  /** Arrival times in ns, ascending. What is before 0 is history. */
  atNs: ArrayLike<number>;
  /** Stretches lie in [0, `durationNs`). */
  durationNs: number;
  /** Where stretches begin, in the order in which they are replayed. */
  startNs: readonly number[];
  /** Messages per second that the source stands for. */
  meanHz: number;
  /** Crowding of all its stretches, as they are sent. */
  crowding: number;
  /** Period after which the source begins anew, in ns; null for one that is drawn as long as is needed. */
  loopNs: number | null;
  /** The messages at positions [`first`, `end`); positions beyond either end of `atNs` wrap where the source loops. */
  messages(first: number, end: number): FeedMessage[];
  /** What a reader of the report should know of the source, e.g. lines that were left out. */
  notes: string[];
}

/** Messages that one schedule may hold: they are all made before the first is sent. */
const messagesMax = 2_000_000;

/** Throws FeedError where `lengthNs` of a source's own time would hold more messages than a schedule may. */
export function assertFits(name: string, meanHz: number, lengthNs: number): void {
  const due = Math.ceil((meanHz * lengthNs) / 1e9);
  if (due <= messagesMax) return;
  const rule = `a window may hold at most ${messagesMax} messages: lower the rate or shorten the window`;
  throw new FeedError(`feed ${name}: ${rule}, got ${due}`);
}

/** Arrival time of position `at` in ns: whole numbers beyond either end of a looping source are further turns. */
export function arrivalNs(source: FeedSource, at: number): number {
  const turn = Math.floor(at / source.atNs.length);
  const within = at - turn * source.atNs.length;
  return source.atNs[within]! + (turn === 0 ? 0 : turn * (source.loopNs ?? Number.NaN));
}

/** Position of the first arrival at `wantedNs` or later, beyond either end of `atNs` where the source loops. */
export function positionAt(source: FeedSource, wantedNs: number): number {
  const { atNs, loopNs } = source;
  const turn = loopNs === null ? 0 : Math.floor(wantedNs / loopNs);
  return turn * atNs.length + lowerBound(atNs, wantedNs - (turn === 0 ? 0 : turn * (loopNs ?? 0)));
}

/** Position in `atNs` (ascending) of the first that is `wantedNs` or later; the length where there is none. */
export function lowerBound(atNs: ArrayLike<number>, wantedNs: number): number {
  let [low, high] = [0, atNs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (atNs[middle]! < wantedNs) low = middle + 1;
    else high = middle;
  }
  return low;
}
