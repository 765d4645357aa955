import { expect, test } from "bun:test";
import { cellId } from "../../schemas/cell.ts";
import { parseArgs } from "../cli/args.ts";
import { makePlan } from "../plan/plan.ts";
import { ceilingSpec } from "./ceiling-cell.ts";

test("each codec, size and shape has a ceiling of its own, and open loops share one for each codec", () => {
  const invocation = parseArgs(["--profile", "standard"], "0");
  if (invocation.kind !== "run") throw new Error("expected a run");
  const { cells } = makePlan(invocation.options);
  for (const { id, spec } of cells) {
    const open = spec.workload === "feed" || spec.workload === "fanout";
    const asked = cellId(ceilingSpec(spec));
    expect([id, asked]).toEqual([id, open ? `push/${spec.codec}/146B/c8` : id]);
    expect(ceilingSpec(spec).codec).toBe(spec.codec);
  }
  // The push of quotes is a cell of its own: an open loop of JSON costs no further look.
  expect(cells.map((c) => c.id)).toContain("push/json/146B/c8");
});
