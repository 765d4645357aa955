import { expect, test } from "bun:test";
import { join } from "node:path";
import { readStored } from "../../reports/read-report.ts";
import {
  ceilingOf,
  cellId,
  cellSpec,
  factsOf,
  inFlightOf,
  isOpenLoop,
  receiversOf,
  serviceOf,
  smallestOf,
  workloadOfId,
} from "../../schemas/cell.ts";
import { planFrom } from "../fixtures/planned.ts";
import { measuring } from "./index.ts";

function cellsOf(...flags: string[]) {
  return planFrom(...flags).cells;
}

test("each codec, size and shape has a ceiling of its own, and open loops share one for each codec", () => {
  const cells = cellsOf("--profile", "standard");
  for (const { id, spec } of cells) {
    const asked = cellId(ceilingOf(spec));
    expect([id, asked]).toEqual([id, isOpenLoop(spec.workload) ? `push/${spec.codec}/146B/c8` : id]);
    expect(ceilingOf(spec).codec).toBe(spec.codec);
    expect(cellSpec.parse(ceilingOf(spec))).toEqual(ceilingOf(spec));
  }
  // The push of quotes is a separate cell: an open loop of JSON costs no further look.
  expect(cells.map((c) => c.id)).toContain("push/json/146B/c8");
});

test("the smallest cell is a cell, and asks for the same service over one connection", () => {
  for (const { id, spec } of cellsOf("--profile", "thorough")) {
    const smallest = cellSpec.parse(smallestOf(spec));
    expect([id, serviceOf(smallest), receiversOf(smallest)]).toEqual([id, serviceOf(spec), 1]);
    expect(smallest.windowMs).toBeLessThan(spec.windowMs);
  }
});

test("a cell's id begins with its workload, and names what keeps a number of messages in flight", () => {
  for (const { id, spec } of cellsOf("--profile", "thorough")) {
    expect([id, workloadOfId(id)]).toEqual([id, spec.workload]);
    const [, connections, window] = /\/c(\d+)w(\d+)$/.exec(id) ?? [];
    expect(inFlightOf(spec)).toBe(window === undefined ? null : Number(connections) * Number(window));
  }
  expect(workloadOfId("nothing/json")).toBeNull();
});

test("an open loop offers a rate, and a closed one what is taken", async () => {
  const offered = cellsOf("--profile", "standard", "--feed", "synthetic:flat").map(async ({ id, spec }) => [
    id,
    await measuring[spec.workload].offeredHz(spec),
  ]);
  expect(Object.fromEntries(await Promise.all(offered))).toEqual({
    "echo/raw/64B/c1w1": null,
    "echo/json/c4w128": null,
    "echo/sbe/c4w128": null,
    "push/json/146B/c8": null,
    "feed/json/passthrough/send/s10": 10_000,
    "feed/json/passthrough/coalesced/s10": 10_000,
    "fanout/json/send/s100@200Hz": 20_000,
  });
});

test("a run yields no figure that its workload does not declare", async () => {
  const path = join(import.meta.dir, "..", "..", "docs", "SAMPLE-REPORT", "report.json");
  const { results } = await readStored(path);
  expect(results.length).toBeGreaterThan(0);
  for (const { cell, workload, metrics } of results) {
    const undeclared = Object.keys(metrics).filter(
      (name) => !factsOf(workload).metrics.some((m) => m === name),
    );
    expect([cell, undeclared]).toEqual([cell, []]);
  }
});
