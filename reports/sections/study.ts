import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import { formatRatio } from "../format.ts";
import { comparedCandidates } from "../view.ts";
import { cellColumn, cellTitle } from "../workloads/index.ts";
import { type Inline, line, paragraph, type Section, section, table } from "./document.ts";
import { figure } from "./figure.ts";

/** Figures of one size, in the order of its columns. */
const columns = [
  "sendNsMean",
  "latencyNsMean",
  "cpuNsPerMessage",
  "machineCpuNsPerMessage",
  "rssBytesPeak",
  "machineBytesUsed",
] as const satisfies readonly MetricName[];

const medianOf = (result: CellResult, metric: MetricName): number | null =>
  result.metrics[metric]?.median ?? null;

/** The largest ratio between two candidates at one size; null where fewer than two were measured. */
function spread(results: readonly CellResult[], metric: MetricName): number | null {
  const values = results.flatMap((r) => medianOf(r, metric) ?? []).filter((v) => v > 0);
  return values.length < 2 ? null : Math.max(...values) / Math.min(...values);
}

const ratios = (results: readonly CellResult[], over: MetricName, under: MetricName): number[] =>
  results.flatMap((r) => {
    const [x, y] = [medianOf(r, over), medianOf(r, under)];
    return x === null || y === null || y <= 0 ? [] : [x / y];
  });

const range = (values: readonly number[]): string => {
  const [least, most] = [formatRatio(Math.min(...values)), formatRatio(Math.max(...values))];
  return least === most ? least : `${least} to ${most}`;
};

/**
 * What a study sees that times the call to send alone, beside the round trips; null where that was not measured. The paragraph says
 * in the run's own figures why such a study finds its servers comparable.
 */
export function study(report: Report): Section | null {
  const ids = comparedCandidates(report).map(({ id }) => id);
  const results = report.results.filter(
    (r) => r.metrics.sendNsMean !== undefined && ids.includes(r.candidate),
  );
  if (results.length === 0) return null;
  const bySize = [...Map.groupBy(results, (r) => r.cell).values()];
  const worst = (metric: MetricName) => {
    const found = bySize.flatMap((of) => {
      const ratio = spread(of, metric);
      return ratio === null ? [] : [{ ratio, of }];
    });
    return found.toSorted((x, y) => y.ratio - x.ratio)[0] ?? null;
  };
  const [sends, trips] = [worst("sendNsMean"), worst("latencyNsMean")];
  const shares = ratios(results, "latencyNsMean", "sendNsMean");
  const cpu = ratios(results, "machineCpuNsPerMessage", "cpuNsPerMessage");
  const memory = ratios(results, "machineBytesUsed", "rssBytesPeak");
  const place = (of: readonly CellResult[]) => (of[0] === undefined ? "" : cellColumn(of[0].params));
  return section(
    "What the earlier study could not see",
    paragraph(
      "The study that this project grew from timed the call to send, never read an answer, and took the whole machine's CPU and memory for the server's. Here are its payloads, with both next to what it meant to measure.",
    ),
    sends === null || trips === null
      ? null
      : paragraph(
          line`By the call to send, the candidates differ ${formatRatio(sends.ratio)} at most (${place(sends.of)}): the call ends when the kernel has the bytes, so it measures the sender. By round trip they differ by up to ${formatRatio(trips.ratio)} (${place(trips.of)}).`,
        ),
    shares.length === 0
      ? null
      : paragraph(line`A round trip takes ${range(shares)} as long as the call to send.`),
    cpu.length === 0 || memory.length === 0
      ? null
      : paragraph(
          line`The whole machine spends ${range(cpu)} the CPU time of the server's process, including the load generator's, and uses ${range(memory)} its memory: both hide a difference between two servers.`,
        ),
    bySize.map((of) => [
      paragraph(of[0] === undefined ? "" : cellTitle(of[0].params)),
      table(
        ["Candidate", ...columns.map((metric) => metricKinds[metric].label)],
        `l${"r".repeat(columns.length)}`,
        of.map((result): Inline[] => [result.candidate, ...columns.map((metric) => figure(result, metric))]),
      ),
    ]),
  );
}
