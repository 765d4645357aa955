import { ceilingOf, cellId, factsOf, isRoundTrip } from "../../schemas/cell.ts";
import { builtInEndpoint } from "../../schemas/endpoint.ts";
import type { PlannedCandidate, PlannedCell } from "../../schemas/plan.ts";
import { median } from "../../stats/moments.ts";
import { type Bench, type CeilingLook, measureOnce, type RunningServer } from "../experiment.ts";
import { generatorCostNs } from "./generator-cost.ts";

/** How long the null server and the generator are warmed before the first ceiling, in ms, shared among the cells. */
const firstWarmupMs = 1200;

/** The generator's own ceiling is measured against it. */
export const nullServer: PlannedCandidate = {
  name: "null-server",
  id: "null-server",
  replicateOf: null,
  runtime: "bun",
  framework: "none",
  launch: { kind: "program", runtime: "bun", choice: { kind: "pinned" } },
  endpoint: builtInEndpoint,
  serves: [],
  notServed: [],
  gaps: [],
  upgradeFrom: null,
};

/** What ceilings are taken with. */
export interface CeilingBench extends Pick<Bench, "start" | "open"> {
  /** Ends the load generator's process; the next trial finds a new one. */
  replaceGenerator(): Promise<void>;
}

/** A message may cost the generator this many times what it did at the first look before its process is replaced. */
const slowdownMax = 1.15;

type Seen = { readonly ceilingHz: number; readonly costNs?: number };

/**
 * The generator's own rates, and what a message costs it. One null server serves the whole run: a fresh one would still be
 * compiling when its ceiling is taken. So does one generator, unless it becomes slow: an engine may give up compiled code for the
 * life of a process (docs/PERFORMANCE.md), and all that is measured with it then reads as the server's.
 */
export class Ceilings {
  readonly #bench: CeilingBench;
  readonly #interrupted: () => boolean;
  #server: RunningServer | null = null;
  /** What a message cost this generator when it was first looked at, by the asked cell's id. */
  #firstNs = new Map<string, number>();

  constructor(bench: CeilingBench, interrupted: () => boolean) {
    this.#bench = bench;
    this.#interrupted = interrupted;
  }

  /** A look at the ceilings of `cells`. Throws where the null server does not start. */
  async of(cells: readonly PlannedCell[]): Promise<CeilingLook> {
    // Cells that differ in what the null server need not know share one look.
    const asked = new Map(
      cells.map((cell) => {
        const spec = ceilingOf(cell.spec);
        return [cellId(spec), { ...cell, spec }] as const;
      }),
    );
    const isFirst = this.#server === null;
    const server = this.#server ?? (await this.#start());
    // The run is about to end for the same reason, and reports what it has.
    if (server === null) return { ceilings: new Map(), slowdown: null };
    let seen = await this.#look(server, asked, isFirst ? firstWarmupMs : 0);
    let slowdown = this.#slowdownOf(seen);
    if (slowdown > slowdownMax) {
      // One look on a machine with other work proves little: the better of two speaks.
      seen = better(seen, await this.#look(server, asked, 0));
      slowdown = this.#slowdownOf(seen);
    }
    const replaced = slowdown > slowdownMax;
    if (replaced) {
      await this.#bench.replaceGenerator();
      this.#firstNs = new Map();
      seen = await this.#look(server, asked, firstWarmupMs);
    }
    for (const [id, { costNs }] of seen) {
      if (costNs !== undefined && !this.#firstNs.has(id)) this.#firstNs.set(id, costNs);
    }
    const ceilings = cells.flatMap((cell) => {
      const one = seen.get(cellId(ceilingOf(cell.spec)));
      return one === undefined ? [] : [[cell.id, one] as const];
    });
    return { ceilings: new Map(ceilings), slowdown: replaced ? slowdown : null };
  }

  /** Stops the null server. */
  async close(): Promise<void> {
    await this.#server?.stop();
    this.#server = null;
  }

  /** Measures each cell once, with `warmupMs` more of warm-up shared among them. */
  async #look(
    server: RunningServer,
    asked: ReadonlyMap<string, PlannedCell>,
    warmupMs: number,
  ): Promise<Map<string, Seen>> {
    const seen = new Map<string, Seen>();
    for (const [id, cell] of asked) {
      const { spec } = cell;
      const share = isRoundTrip(spec) ? 0 : Math.round(warmupMs / asked.size);
      const warmer = { ...spec, warmupMs: Math.max(spec.warmupMs, share) };
      const outcome = await measureOnce(this.#bench, server, { ...cell, spec: warmer });
      if (!("measurement" in outcome)) continue;
      const ceilingHz = outcome.measurement.metrics[factsOf(spec.workload).rateMetric] ?? 0;
      // One message in flight leaves the generator idle most of the time: what it costs is the machine's.
      const costNs = isRoundTrip(cell.spec) ? null : generatorCostNs(outcome.measurement);
      if (ceilingHz > 0) seen.set(id, { ceilingHz, ...(costNs === null || costNs <= 0 ? {} : { costNs }) });
    }
    return seen;
  }

  /** What a message costs now ÷ at first, the median of the cells; 1 where nothing can be compared. */
  #slowdownOf(seen: ReadonlyMap<string, Seen>): number {
    const ratios = [...seen].flatMap(([id, { costNs }]) => {
      const firstNs = this.#firstNs.get(id);
      return costNs === undefined || firstNs === undefined ? [] : [costNs / firstNs];
    });
    return ratios.length === 0 ? 1 : median(ratios);
  }

  /** The null server; null where an interrupt ended it. */
  async #start(): Promise<RunningServer | null> {
    const started = await this.#bench.start(nullServer);
    if ("failure" in started) {
      if (this.#interrupted()) return null;
      throw new Error(`the null server did not start: ${started.failure.reason}`);
    }
    this.#server = started.server;
    return started.server;
  }
}

/** Of two looks the better at each cell: what disturbs one only makes it worse. */
function better(a: ReadonlyMap<string, Seen>, b: ReadonlyMap<string, Seen>): Map<string, Seen> {
  const both = new Map(a);
  for (const [id, one] of b) {
    const other = a.get(id);
    if (other === undefined || (one.costNs ?? 0) < (other.costNs ?? 0)) both.set(id, one);
  }
  return both;
}
