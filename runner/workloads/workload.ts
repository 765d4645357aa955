import type { CellSpec } from "../../schemas/cell.ts";
import type { FeedSpec } from "../../schemas/feed.ts";
import type { WindowAsked } from "../../schemas/load.ts";
import type { Depth, ProfileCell } from "../plan/depth.ts";
import type { OpenCell, TrialContext } from "./context.ts";

/** How a workload is measured. What the tool knows of it without running it stands in schemas/workloads/. */
export interface MeasuredWorkload<Cell extends CellSpec> {
  /** The cells that a run of this depth has of it: those with a headline metric are compared, the others explore. */
  cells(depth: Depth, feed: FeedSpec): ProfileCell[];
  /** Deliveries that a cell offers a second, over all its receivers; null for a closed loop, which offers what is taken. */
  offeredHz(spec: Cell): Promise<number | null>;
  /** What a trial of it does, loaded by what runs one: a list of candidates does not wait for sockets and frames. */
  phases(): Promise<Phases<Cell>>;
}

export interface Phases<Cell extends CellSpec> {
  /** Opens, verifies and warms a cell. Rejects, with every connection cut, where the server does not serve it. */
  open(context: TrialContext<Cell>): Promise<OpenCell>;
  /** When each delivery of a window is due, in ns and in order, and from when on they count; there where the facts have `atRate`. */
  arrivals?(
    spec: Cell,
    asked: Pick<WindowAsked, "windowMs" | "stretch">,
  ): Promise<{ readonly dueNs: Float64Array; readonly countedFromNs: number }>;
}
