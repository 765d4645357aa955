import { type CellSpec, isRoundTrip, receiversOf, withReceivers } from "../../schemas/cell.ts";
import type { Shard } from "../../schemas/load.ts";

/** The part of a cell that one load process holds. */
export interface Split {
  readonly cell: CellSpec;
  /** Null where one process holds the whole cell. */
  readonly shard: Shard | null;
}

/**
 * A cell's connections over at most `processes` load processes, as evenly as they go, the first having one more where they do not.
 * The first also publishes, where a cell has a publisher. A cell of one message in flight is never split, nor one without connections
 * or that needs all of them in one process. `inStep` makes a shard of the whole, too: one that is told when to begin.
 */
export function splitCell(cell: CellSpec, processes: number, inStep = processes > 1): [Split, ...Split[]] {
  const receivers = receiversOf(cell);
  const of = Math.min(processes, receivers);
  if (isRoundTrip(cell) || of === 0 || (of === 1 && !inStep)) return [{ cell, shard: null }];
  const shards: Split[] = [];
  let before = 0;
  for (let index = 0; index < of; index += 1) {
    const own = Math.floor(receivers / of) + (index < receivers % of ? 1 : 0);
    const part = withReceivers(cell, own);
    if (part === null) return [{ cell, shard: null }];
    shards.push({ cell: part, shard: { index, of, connectionsBefore: before } });
    before += own;
  }
  return shards as [Split, ...Split[]];
}
