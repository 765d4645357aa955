import { expect, test } from "bun:test";
import { parseArgs } from "../cli/args.ts";
import { recordOf, type Script } from "../fixtures/scripted-run.ts";
import { makePlan } from "../plan/plan.ts";
import { discardedCandidates } from "./collect.ts";

const invocation = parseArgs(
  ["--candidates", "bun/serve,node/ws", "--workloads", "echo/sbe*,push/json*", "--rounds", "3"],
  "0",
);
if (invocation.kind !== "run") throw new Error("expected a run");
const plan = makePlan(invocation.options);

const nothing = { metrics: { throughputHz: 0 } };
const discarded = (measure: NonNullable<Script["measure"]>) =>
  discardedCandidates(plan, recordOf({ plan, measure }));

test("a candidate of which no trial counts is named, and one with a single figure is not", () => {
  expect(discarded(() => ({}))).toEqual([]);
  expect(discarded((name) => (name === "node/ws" ? nothing : {}))).toEqual(["node/ws"]);
  expect(discarded(() => nothing)).toEqual(
    plan.candidates.filter((c) => c.twinOf === null).map((c) => c.name),
  );
  expect(discarded((_, cell, round) => (round === 1 && cell.id.startsWith("push") ? {} : nothing))).toEqual(
    [],
  );
  // What was never measured, since it was unavailable or serves none of it, is told otherwise.
  expect(discarded((name) => (name === "node/ws" ? null : {}))).toEqual([]);
});
