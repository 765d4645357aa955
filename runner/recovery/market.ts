import type { Random } from "../../stats/random.ts";
import type { Clock } from "../load/clock.ts";
import type { PublishedBook, Slot } from "./published-book.ts";

/** What the publisher and all subscribers of a cell share. */
export interface Market {
  readonly codec: "json" | "sbe";
  readonly published: PublishedBook;
  readonly clock: Clock;
  /** The latest place of the feed whose time has come, whether anybody could take it or not: the publisher's own book. */
  newest: Slot | null;
  /** The latest that did leave, and how many have. */
  left: { readonly n: number; readonly count: number };
}

const retryMs = 20;

/** How long a client waits before it connects again where nobody took it: 20 ms, half of that more or less at random. */
export const retryDelayMs = (random: Random): number => retryMs * (0.5 + random.uniform());
