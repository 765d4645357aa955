import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Plan, plan as planSchema } from "../../schemas/plan.ts";
import { createRandom } from "../../stats/random.ts";
import { planErrorOf, planFrom } from "../fixtures/planned.ts";
import { expectedMs } from "../record/progress.ts";
import { aroundReference, ceilingRounds, serves, tasksOf, windowsOf } from "./schedule.ts";

const lengthMs = (plan: Plan) => expectedMs(plan, tasksOf(plan, [], new Set()));

describe("makePlan", () => {
  test("each profile gives a plan that its schema takes", () => {
    for (const profile of ["smoke", "quick", "standard", "thorough"]) {
      const made = planFrom("--profile", profile);
      expect(planSchema.parse(made)).toEqual(made);
    }
  });

  test("every run has an A/A pair and null-server ceilings, whatever it measures", () => {
    const asked = [
      ["--profile", "smoke"],
      ["--profile", "quick", "--candidates", "node/ws"],
      ["--workloads", "push"],
      ["--workloads", "echo/raw/*/c32w32,fanout/json/native/*"],
      ["--workloads", "feed/*", "--codec", "sbe"],
    ];
    for (const argv of asked) {
      const made = planFrom(...argv);
      const tasks = tasksOf(made, [], new Set());
      const replicate = made.candidates.find((c) => c.replicateOf !== null);
      expect(replicate?.replicateOf).toBe(made.reference);
      expect(tasks.some((t) => t.kind === "candidate" && t.candidate === replicate)).toBe(true);
      const ceilings = new Set(tasks.flatMap((t) => (t.kind === "ceiling" ? t.cells : [])));
      expect([...ceilings]).toEqual(made.cells);
    }
  });

  test("the lengths are those promised", () => {
    const seconds = (profile: string) => lengthMs(planFrom("--profile", profile)) / 1000;
    expect(seconds("smoke")).toBeLessThan(30);
    expect(seconds("quick")).toBeLessThan(60);
    expect(seconds("standard")).toBeLessThan(180);
  });

  test("few candidates have the rounds that the time of a standard run has for them, unless another number is asked for", () => {
    const of = (candidates: string, ...argv: string[]) => planFrom("--candidates", candidates, ...argv);
    const named = ["bun/serve", "node/ws", "bun/ws", "bun/elysia", "node/hono"];
    const rounds = named.map((_, n) => of(named.slice(0, n + 1).join(",")).rounds);
    expect(rounds).toEqual([9, 9, 6, 6, 6]);
    const [two = of("bun/serve"), four = two] = [2, 4].map((n) => of(named.slice(0, n).join(",")));
    expect(lengthMs(two)).toBeLessThanOrEqual(lengthMs(four));
    expect(of("bun/serve", "--rounds", "6").rounds).toBe(6);
    expect(of("bun/serve", "--profile", "quick").rounds).toBe(3);
  });

  test("standard measures its headline cells alone, in every round", () => {
    const { cells } = planFrom();
    expect(cells.every((c) => c.headline.length > 0 && c.everyRounds === 1)).toBe(true);
    expect(planFrom("--workloads", "feed,fanout").cells.every((c) => c.headline.length > 0)).toBe(true);
  });

  test("exploratory cells take part where they are named, and in the thorough profile", () => {
    const explored = (...argv: string[]) =>
      planFrom(...argv).cells.flatMap((c) =>
        c.headline.length === 0 ? [[c.id, c.everyRounds] as const] : [],
      );
    expect(explored("--workloads", "fanout/json/native/s100@200Hz,echo")).toEqual([
      ["fanout/json/native/s100@200Hz", 1],
    ]);
    expect(explored("--workloads", "feed", "--codec", "sbe")).toEqual([["feed/sbe/passthrough/send/s10", 1]]);
    const thorough = explored("--profile", "thorough");
    expect(thorough).toHaveLength(10);
    expect(thorough.every(([, every]) => every === 4)).toBe(true);
  });

  test("a visit has several windows of an open loop, and one long one of the feed", () => {
    const { cells, seed, candidates } = planFrom();
    const feed = cells.find((c) => c.spec.workload === "feed")!;
    const windows = windowsOf(seed, { round: 3, candidate: candidates[0]! }, feed);
    expect<unknown>(windows.map((w) => [w.kind, w.asked.windowMs])).toEqual([
      ...Array.from({ length: feed.windows }, () => ["typical", feed.spec.windowMs] as const),
      ["long", feed.longWindowMs!] as const,
    ]);
    expect(windows.map((w) => w.asked.stretch)).toEqual([
      ...Array.from({ length: feed.windows }, (_, window) => 3 * feed.windows + window),
      3,
    ]);
  });

  test("all candidates of a round replay the same stretches, and wait as long as chance says", () => {
    const { cells, seed, candidates } = planFrom();
    const feed = cells.find((c) => c.spec.workload === "feed")!;
    const of = (round: number) => candidates.map((candidate) => windowsOf(seed, { round, candidate }, feed));
    const [first = [], ...others] = of(0);
    for (const other of others) {
      expect(other.map((w) => w.asked.stretch)).toEqual(first.map((w) => w.asked.stretch));
      expect(other.map((w) => w.asked.waitMs)).not.toEqual(first.map((w) => w.asked.waitMs));
    }
    expect(of(0)).toEqual(of(0));
    expect(of(1)[0]?.map((w) => w.asked.waitMs)).not.toEqual(first.map((w) => w.asked.waitMs));
  });

  test("the fan-out's declared tail is as deep as its messages show", () => {
    const tail = (profile: string) =>
      planFrom("--profile", profile, "--workloads", "fanout").cells[0]?.headline[0];
    expect(tail("standard")).toBe("lastLatencyNsP90");
    expect(tail("thorough")).toBe("lastLatencyNsP99");
  });

  test("globs choose and take away", () => {
    const names = (globs: string) =>
      planFrom("--candidates", globs).candidates.flatMap((c) => (c.replicateOf === null ? [c.name] : []));
    expect(names("node/ws,node/hono")).toEqual(["node/ws", "node/hono"]);
    expect(names("default")).toEqual(["node/ws", "node/hono", "bun/elysia", "bun/serve"]);
    expect(names("core,!node/*,!bun/hono")).toEqual(["bun/elysia", "bun/serve", "bun/ws"]);
    expect(names("all")).toContain("bun/hono");
    expect(names("!node/*")).toEqual(["bun/elysia", "bun/serve"]);
  });

  test("a workload can be named by itself or by a cell", () => {
    expect(planFrom("--workloads", "push").cells.every((c) => c.spec.workload === "push")).toBe(true);
    expect(planFrom("--workloads", "echo/*/c1w1").cells.map((c) => c.id)).toEqual(["echo/raw/64B/c1w1"]);
  });

  test.each([
    [["--candidates", "node/wss"], '--candidates: no candidate matches "node/wss"; did you mean node/ws?'],
    [["--workloads", "ecco"], '--workloads: no workload or cell matches "ecco"; did you mean echo?'],
    [["--candidates", "!*/*"], "--candidates: must leave at least one, got !*/*"],
    [
      ["--feed", "synthetic:brust"],
      "--feed: must be synthetic:quiet|open|burst|flash-crash|flat|flat-poisson, got synthetic:brust; did you mean burst?",
    ],
    [["--feed", "capture:"], "--feed: must be synthetic:PRESET or capture:FILE, got capture:"],
  ])("%p is one clear line", (argv, message) => {
    expect(planErrorOf(...argv)).toBe(message);
  });
});

