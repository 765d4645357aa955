import { expect, test } from "bun:test";
import { join } from "node:path";
import { z } from "zod";
import { report as reportSchema } from "../schemas/report.ts";
import { decided } from "./decision/decided.ts";
import { compareRuns } from "./diff/runs.ts";
import { parseAssertion } from "./gates/assertion.ts";
import { type Gates, judge } from "./gates/judge.ts";
import { defaultPolicy } from "./policies.ts";
import { readStored } from "./read-report.ts";
import { headline } from "./wording.ts";

type Schema = {
  readonly prose?: boolean;
  readonly properties?: Record<string, Schema>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
};

/** The value with every string that the schema calls prose replaced. */
function silenced(value: unknown, schema: Schema): unknown {
  if (schema.prose === true && typeof value === "string") return "x";
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches !== undefined) return branches.reduce((v, branch) => silenced(v, branch), value);
  if (Array.isArray(value)) return value.map((v) => silenced(v, schema.items ?? {}));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, v]) => [name, silenced(v, schema.properties?.[name] ?? {})]),
  );
}

const schema = z.toJSONSchema(reportSchema, { io: "output" }) as Schema;
const stored = await Promise.all(
  ["fixtures/report-v1.json", "../tests/golden/report.json"].map((file) =>
    readStored(join(import.meta.dir, file)),
  ),
);
const silent = stored.map((report) => reportSchema.parse(silenced(report, schema)));

test("prose is what is silenced", () => {
  expect(silent[1]?.decision.answer).toBe("x");
  expect(new Set(silent[1]?.warnings.map((w) => w.cause))).toEqual(new Set(["x"]));
  expect(silent[1]?.comparisons.map((c) => c.ratio)).toEqual(
    stored[1]?.comparisons.map((c) => c.ratio) ?? [],
  );
});

test("no decision, gate or comparison reads prose", () => {
  const [before, after] = stored;
  const [quiet, later] = silent;
  if (before === undefined || after === undefined || quiet === undefined || later === undefined) return;
  const codesOf = ({ decision, warnings }: typeof before) => [
    [decision.outcome, decision.recommended, decision.leader, decision.tied, decision.scores],
    [decision.runnerUp, decision.costs, decision.sensitivity, decision.excluded.map((e) => e.code)],
    decision.reversals.map(({ text: _, ...codes }) => codes),
    warnings.map((w) => w.touches),
  ];
  for (const [i, report] of stored.entries()) {
    const policy = report.decision.policyUsed ?? defaultPolicy;
    const mute = silent[i];
    if (mute === undefined) throw new Error("each report has its silenced copy");
    expect(codesOf(decided(mute, policy))).toEqual(codesOf(decided(report, policy)));
    expect(headline(mute.decision)).toBe(headline(report.decision));
  }
  expect(compareRuns(quiet, later, true)).toEqual(compareRuns(before, after, true));
  const gates = (baseline: typeof before): Gates => ({
    assertions: [parseAssertion("* feed p99 < 5ms"), parseAssertion("* echo throughput > 1M/s")],
    regression: {
      baseline,
      limitPct: 5,
      figures: baseline.comparisons.map(({ cell, metric }) => ({ cell, metric })),
    },
    planned: [],
  });
  const outcomes = (report: typeof before, baseline: typeof before) =>
    judge(report, gates(baseline)).findings.map((f) => f.outcome);
  expect(outcomes(later, quiet)).toEqual(outcomes(after, before));
});
