import { type Assertion, AssertionError, parseAssertion } from "../../reports/gates/assertion.ts";
import { type LatencyLimit, latencyLimit } from "../../schemas/capacity.ts";
import { type CellSpec, factsOf, isOpenLoop } from "../../schemas/cell.ts";
import type { PlannedCell } from "../../schemas/plan.ts";
import type { Requirement } from "../../schemas/policy.ts";
import { measuring } from "../workloads/index.ts";
import { UsageError } from "./usage-error.ts";

/** A limit on a figure at a rate, as `--slo` gives it. */
export interface Slo {
  /** As it was written. */
  readonly source: string;
  readonly metric: Assertion["metric"];
  readonly than: Assertion["than"];
  /** In the metric's stored unit. */
  readonly limit: number;
  /** Deliveries a second, over all subscribers. */
  readonly rateHz: number;
}

const shape = /^([^<>@]+[<>][^<>@]+)@\s*(\d+(?:\.\d+)?)\s*(?:\/s)?\s*$/;

/** Reads `METRIC < VALUE @ RATE`, e.g. `p99<5ms@50000`: metric and unit as `--assert` has them. Throws UsageError. */
export function parseSlo(source: string): Slo {
  const wrong = (what: string) => new UsageError(`--slo: ${JSON.stringify(source)}: ${what}`);
  const [, budget = "", rate = ""] = shape.exec(source) ?? [];
  const rateHz = Number(rate);
  if (!(rateHz > 0)) {
    throw wrong('must read METRIC < VALUE @ DELIVERIES A SECOND, as in "p99<5ms@50000"');
  }
  // The same words as a budget's, of whoever and wherever.
  const whole = `* * ${budget.trim()}`;
  try {
    const { metric, than, limit } = parseAssertion(whole);
    return { source, metric, than, limit, rateHz };
  } catch (error) {
    if (error instanceof AssertionError) throw wrong(error.message.replace(`${JSON.stringify(whole)}: `, ""));
    throw error;
  }
}

/**
 * What the policy requires by `--slo`: the limit in every open-loop cell that offers its rate or more. Throws UsageError where none
 * does, naming the rates that there are, and FeedError for a feed that cannot be made.
 */
export async function sloRequirements(
  slos: readonly Slo[],
  cells: readonly PlannedCell[],
): Promise<Requirement[]> {
  if (slos.length === 0) return [];
  const offered: { id: string; spec: CellSpec; hz: number }[] = [];
  for (const { id, spec } of cells) {
    const hz = await measuring[spec.workload].offeredHz(spec);
    if (hz !== null) offered.push({ id, spec, hz });
  }
  return slos.map((slo) => {
    const { source, metric, than, limit, rateHz } = slo;
    // A capacity search finds the rate itself: the requirement is met if what it finds is at least the rate asked for.
    const searched = cells.filter(({ spec }) => isSearchedBy(spec, slo)).map(({ id }) => id);
    const measuring = offered.filter(({ spec }) => measures(spec, metric));
    const reached = measuring.filter(({ hz }) => hz >= rateHz).map(({ id }) => id);
    if (reached.length === 0 && searched.length > 0) {
      return { kind: "slo", metric: "capacityHz", cells: searched, min: rateHz };
    }
    if (reached.length === 0) {
      throw new UsageError(
        `--slo: ${JSON.stringify(source)}: must name a rate that a measured feed or fan-out reaches, got ${rateHz}/s; ${ratesText(measuring)}`,
      );
    }
    return { kind: "slo", metric, cells: reached, [than === "<" ? "max" : "min"]: limit };
  });
}

/** The limit that capacities are searched at: the first that is one on a latency's percentile; null where there is none. */
export function searchedLimit(slos: readonly Slo[]): LatencyLimit | null {
  for (const slo of slos) {
    const limit = limitOf(slo);
    if (limit !== null) return limit;
  }
  return null;
}

function limitOf({ metric, than, limit }: Slo): LatencyLimit | null {
  const parsed = latencyLimit.safeParse({ percentile: metric, maxNs: limit });
  return than === "<" && parsed.success ? parsed.data : null;
}

/** Whether a cell searches the highest load at which this limit holds. */
function isSearchedBy(spec: CellSpec, slo: Slo): boolean {
  const limit = limitOf(slo);
  if (!("limit" in spec) || limit === null) return false;
  return spec.limit.percentile === limit.percentile && spec.limit.maxNs === limit.maxNs;
}

/** Whether an open loop gives a figure. */
const measures = ({ workload }: CellSpec, metric: Slo["metric"]): boolean =>
  isOpenLoop(workload) && factsOf(workload).metrics.includes(metric);

function ratesText(offered: readonly { readonly hz: number }[]): string {
  if (offered.length === 0) return "this run has none; see --workloads";
  const rates = offered.map(({ hz }) => Math.round(hz)).sort((a, b) => a - b);
  return `the rates of this run are ${[...new Set(rates)].join(", ")}; see --feed-rate and --workloads`;
}
