import { type Assertion, AssertionError, parseAssertion } from "../../reports/gates/assertion.ts";
import { UsageError } from "../cli/usage-error.ts";

/** What the command line holds a run to. */
export interface GateFlags {
  readonly assertions: readonly Assertion[];
  /** Path of an earlier report, and by how many percent a figure may be worse; null where neither was given. */
  readonly regression: { readonly baseline: string; readonly limitPct: number } | null;
}

/** A regression of less is seldom worth a red build, and on a shared machine seldom more than noise. */
const defaultLimitPct = 5;

/** Reads --assert, --baseline and --fail-on. Throws UsageError. */
export function parseGateFlags(
  assert: readonly string[],
  baseline: string | null,
  failOn: string | null,
): GateFlags {
  const assertions = assert.map(assertionOf);
  if (failOn === null && baseline === null) return { assertions, regression: null };
  if (baseline === null)
    throw new UsageError("--fail-on: needs --baseline with the report.json of an earlier run");
  if (failOn === null) {
    throw new UsageError(
      "--baseline: needs --fail-on regression[:5%]; to look at two runs without failing, use diff",
    );
  }
  return { assertions, regression: { baseline, limitPct: limitOf(failOn) } };
}

function assertionOf(source: string): Assertion {
  try {
    return parseAssertion(source);
  } catch (error) {
    if (error instanceof AssertionError) throw new UsageError(`--assert: ${error.message}`);
    throw error;
  }
}

function limitOf(failOn: string): number {
  if (failOn === "regression") return defaultLimitPct;
  const limit = Number(/^regression:(\d+(?:\.\d+)?)\s*%?$/.exec(failOn)?.[1]);
  if (!(limit > 0 && limit <= 1000)) {
    throw new UsageError(
      `--fail-on: must be regression or regression:PCT%, as in regression:5%, got ${failOn}`,
    );
  }
  return limit;
}
