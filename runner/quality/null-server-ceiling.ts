import { cellId } from "../../schemas/cell.ts";
import { ownEndpoint } from "../../schemas/endpoint.ts";
import type { PlannedCandidate, PlannedCell } from "../../schemas/plan.ts";
import type { Bench, RunningServer, Warming } from "../experiment.ts";
import { isRoundTrip } from "../plan/schedule.ts";
import { ceilingSpec } from "./ceiling-cell.ts";

/** How long the null server and the generator are warmed before the first ceiling, in ms. */
const warmupMs = 1200;

/** The generator's own ceiling is measured against it. */
export const nullServer: PlannedCandidate = {
  name: "null-server",
  id: "null-server",
  twinOf: null,
  runtime: "bun",
  framework: "none",
  launch: { kind: "program", runtime: "bun", choice: { kind: "pinned" } },
  endpoint: ownEndpoint,
  serves: [],
  notServed: [],
  gaps: [],
  upgradeFrom: null,
};

/** What ceilings are taken with. */
export interface CeilingBench extends Pick<Bench, "start" | "measure"> {
  /** Shares `totalMs` of warm-up among the cells. */
  heat(server: RunningServer, cells: readonly PlannedCell[], totalMs: number): Promise<Warming>;
}

/**
 * The generator's own rates. One null server serves the whole run: a fresh one would still be compiling when its ceiling is
 * taken.
 */
export class Ceilings {
  readonly #bench: CeilingBench;
  readonly #interrupted: () => boolean;
  #server: RunningServer | null = null;

  constructor(bench: CeilingBench, interrupted: () => boolean) {
    this.#bench = bench;
    this.#interrupted = interrupted;
  }

  /** Ceilings in Hz by cell id, without the cells that none could be taken of. Throws where the null server does not start. */
  async of(cells: readonly PlannedCell[]): Promise<ReadonlyMap<string, number>> {
    // Cells that differ in what the null server need not know share one look.
    const asked = new Map(
      cells.map((cell) => {
        const spec = ceilingSpec(cell.spec);
        return [cellId(spec), { ...cell, spec }] as const;
      }),
    );
    const server = this.#server ?? (await this.#start([...asked.values()]));
    // The run is about to end for the same reason, and reports what it has.
    if (server === null) return new Map();
    const rates = new Map<string, number>();
    for (const [id, cell] of asked) {
      const outcome = await this.#bench.measure(server, cell);
      const rate = "measurement" in outcome ? outcome.measurement.metrics.throughputHz : undefined;
      if (rate !== undefined && rate > 0) rates.set(id, rate);
    }
    return new Map(
      cells.flatMap((cell) => {
        const rate = rates.get(cellId(ceilingSpec(cell.spec)));
        return rate === undefined ? [] : [[cell.id, rate] as const];
      }),
    );
  }

  /** Stops the null server. */
  async close(): Promise<void> {
    await this.#server?.stop();
    this.#server = null;
  }

  /** The null server, warm; null where an interrupt ended it. */
  async #start(cells: readonly PlannedCell[]): Promise<RunningServer | null> {
    const started = await this.#bench.start(nullServer);
    if ("failure" in started) {
      if (this.#interrupted()) return null;
      throw new Error(`the null server did not start: ${started.failure.reason}`);
    }
    this.#server = started.server;
    const busy = cells.filter(({ spec }) => !isRoundTrip(spec));
    await this.#bench.heat(started.server, busy, warmupMs);
    return started.server;
  }
}
