import type { CellSpec } from "../../schemas/cell.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type {
  Measurement,
  Restarted,
  Shard,
  ShardParts,
  Transport,
  WarmUp,
  WindowAsked,
} from "../../schemas/load.ts";
import type { DeclaredPolicy } from "../../schemas/pressure.ts";
import type { TrialPhase } from "../../schemas/trial-phase.ts";

import type { ConnectionTap } from "../load/connection.ts";

/** What all shards of a cell go on with when the last has come as far. */
export interface GoOn {
  /** When the window's loop starts, on this process's clock, in ns. Now, where no time was given. */
  readonly startNs: number;
  /** How far that may be from the same moment in the other processes, in ns. */
  readonly clockBoundNs: number;
  /** Number behind the last message of the publisher's warm-up. */
  readonly warmUpSent: number | null;
}

/** The part of a cell that this process holds, and how it keeps step with the others. */
export interface ShardContext extends Shard {
  /** Waits for the other shards. Rejects where the cell is given up. */
  readonly together: () => Promise<GoOn>;
  /** Reports what the merge needs beside the window's measurement. */
  readonly report: (parts: Omit<ShardParts, "index">) => void;
}

/** What a workload is given for one trial: a cell that is opened once and measured in several windows. */
export interface TrialContext<Cell extends CellSpec = CellSpec> {
  readonly cell: Cell;
  /** Undefined where this process holds the whole cell. */
  readonly shard?: ShardContext | undefined;
  readonly port: number;
  readonly endpoint: Endpoint;
  /** Where the server is reached, where that is another host than the endpoint's. */
  readonly address?: string | undefined;
  /** Program that measures codecs within the runtime of the candidate; absent where there is none. */
  readonly probe?: readonly string[] | undefined;
  /** TCP in the clear, without extensions, where absent. */
  readonly transport?: Transport | undefined;
  readonly serverPid: number | null;
  /** The server's cores first, then the load's; empty where nothing is pinned. */
  readonly cores: readonly number[];
  /** How many of them are the server's; one where absent. */
  readonly serverCores?: number | undefined;
  /** Where the generator's other threads run while it spins; empty where they stay on its own core. */
  readonly helperCores: readonly number[];
  /** What the server says of slow subscribers, as it was configured or as it declares. */
  readonly declared?: DeclaredPolicy | undefined;
  readonly connectTimeoutMs: number;
  readonly drainTimeoutMs: number;
  /** Has the server ended and started again; absent where that cannot be had. */
  readonly restart?: (() => Promise<Restarted>) | undefined;
  /** Watches each connection, where somebody looks at the frames. */
  readonly tap?: (() => ConnectionTap) | undefined;
  /** Says that a phase has begun. */
  readonly enter: (phase: TrialPhase) => void;
}

/** A cell whose connections are open, verified and warm. */
export interface OpenCell {
  readonly warmUp: WarmUp;
  /** Number behind the last message of its publisher's warm-up, where it has one. */
  readonly warmUpSent?: number;
  /** One window. Rejects where the cell can give no more: a lost connection, a server that answers nothing. */
  window(asked: WindowAsked): Promise<Measurement>;
  /** Cuts every connection. */
  close(): void;
}
