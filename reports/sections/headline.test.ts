import { expect, test } from "bun:test";
import { join } from "node:path";
import type { CodecCell } from "../../schemas/workloads/codec.ts";
import { parseReport } from "../json.ts";
import { markdownOf } from "../markdown/render.ts";
import { paragraph } from "./document.ts";
import { figureOf, headOf } from "./headline.ts";

const stored = await Bun.file(join(import.meta.dir, "../../tests/golden/report.json")).text();
const golden = parseReport(stored, "report.json");

test("what a runtime alone takes has no rate that it was measured at", () => {
  const spec: CodecCell = {
    ...{ workload: "codec", codec: "json", operation: "parse", message: "trade" },
    ...{ warmupMs: 50, windowMs: 100 },
  };
  const cell = "codec/json/parse/trade";
  const base = golden.results.find(({ metrics }) => metrics.latencyNsP50 !== undefined)!;
  const metrics = { operationNsMean: base.metrics.latencyNsP50! };
  const result = { ...base, cell, workload: spec.workload, params: spec, metrics };
  const report = { ...golden, results: [result] };
  const column = { spec, cell, metric: "operationNsMean" as const };
  const said = [headOf(report, column), figureOf(report, base.candidate, column)].map((of) =>
    markdownOf([paragraph(of)], (id) => id),
  );
  expect(said[0]).toContain("time of an operation");
  expect(said.join()).not.toMatch(/saturation|rate|at /);
});