describe("tasksOf", () => {
  test("every round holds each candidate once, with each cell it serves once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (seed) => {
        const made = planFrom("--seed", `${seed}`, "--rounds", "6");
        for (let round = 0; round < made.rounds; round += 1) {
          const tasks = tasksOf(made, [], new Set()).filter(
            (t) => t.round === round && t.kind === "candidate",
          );
          expect(tasks.map((t) => t.kind === "candidate" && t.candidate.name).sort()).toEqual(
            made.candidates.map((c) => c.name).sort(),
          );
          for (const task of tasks) {
            if (task.kind !== "candidate") continue;
            const due = made.cells.filter((c) => round % c.everyRounds === 0 && serves(task.candidate, c));
            expect(task.cells.map((c) => c.id).sort()).toEqual(due.map((c) => c.id).sort());
          }
        }
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  test("the order is the seed's, and differs between rounds", () => {
    const order = (seed: string) =>
      tasksOf(planFrom("--seed", seed), [], new Set()).map((t) =>
        t.kind === "candidate" ? t.candidate.name : "-",
      );
    expect(order("5")).toEqual(order("5"));
    expect(order("5")).not.toEqual(order("6"));
    const rounds = Map.groupBy(tasksOf(planFrom(), [], new Set()), (t) => t.round);
    const orders = new Set(
      [...rounds.values()].map((ts) =>
        ts.flatMap((t) => (t.kind === "candidate" ? t.candidate.name : [])).join(),
      ),
    );
    expect(orders.size).toBeGreaterThan(3);
  });

  test("the candidates of a round meet its cells in one order, and the next round has another", () => {
    const made = planFrom("--candidates", "all");
    const orders = new Set<string>();
    for (const [, tasks] of Map.groupBy(tasksOf(made, [], new Set()), (t) => t.round)) {
      const ids = tasks.flatMap((t) => (t.kind === "candidate" ? [t.cells.map((c) => c.id)] : []));
      const longest = ids.reduce((a, b) => (b.length > a.length ? b : a), []);
      for (const mine of ids) expect(mine).toEqual(longest.filter((id) => mine.includes(id)));
      orders.add(longest.join());
    }
    expect(orders.size).toBeGreaterThan(made.rounds / 2);
  });

  test("ceilings are looked at in the first, the middle and the last round", () => {
    expect(ceilingRounds({ rounds: 10 })).toEqual([0, 5, 9]);
    expect(ceilingRounds({ rounds: 1 })).toEqual([0]);
    const rounds = tasksOf(planFrom(), [], new Set()).flatMap((t) => (t.kind === "ceiling" ? t.round : []));
    expect(rounds).toEqual([0, 3, 5]);
  });

  test("the copies of the reference stand a quarter and three quarters of the way through a cell's order", () => {
    const copy = (name: string) => name.startsWith("r");
    const orders = (names: string[]) =>
      Array.from({ length: 200 }, (_, seed) => aroundReference(createRandom(seed), names, copy).join(""));
    expect(new Set(orders(["a", "r", "s"].map((n) => (n === "s" ? "r2" : n))))).toEqual(
      new Set(["rar2", "r2ar"]),
    );
    for (const order of orders(["a", "b", "c", "r", "R"].map((n) => (n === "R" ? "r" : n)))) {
      expect(order).toMatch(/^[abc]r[abc]r[abc]$/);
    }
    expect(new Set(orders(["a", "b", "c", "d", "r"])).size).toBeGreaterThan(20);
    expect(new Set(orders(["a", "b", "c", "d", "r"]).map((o) => o.indexOf("r")))).toEqual(new Set([2]));
    expect(orders(["a", "b"])).toContain("ba");
    expect(aroundReference(createRandom(1), [], copy)).toEqual([]);
  });

  test("a server that is out of reach is not to be restarted", () => {
    const recovery = (...argv: string[]) =>
      planFrom("--workloads", "recovery", ...argv).cells.map(({ id }) => id);
    const restart = "recovery/json/restart/s100@100Hz";
    const redis = ["--redis", "redis://127.0.0.1:6379"];
    expect(recovery()).toContain(restart);
    expect(recovery()).toContain("recovery/sbe/restart/s100@100Hz");
    const elsewhere = recovery("--agents", "2", ...redis);
    expect(elsewhere.filter((id) => id.includes("/restart/"))).toEqual([]);
    expect(elsewhere.length).toBe(recovery().length - 2);
    expect(() => planFrom("--workloads", restart, "--agents", "2", ...redis)).toThrow("--agents or --target");
  });

  test("a candidate without native broadcast has no native cell", () => {
    const ids = tasksOf(planFrom(), [], new Set()).flatMap((t) =>
      t.kind === "candidate" && t.candidate.name === "node/ws" ? t.cells.map((c) => c.id) : [],
    );
    expect(ids.some((id) => id.includes("native"))).toBe(false);
    expect(ids.some((id) => id.includes("/send"))).toBe(true);
  });
});
