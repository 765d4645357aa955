import { expect, test } from "bun:test";
import { noisyRun } from "../fixtures/noisy-run.ts";
import { planFrom } from "../fixtures/planned.ts";
import { recordOf, type Script } from "../fixtures/scripted-run.ts";
import { collect, discardedCandidates } from "./collect.ts";

const argv = "--candidates bun/serve,node/ws --workloads echo/sbe*,push/json* --rounds 3";
const plan = planFrom(...argv.split(" "));

const nothing = { metrics: { throughputHz: 0 } };
const discarded = (measure: NonNullable<Script["measure"]>) =>
  discardedCandidates(plan, recordOf({ plan, measure }));

test("a candidate of which no trial counts is named, and one with a single figure is not", () => {
  expect(discarded(() => ({}))).toEqual([]);
  expect(discarded((name) => (name === "node/ws" ? nothing : {}))).toEqual(["node/ws"]);
  expect(discarded(() => nothing)).toEqual(
    plan.candidates.filter((c) => c.replicateOf === null).map((c) => c.name),
  );
  expect(discarded((_, cell, round) => (round === 1 && cell.id.startsWith("push") ? {} : nothing))).toEqual(
    [],
  );
  // What was never measured, since it was unavailable or serves none of it, is told otherwise.
  expect(discarded((name) => (name === "node/ws" ? null : {}))).toEqual([]);
});

test("windows of several candidates come in turns, and those of a trial that was cut or failed belong to none", async () => {
  const { events } = await noisyRun({ plan, seed: 1, noise: 0.1 });
  const { series } = collect(plan, events);
  expect(series.every(({ perRound }) => perRound.every((visit) => visit !== null))).toBe(true);
  const firstEnd = events.findIndex(({ type }) => type === "trial-finished");
  const begun = events
    .slice(0, firstEnd)
    .flatMap((event) =>
      event.type === "window-finished"
        ? [{ ...event, measurement: { ...event.measurement, metrics: { throughputHz: 1 } } }]
        : [],
    );
  expect(new Set(begun.map(({ candidate }) => candidate)).size).toBeGreaterThan(1);
  const at = "2026-01-02T03:04:05.000Z";
  expect(collect(plan, [...begun, { type: "run-resumed", at }, ...events]).series).toEqual(series);
  const [one] = begun;
  const { candidate, cell, round } = one!;
  const failed = {
    ...{ type: "trial-failed" as const, at, candidate, cell, round },
    ...{ phase: "measure" as const, reason: "x", stderr: [] },
  };
  expect(collect(plan, [one!, failed, ...events]).series).toEqual(series);
});
