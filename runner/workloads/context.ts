import type { CellSpec } from "../../schemas/cell.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { Measurement, WarmUp, WindowAsked } from "../../schemas/load.ts";
import type { TrialPhase } from "../../schemas/trial-phase.ts";

import type { ConnectionTap } from "../load/connection.ts";

/** What a workload is given for one trial: a cell that is opened once and measured in several windows. */
export interface TrialContext<Cell extends CellSpec = CellSpec> {
  readonly cell: Cell;
  readonly port: number;
  readonly endpoint: Endpoint;
  readonly serverPid: number | null;
  /** Server's core first, load's second; empty where nothing is pinned. */
  readonly cores: readonly number[];
  /** Where the generator's other threads run while it spins; empty where they stay on its own core. */
  readonly helperCores: readonly number[];
  readonly connectTimeoutMs: number;
  readonly drainTimeoutMs: number;
  /** Watches each connection, where somebody looks at the frames. */
  readonly tap?: (() => ConnectionTap) | undefined;
  /** Says that a phase has begun. */
  readonly enter: (phase: TrialPhase) => void;
}

/** A cell whose connections are open, verified and warm. */
export interface OpenCell {
  readonly warmUp: WarmUp;
  /** One window. Rejects where the cell can give no more: a lost connection, a server that answers nothing. */
  window(asked: WindowAsked): Promise<Measurement>;
  /** Cuts every connection. */
  close(): void;
}
