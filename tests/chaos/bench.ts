import { expect } from "bun:test";
import { join } from "node:path";
import { runExperiment } from "../../runner/experiment.ts";
import { planFrom } from "../../runner/fixtures/planned.ts";
import { LoadClient } from "../../runner/load-client.ts";
import { Children } from "../../runner/process/children.ts";
import { type PinPlan, planPins, readTopology } from "../../runner/process/pin.ts";
import { createBench } from "../../runner/trial.ts";
import type { RunEvent } from "../../schemas/event.ts";
import type { Plan } from "../../schemas/plan.ts";

const fixture = join(import.meta.dir, "fixtures", "server.ts");
const nullServer = join(import.meta.dir, "../../runner/load/null-server.ts");

/** Events of a run, and shares of the time for which servers were busy with nobody connected. */
export interface Told {
  readonly events: readonly RunEvent[];
  readonly busyAtRest: readonly number[];
}

/** The real bench and load generator over a server that behaves as it is told. */
export class FixtureBench {
  readonly pins: PinPlan = planPins(readTopology());
  readonly #children = new Children();
  readonly #load = new LoadClient(this.#children, this.pins.pinned ? this.pins.load : null);

  /** One round of the echo cells that `workloads` choose, in place of bun/serve; on `port` if it is not 0. */
  async run(
    mode: string,
    workloads: string,
    limits: Partial<Plan["limits"]> = {},
    port = 0,
    keepDisturbed = true,
  ): Promise<Told> {
    const plan = planOf(workloads, limits, keepDisturbed);
    const events: RunEvent[] = [];
    const busyAtRest: number[] = [];
    await runExperiment({
      plan,
      bench: createBench({
        plan,
        pins: this.pins,
        children: this.#children,
        load: this.#load,
        port,
        commands: new Map([
          ["bun/serve", [process.execPath, fixture, mode]],
          ["null-server", [process.execPath, nullServer]],
        ]),
        onBusyAtRest: (_, share) => busyAtRest.push(share),
      }),
      record: (event) => events.push(event),
      done: [],
      unavailable: new Set(),
      now: () => new Date(),
      cellsOf: () => null,
      together: Number.POSITIVE_INFINITY,
      stopping: () => false,
    });
    // The load worker may live on; every server has ended.
    expect(this.#children.pids.filter((pid) => pid !== this.#load.pid)).toEqual([]);
    return { events, busyAtRest };
  }

  async close(): Promise<void> {
    await this.#load.stop();
    await this.#children.close();
  }
}

function planOf(workloads: string, limits: Partial<Plan["limits"]>, keepDisturbed: boolean): Plan {
  const chosen = ["--candidates", "bun/serve", "--workloads", workloads];
  const how = ["--profile", "smoke", "--rounds", "1", ...(keepDisturbed ? ["--keep-disturbed"] : [])];
  const plan = planFrom(...how, ...chosen);
  const candidates = plan.candidates.filter((c) => c.replicateOf === null);
  return { ...plan, candidates, limits: { ...plan.limits, ...limits } };
}
