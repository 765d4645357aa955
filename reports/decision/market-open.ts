import { factsOf } from "../../schemas/cell.ts";
import { correctShare } from "../../schemas/delivery.ts";
import {
  type MarketOpen,
  type OpenCriterion,
  type OpenFinding,
  type OpenReason,
  openCriteria,
  type Survival,
} from "../../schemas/market-open.ts";
import type { MetricName } from "../../schemas/metric.ts";
import type { CellResult, Comparison, Report } from "../../schemas/report.ts";

/** One criterion: the results that it is judged by, what each says, and which figures are its price. */
interface Criterion {
  readonly judges: (result: CellResult) => boolean;
  readonly reads: (result: CellResult) => OpenReason;
  readonly price: readonly MetricName[];
  /** Asked of a server only by a run that has measured it. */
  readonly isOptional?: boolean;
}

/** Every criterion, in one place. A result is judged by what it has measured, whatever its cell is called. */
const criteria: Readonly<Record<OpenCriterion, Criterion>> = {
  storm: {
    judges: (result) => result.connections !== undefined,
    reads: ({ connections }) => {
      if (connections === undefined) return "not-measured";
      const { due, opened } = connections.fates;
      if (opened < due) return "not-served";
      return connections.leak.reads === "grows" ? "memory-grows" : "held";
    },
    price: ["stormNsMax", "rssBytesPerConnection"],
  },
  bursts: {
    judges: ({ params }) => "preset" in params && params.preset !== undefined,
    reads: (result) => (correctShare(result) < 1 ? "messages-lost" : "held"),
    price: ["latencyNsP99", "rssBytesPeak"],
  },
  "slow-subscribers": {
    judges: ({ policyKept }) => policyKept !== undefined,
    reads: ({ policyKept }) => {
      if (policyKept?.verdict === "deviates") return "policy-deviates";
      return policyKept?.verdict === "kept" ? "held" : "not-observed";
    },
    price: ["latencyNsP99", "rssBytesPeak"],
  },
  "back-pressure": {
    judges: ({ flooded }) => flooded !== undefined,
    reads: (result) => {
      if (result.flooded?.backPressure === "sheds" || correctShare(result) < 1) return "messages-lost";
      return result.flooded?.backPressure === "reaches" ? "held" : "buffers";
    },
    price: ["rssBytesPeak"],
  },
  books: {
    judges: ({ recovery }) => recovery !== undefined,
    reads: (result) => {
      const { recovery } = result;
      if (recovery === undefined) return "not-measured";
      if (recovery.thinned !== undefined || recovery.missing !== undefined) return "messages-lost";
      if (recovery.unrecovered > 0) return "books-wrong";
      return correctShare(result) < 1 ? "messages-lost" : "held";
    },
    price: ["bookNsP99", "rssBytesPeak"],
    isOptional: true,
  },
  "service-level": {
    judges: ({ capacity }) => capacity !== undefined,
    reads: ({ capacity }) => {
      if (capacity === undefined) return "not-measured";
      if (capacity.lowHz !== null) return "held";
      return capacity.end === "server" ? "level-missed" : "not-observed";
    },
    price: ["capacityHz"],
    isOptional: true,
  },
};

const survives: Readonly<Record<OpenReason, Survival>> = {
  "not-measured": "not-known",
  disturbed: "not-known",
  "not-observed": "not-known",
  held: "yes",
  failed: "no",
  "not-served": "no",
  "memory-grows": "no",
  "messages-lost": "no",
  "policy-deviates": "no",
  buffers: "no",
  "books-wrong": "no",
  "level-missed": "no",
};

/** Worst first: a candidate comes through what it comes through everywhere. */
const gravity: readonly Survival[] = ["no", "not-known", "yes"];
const worst = (all: readonly Survival[]): Survival => gravity.find((one) => all.includes(one)) ?? "not-known";

/** Whether each candidate comes through the market's open; undefined where nothing of it was measured. */
export function marketOpenOf({
  candidates,
  results,
  failures,
  comparisons,
}: Pick<Report, "candidates" | "results" | "failures" | "comparisons">): MarketOpen | undefined {
  const voided = comparisons.filter(({ code }) => code === "all-trials-void");
  // What is asked of a server only where it was measured is no question of the open's by itself.
  const isMeasured = openCriteria.some(
    (name) =>
      criteria[name].isOptional !== true &&
      (results.some(criteria[name].judges) ||
        voided.some(({ workload }) => factsOf(workload).openCriterion === name)),
  );
  if (!isMeasured) return undefined;
  const asked = openCriteria.filter(
    (name) => criteria[name].isOptional !== true || results.some(criteria[name].judges),
  );
  return candidates
    .filter(({ replicateOf }) => replicateOf === null)
    .map(({ id }) => {
      const measured = results.filter(({ candidate }) => candidate === id);
      const failed = failures.flatMap(({ candidate, cell, fault }) =>
        candidate === id && cell !== null && fault === undefined ? [cell] : [],
      );
      const withoutFigure = voided.filter(
        ({ a, b, cell }) => (a === id || b === id) && !measured.some((result) => result.cell === cell),
      );
      const findings = asked.map((name) => findingOf(name, measured, results, failed, withoutFigure));
      return { candidate: id, survives: worst(findings.map((one) => one.survives)), findings };
    });
}

/**
 * What a candidate's results say of one criterion. One that failed in a cell that others have was measured there, and did not hold;
 * `voided` are cells that it was measured in, and of which no window counts.
 */
function findingOf(
  criterion: OpenCriterion,
  ofCandidate: readonly CellResult[],
  all: readonly CellResult[],
  failed: readonly string[],
  voided: readonly Pick<Comparison, "cell" | "workload">[],
): OpenFinding {
  const { judges, reads, price } = criteria[criterion];
  const cells = new Set(all.filter(judges).map(({ cell }) => cell));
  const lost = failed.find((cell) => cells.has(cell));
  if (lost !== undefined) return { criterion, survives: "no", reason: "failed", cell: lost, price: [] };
  const judged = ofCandidate.filter(judges).map((result) => ({ result, reason: reads(result) }));
  const verdict = worst(judged.map(({ reason }) => survives[reason]));
  const decisive = judged
    .filter(({ reason }) => survives[reason] === verdict)
    .toSorted((a, b) => figureOf(b.result, price[0]) - figureOf(a.result, price[0]))[0];
  if (decisive === undefined) {
    const isAsked = ({ cell, workload }: Pick<Comparison, "cell" | "workload">) =>
      cells.has(cell) || factsOf(workload).openCriterion === criterion;
    const cell = voided.find(isAsked)?.cell ?? null;
    const reason = cell === null ? "not-measured" : "disturbed";
    return { criterion, survives: "not-known", reason, cell, price: [] };
  }
  const { result, reason } = decisive;
  return {
    criterion,
    survives: verdict,
    reason,
    cell: result.cell,
    price: price.flatMap((metric) => {
      const found = result.metrics[metric];
      // What is mostly the load generator's delay is no price of the server.
      return found === undefined || result.mostlyGenerators?.includes(metric)
        ? []
        : [{ metric, value: found.median }];
    }),
  };
}

const figureOf = ({ metrics }: CellResult, metric: MetricName | undefined): number =>
  (metric === undefined ? undefined : metrics[metric]?.median) ?? 0;
