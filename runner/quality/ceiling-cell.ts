import type { CellSpec } from "../../schemas/cell.ts";

/** Connections and bytes of the push that stands for deliveries of an open loop: those of a profile's own push of quotes. */
const stream = { connections: 8, bytes: 146, count: 250 };
/** A ceiling is looked at in a few rounds of a run, a candidate in every one: each look may take longer. */
const longer = 3;

/**
 * What the null server is asked for in place of a cell, so that its rate is the generator's own: a closed loop as it is, over
 * a longer window. Of an open loop the figure that a generator could be the limit of is how many deliveries of its codec it
 * takes in, so that the null server pushes messages of a quote's size as fast as they are read.
 */
export function ceilingSpec(spec: CellSpec): CellSpec {
  switch (spec.workload) {
    case "echo":
    case "push":
      return { ...spec, windowMs: longer * spec.windowMs };
    case "feed":
    case "fanout": {
      const { codec, warmupMs, windowMs } = spec;
      return { workload: "push", codec, ...stream, warmupMs, windowMs };
    }
  }
}
