import { expect, test } from "bun:test";
import type { RunEvent } from "../../schemas/event.ts";
import { type Noisy, noisyRun } from "../fixtures/noisy-run.ts";
import { planFrom } from "../fixtures/planned.ts";
import { expectedMs } from "../record/progress.ts";
import { cellsOfRound } from "./allocation.ts";
import { tasksOf } from "./schedule.ts";

function planOf(...argv: string[]) {
  const cells = "echo/sbe*,push/json*,feed/json/passthrough/send*";
  const chosen = ["--candidates", "bun/serve,node/ws,node/hono", "--workloads", cells, "--rounds", "10"];
  return planFrom(...chosen, ...argv);
}

const plan = planOf();
const loud = (cell: string) => (cell.startsWith("feed") ? 0.2 : 0.005);

/** Rounds that each cell was measured in, over all candidates alike. */
async function roundsOf(over: Partial<Noisy> = {}) {
  const { events } = await noisyRun({ plan, seed: 7, noise: loud, ...over });
  return { events, rounds: countOf(events) };
}

function countOf(events: readonly RunEvent[]): Record<string, number> {
  const rounds = new Map<string, Set<number>>();
  for (const e of events) {
    if (e.type === "trial-finished") rounds.set(e.cell, (rounds.get(e.cell) ?? new Set()).add(e.round));
  }
  return Object.fromEntries([...rounds].map(([cell, of]) => [cell, of.size]));
}

test("a fixed-rate cell gets the rounds that the others leave, and each of those keeps three quarters of its own", async () => {
  const long = planOf("--rounds", "20");
  const { events } = await noisyRun({ plan: long, seed: 7, noise: loud });
  const rounds = countOf(events);
  for (const [cell, count] of Object.entries(rounds)) {
    if (cell.startsWith("feed")) expect(count).toBeGreaterThan(20);
    else expect(count).toBeWithin(15, 21);
  }
});

test("a run takes no longer than all rounds of everything would", async () => {
  const { events } = await roundsOf();
  const visits = new Map<string, Set<string>>();
  for (const e of events) {
    if (e.type !== "trial-finished") continue;
    const key = `${e.round}\n${e.candidate}`;
    visits.set(key, (visits.get(key) ?? new Set()).add(e.cell));
  }
  const [candidate] = plan.candidates;
  if (candidate === undefined) throw new Error("expected candidates");
  const spent = [...visits.values()].map((of) => ({
    kind: "candidate" as const,
    round: 0,
    candidate,
    cells: plan.cells.filter(({ id }) => of.has(id)),
  }));
  const planned = tasksOf(plan, [], new Set()).filter(({ kind }) => kind === "candidate");
  expect(expectedMs(plan, spent)).toBeLessThanOrEqual(expectedMs(plan, planned));
  expect(expectedMs(plan, spent)).toBeGreaterThan(0.9 * expectedMs(plan, planned));
});

test("windows that were had again take of the time of those rounds that a cell does not need", async () => {
  const { events } = await roundsOf();
  const dueAt = (round: number, repeats: number) => {
    const before = events.flatMap((e): RunEvent[] => {
      if (!("round" in e) || e.round >= round) return [];
      if (e.type !== "window-finished" || !e.cell.startsWith("feed")) return [e];
      const again = Array.from({ length: repeats }, (_, i) => ({ ...e, attempt: i + 2 }));
      return [{ ...e, counted: repeats === 0 }, ...again];
    });
    return cellsOfRound(plan, before, round)?.size ?? plan.cells.length;
  };
  const feeds = plan.cells.filter(({ id }) => id.startsWith("feed")).length;
  // Eight rounds are three quarters of ten; a feed keeps all ten of them, whatever was had again.
  expect([dueAt(8, 0), dueAt(8, 1), dueAt(9, 1)]).toEqual([plan.cells.length, feeds, feeds]);
  expect(dueAt(10, 1)).toBe(0);
});

test("who is ahead changes nothing", async () => {
  const slower = (name: string) => (name === "node/hono" ? 3 : name === "node/ws" ? 0.5 : 1);
  expect((await roundsOf({ slower })).rounds).toEqual((await roundsOf()).rounds);
});

test("what a round measures follows from the rounds before it alone, so that a resumed run keeps it", async () => {
  const { events } = await roundsOf();
  for (const round of [3, 4, 7, 9]) {
    const cut = events.filter((e) => !("round" in e) || e.round < round);
    expect(cellsOfRound(plan, events, round)).toEqual(cellsOfRound(plan, cut, round));
  }
  expect(cellsOfRound(plan, events, 3)).toBeNull();
  expect(cellsOfRound(plan, events, 29)).toEqual(new Set());
});

test("a run of few rounds has them all of everything", async () => {
  const few = planOf("--rounds", "5");
  const { events } = await noisyRun({ plan: few, seed: 7, noise: loud });
  expect(new Set(Object.values(countOf(events)))).toEqual(new Set([5]));
});
