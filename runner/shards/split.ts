import { type CellSpec, isRoundTrip, receiversOf, withReceivers } from "../../schemas/cell.ts";
import type { Shard } from "../../schemas/load.ts";

/** The part of a cell that one load process holds. */
export interface Split {
  readonly cell: CellSpec;
  /** Null where one process holds the whole cell and reports to nobody when its windows begin. */
  readonly shard: Shard | null;
  /** Set where one process measures the cell without the others, so that there is nothing to merge. */
  readonly isWhole?: true;
}

/**
 * A cell's connections over at most `processes` load processes, as evenly as they go, the first having one more where they do not.
 * The first also publishes, where a cell has a publisher. A cell of one message in flight is never split, nor one without connections
 * or that needs all of them in one process. Where somebody else looks at the server (`isWatched`), what one process holds is a shard,
 * too: one that waits for the signal to begin.
 */
export function splitCell(cell: CellSpec, processes: number, isWatched = false): [Split, ...Split[]] {
  const receivers = receiversOf(cell);
  const of = Math.min(processes, receivers);
  if (of === 0) return [{ cell, shard: null }];
  const only: Shard = { index: 0, of: 1, connectionsBefore: 0 };
  const whole: [Split] = [{ cell, shard: isWatched ? only : null, isWhole: true }];
  if (isRoundTrip(cell) || withReceivers(cell, receivers) === null) return whole;
  if (processes === 1 && !isWatched) return [{ cell, shard: null }];
  const shards: Split[] = [];
  let before = 0;
  for (let index = 0; index < of; index += 1) {
    const receiversHere = Math.floor(receivers / of) + (index < receivers % of ? 1 : 0);
    const part = withReceivers(cell, receiversHere);
    if (part === null) throw new Error(`${cell.workload} can be split into some parts and not into others`);
    shards.push({ cell: part, shard: { index, of, connectionsBefore: before } });
    before += receiversHere;
  }
  return shards as [Split, ...Split[]];
}
