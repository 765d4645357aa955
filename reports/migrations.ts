import { z } from "zod";
import { isRetiredWarning, withPresentNames } from "../schemas/former-names.ts";
import { type Policy, policy as policySchema } from "../schemas/policy.ts";
import { report as reportSchema, reportSchemaVersion } from "../schemas/report.ts";
import { decided } from "./decision/decided.ts";
import { defaultPolicy } from "./policies.ts";

/** How each older version becomes the next one. */
export type Migration = (report: Record<string, unknown>) => Record<string, unknown>;
export const migrations: Readonly<Record<number, Migration>> = { 1: fromVersion1 };

const evidenceSchema = reportSchema.omit({ decision: true });

const version1 = z.looseObject({
  run: z.looseObject({ threshold: z.number(), adaptive: z.unknown().optional() }),
  comparisons: z.array(
    z.looseObject({
      verdict: z.enum(["a-better", "b-better", "no-difference", "withheld"]),
      declared: z.boolean(),
      floorPct: z.number().nullable(),
      looks: z.unknown().optional(),
    }),
  ),
  results: z.array(z.looseObject({ generator: z.looseObject({}) })),
  warnings: z.array(z.looseObject({})),
  noise: z.looseObject({
    floorPct: z.unknown().optional(),
    aa: z.array(z.looseObject({ floorPct: z.unknown().optional() })),
  }),
});

/**
 * Version 1 knew one threshold for all metrics, a noise floor on top of it, "no difference" for all that was not shown, and the
 * reason of a verdict or a decision as prose alone. Its figures are kept, and the decision is taken again from them, under the
 * policy that it was taken by. What is no report of that version is left for the parser to reject.
 */
function fromVersion1(old: Record<string, unknown>): Record<string, unknown> {
  const report = z.record(z.string(), z.unknown()).parse(withPresentNames(withSendNamed(old)));
  const parsed = version1.safeParse(report);
  if (!parsed.success) return report;
  const { adaptive: _adaptive, threshold, ...run } = parsed.data.run;
  const thresholdPct = 100 * threshold;
  const margin = { thresholdPct, equalPct: Math.max(10, thresholdPct) };
  const { floorPct: _floorPct, ...noise } = parsed.data.noise;
  const { decision, ...rest } = report;
  const evidence = {
    ...rest,
    // The figures are parsed by the present schema, since the decision is taken from them.
    schemaVersion: reportSchemaVersion,
    run: { ...run, margins: { latency: margin, rate: margin, cost: margin } },
    comparisons: parsed.data.comparisons.map(({ floorPct, looks: _looks, verdict, ...comparison }) => ({
      ...comparison,
      marginPct: Math.max(floorPct ?? 0, thresholdPct),
      equalMarginPct: margin.equalPct,
      equalWithinPct: null,
      minutesToDecide: null,
      spread: null,
      verdict: verdict === "no-difference" ? "undecided" : verdict,
      code:
        verdict === "no-difference"
          ? "straddles-margin"
          : verdict !== "withheld"
            ? "beyond-margin"
            : comparison.declared
              ? "not-recorded"
              : "exploratory",
    })),
    noise: {
      ...noise,
      calibration: { factor: 1, contrasts: 0, excess: null, weight: 0, p: null },
      aa: noise.aa.map(({ floorPct: _floor, ...pair }) => ({ ...pair, p: null })),
    },
    // How long the generator's main thread waited for its core was not recorded.
    results: parsed.data.results.map((r) => ({ ...r, generator: { waitNs: null, ...r.generator } })),
    warnings: parsed.data.warnings.map((warning) => ({ ...warning, touches: "cells" })),
  };
  const whole = evidenceSchema.safeParse(evidence);
  if (!whole.success) return { ...evidence, decision };
  return { ...decided(whole.data, policyOf(decision)) };
}

/**
 * A report of version 2 as the version was released: its first ones had other names for three fields, and warned of runtimes past
 * their end by a table of dates. A field of the candidate shows which they are.
 */
export function withFinalNames(report: Record<string, unknown>): Record<string, unknown> {
  const { success } = z
    .looseObject({ candidates: z.tuple([firstOfVersion2], z.unknown()) })
    .safeParse(report);
  if (!success) return report;
  const renamed = z.record(z.string(), z.unknown()).parse(withPresentNames(report));
  if (!Array.isArray(renamed.warnings)) return renamed;
  return { ...renamed, warnings: renamed.warnings.filter((warning) => !isRetiredWarning(warning)) };
}

const firstOfVersion2 = z.looseObject({ twinOf: z.string().nullable() });

const loopInCell = /\b(feed\/(?:json|sbe)\/(?:passthrough|transcode)|fanout\/(?:json|sbe))\/loop\b/g;

/** Version 1 called a send for each message and subscriber `loop`, in cells as in the options of servers. */
function withSendNamed(value: unknown): unknown {
  if (typeof value === "string") return value === "loop" ? "send" : value.replaceAll(loopInCell, "$1/send");
  if (Array.isArray(value)) return value.map(withSendNamed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withSendNamed(inner)]));
}

/** The policy that a decision was taken by; the tool's own where it says none, as the first reports did. */
function policyOf(decision: unknown): Policy {
  const parsed = z.looseObject({ policyUsed: policySchema }).safeParse(decision);
  return parsed.success ? parsed.data.policyUsed : defaultPolicy;
}
