import { expect, test } from "bun:test";
import type { PlannedCandidate, PlannedCell } from "../../../schemas/plan.ts";
import type { Bench, Opened, RunningServer, Started } from "../../experiment.ts";
import { planFrom } from "../../fixtures/planned.ts";
import { forProbing, probeOwn } from "./probe.ts";

/** A plan over one's own server alone, which is its own reference and so has a replicate. */
function planOf() {
  return planFrom("--profile", "quick", "--candidate", "mine=x", "--candidates", "mine");
}

/** A bench whose server answers what `serves` says, and dies of what `deadly` says. */
class FakeBench implements Pick<Bench, "start" | "open"> {
  starts = 0;
  running = 0;
  readonly asked: PlannedCell[] = [];
  readonly #serves: (service: string) => boolean;
  readonly #deadly: string | null;
  readonly #startsMax: number;
  #alive = false;

  constructor(serves: (service: string) => boolean, deadly: string | null = null, startsMax = 9) {
    this.#serves = serves;
    this.#deadly = deadly;
    this.#startsMax = startsMax;
  }

  async close(): Promise<void> {}

  start(_: PlannedCandidate): Promise<Started> {
    if (this.starts >= this.#startsMax) {
      return Promise.resolve({ failure: { phase: "start", reason: "no more", stderr: [] } });
    }
    this.starts += 1;
    this.running += 1;
    this.#alive = true;
    const stop = () => {
      this.running -= 1;
      return Promise.resolve(null);
    };
    const alive = () => this.#alive;
    return Promise.resolve({ server: { startupNs: null, ready: null, alive, hold: null, stop } });
  }

  open(_: RunningServer, cell: PlannedCell): Promise<Opened> {
    this.asked.push(cell);
    if (cell.id === this.#deadly) this.#alive = false;
    if (this.#serves(cell.id)) return Promise.resolve({ cell: servedCell });
    return Promise.resolve({
      failure: { phase: "verify", reason: `no ${cell.id}`, stderr: [`on ${cell.id}`] },
    });
  }
}

const servedCell = {
  warmUp: { connectMs: 0, warmUpMs: 0 },
  window: () => Promise.resolve({ measurement: {} as never }),
  close: () => Promise.resolve(),
};

test("every service is asked for once, with one connection, and the answers are the plan's", async () => {
  const bench = new FakeBench((service) => service.startsWith("echo/"));
  const { plan, failures } = await probeOwn(planOf(), bench);
  expect(failures.size).toBe(0);
  const ids = bench.asked.map((cell) => cell.id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { spec } of bench.asked) {
    if ("connections" in spec) expect(spec.connections).toBe(1);
    if ("subscribers" in spec) expect(spec.subscribers).toBe(1);
    expect(spec.windowMs).toBeLessThan(50);
  }
  // The replicate is the same server, and is not asked again.
  expect(plan.candidates.map((c) => c.name)).toEqual(["mine", "mine#2"]);
  for (const { serves, notServed } of plan.candidates) {
    expect(serves).toEqual(["echo/raw", "echo/json", "echo/sbe"]);
    expect(notServed[0]).toEqual({ service: "push/json", code: "wrong-answer", reason: "no push/json" });
  }
  expect([bench.starts, bench.running]).toEqual([1, 0]);
});

test("a server that dies of a question is started again for the next", async () => {
  const bench = new FakeBench((service) => service !== "push/json", "push/json");
  const { plan } = await probeOwn(planOf(), bench);
  expect(plan.candidates[0]?.notServed.map((n) => n.service)).toEqual(["push/json"]);
  expect([bench.starts, bench.running]).toEqual([2, 0]);
});

test("one that does not start, or serves nothing, has failed", async () => {
  const silent = await probeOwn(planOf(), new FakeBench(() => true, null, 0));
  expect(silent.failures.get("mine")?.reason).toBe("no more");
  expect(silent.plan.candidates[0]?.serves).toEqual([]);
  const useless = await probeOwn(planOf(), new FakeBench(() => false));
  expect(useless.failures.get("mine")?.reason).toStartWith("it serves none of the services; echo/raw: no");
  expect(useless.failures.get("mine")?.stderr).toEqual(["on echo/raw"]);
});

test("a look is bounded to seconds", () => {
  const { connectMs, drainMs, trialGraceMs } = forProbing(planOf()).limits;
  expect(connectMs + drainMs + trialGraceMs).toBeLessThan(5_000);
});
