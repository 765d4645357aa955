import type { CellSpec } from "../../schemas/cell.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { LedgerTotals, TrialPhase } from "../../schemas/load.ts";

/** What a workload is given for one trial. */
export interface TrialContext<Cell extends CellSpec = CellSpec> {
  readonly cell: Cell;
  readonly port: number;
  readonly endpoint: Endpoint;
  readonly serverPid: number | null;
  /** Server's core first, load's second; empty where nothing is pinned. */
  readonly cores: readonly number[];
  /** Where the generator's other threads run while it spins; empty where they stay on its own core. */
  readonly helperCores: readonly number[];
  /** End behind the warm-up. */
  readonly warmOnly: boolean;
  readonly connectTimeoutMs: number;
  readonly drainTimeoutMs: number;
  /** Says that a phase has begun. */
  readonly enter: (phase: TrialPhase) => void;
}

/** What came of a trial that ended behind its warm-up. */
export interface Warmed {
  /** The account of every message that was sent. */
  readonly warmed: LedgerTotals;
}
