import { expect, test } from "bun:test";
import { parseArgs } from "../cli/args.ts";
import { recordOf, type Told } from "../fixtures/told-run.ts";
import { makePlan } from "../plan/plan.ts";
import { voidedCandidates } from "./voided.ts";

const invocation = parseArgs(
  ["--candidates", "bun/serve,node/ws", "--workloads", "echo/sbe*,push/json*", "--rounds", "3"],
  "0",
);
if (invocation.kind !== "run") throw new Error("expected a run");
const plan = makePlan(invocation.options);

const nothing = { metrics: { throughputHz: 0 } };
const voided = (measure: NonNullable<Told["measure"]>) => voidedCandidates(plan, recordOf({ plan, measure }));

test("a candidate of which no trial counts is named, and one with a single figure is not", () => {
  expect(voided(() => ({}))).toEqual([]);
  expect(voided((name) => (name === "node/ws" ? nothing : {}))).toEqual(["node/ws"]);
  expect(voided(() => nothing)).toEqual(plan.candidates.filter((c) => c.twinOf === null).map((c) => c.name));
  expect(voided((_, cell, round) => (round === 1 && cell.id.startsWith("push") ? {} : nothing))).toEqual([]);
  // What was never measured, since it was unavailable or serves none of it, is told otherwise.
  expect(voided((name) => (name === "node/ws" ? null : {}))).toEqual([]);
});
