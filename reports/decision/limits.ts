import { workloads } from "../../schemas/cell.ts";
import { matchesGlobs } from "../../schemas/glob.ts";
import { codecs } from "../../schemas/names.ts";
import type { Policy } from "../../schemas/policy.ts";
import { policyAxes } from "../../schemas/policy.ts";
import { unknownVersion } from "../../schemas/ready.ts";
import type { Undecided } from "../../schemas/report.ts";
import { placeWords } from "../workloads/index.ts";
import { measuredResults } from "./evidence.ts";
import { axisLabels } from "./labels.ts";
import type { Solution } from "./solve.ts";

/** What the decision cannot know, said plainly: the setting, what was not run, and what was run but could not be counted. */
export function notMeasured(report: Undecided, policy: Policy, solution: Solution): string[] {
  return [...setting(report), ...notRun(report), ...notCounted(report, policy, solution)];
}

function setting(report: Undecided): string[] {
  const { host, target } = report;
  const versions = [
    ...new Set(
      report.candidates.flatMap(({ runtime, framework }) =>
        // A server that never started, or that the user supplied, has no known version.
        [runtime, framework].flatMap((v) => (v.version === unknownVersion ? [] : [`${v.name} ${v.version}`])),
      ),
    ),
  ].sort();
  const kind = host.virtualised === null ? "" : `, virtualised (${host.virtualised})`;
  return [
    ...placeOf(target),
    `${target === undefined ? "One machine" : "Coordinated from one machine"}: ${host.cpu}, ${host.cores} cores${kind}, ${host.os}, kernel ${host.kernel}.`,
    ...(versions.length === 0 ? [] : [`Only these versions: ${versions.join(", ")}.`]),
  ];
}

/** What is not known of the way to the servers, or of their host. */
function placeOf(target: Undecided["target"]): string[] {
  if (target === undefined) return ["No network: servers and clients ran on one machine, over loopback."];
  const network = `One network, to ${target.host}: its share of the latencies is not told apart.`;
  if (target.startedBy === "agent") return [network];
  return [
    network,
    `Nothing is known of ${target.host} but its answers: no CPU time, memory, cores or cost of its server.`,
  ];
}

function notRun(report: Undecided): string[] {
  const results = measuredResults(report);
  const missing = (label: string, all: readonly string[], run: ReadonlySet<string>) => {
    const left = all.filter((x) => !run.has(x));
    return left.length === 0 ? [] : [`${label} not run: ${left.join(", ")}.`];
  };
  const fanouts = [
    ...new Set(results.flatMap((r) => ("subscribers" in r.params ? [r.params.subscribers] : []))),
  ].sort((x, y) => x - y);
  const largestFanout = fanouts.at(-1);
  return [
    ...missing("Workloads", workloads, new Set(results.map((r) => r.workload))),
    ...missing("Codecs", codecs, new Set(results.map((r) => r.codec))),
    ...(largestFanout === undefined
      ? []
      : [`More than ${largestFanout} subscribers, or other rates than those of the cells.`]),
    ...(report.run.interrupted ? ["The rest of the plan: this run was cut short."] : []),
  ];
}

function notCounted(report: Undecided, policy: Policy, { pairwise, shares, ranking }: Solution): string[] {
  const silent = policyAxes.filter((axis) => policy.weights[axis] > 0 && !pairwise.axes.includes(axis));
  const total = policyAxes.reduce((sum, axis) => sum + policy.weights[axis], 0);
  const axes = silent.map((axis) => {
    const weight = Math.round((100 * policy.weights[axis]) / total);
    return `No evidence for all candidates on ${axisLabels[axis]}: its weight of ${weight} % had no effect.`;
  });
  const { leader } = ranking;
  const withheld = pairwise.axes
    .filter((axis) => shares[axis] > 0 && leader !== null)
    .flatMap((axis) => {
      const items = pairwise.items.filter((i) => i.axis === axis);
      return pairwise.candidates
        .filter((c) => c !== leader)
        .flatMap((c) => {
          const { differences } = pairwise.edge(axis, leader ?? "", c);
          const cells = items.filter((_, i) => differences[i]?.why === "withheld").map((i) => i.cell);
          return cells.length === 0
            ? []
            : [`Withheld: ${axisLabels[axis]} between ${leader} and ${c} in ${placesOf(report, cells)}.`];
        });
    });
  return [...axes, ...withheld, ...partial(report, policy, pairwise.candidates)];
}

/** Cells that the policy would weigh but that some candidate lacks, such as a broadcast variant of one runtime alone. */
function partial(report: Undecided, policy: Policy, candidates: readonly string[]): string[] {
  const results = measuredResults(report);
  const cells = [...new Set(results.map((r) => r.cell))].filter((cell) =>
    policyAxes.some(
      (axis) => axis !== "startup" && policy.evidence[axis].some((e) => matchesGlobs(cell, e.cells)),
    ),
  );
  const byAbsent = new Map<string, string[]>();
  for (const cell of cells) {
    const absent = candidates.filter((c) => !results.some((r) => r.cell === cell && r.candidate === c));
    if (absent.length > 0 && absent.length < candidates.length) {
      const key = absent.join(", ");
      byAbsent.set(key, [...(byAbsent.get(key) ?? []), cell]);
    }
  }
  return [...byAbsent].map(
    ([absent, left]) => `Not weighed, because ${absent} has no figure for it: ${placesOf(report, left)}.`,
  );
}

const placesOf = (report: Undecided, cells: readonly string[]): string =>
  [...new Set(cells)].map((cell) => placeWords(report, cell)).join("; ");
