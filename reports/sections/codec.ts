import type { MetricName } from "../../schemas/metric.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import type { CodecCell } from "../../schemas/workloads/codec.ts";
import { formatMetric } from "../format.ts";
import { comparedCandidates } from "../view.ts";
import { operationNames } from "../workloads/codec.ts";
import { type Inline, note, type Part, paragraph, type Section, section, table } from "./document.ts";
import { absent, figure } from "./figure.ts";

type Cost = CellResult & { readonly params: CodecCell };

const isCost = (result: CellResult): result is Cost => result.params.workload === "codec";

const costOf = (result: CellResult | undefined, metric: MetricName): Inline =>
  result === undefined ? absent : figure(result, metric);

const shown = ["operationNsMean", "operationNsP50", "operationNsP99", "heapBytesPerOperation"] as const;
const heads = ["mean", "p50", "p99", "heap"];

function costTable(results: readonly Cost[]): Part {
  const rows = results.map((result): Inline[] => [
    operationNames[result.params.operation],
    result.params.message,
    ...shown.map((metric) => costOf(result, metric)),
  ]);
  return table(["Operation", "Message", ...heads], `ll${"r".repeat(heads.length)}`, rows);
}

/**
 * What decoding and encoding again adds to a delivery end to end: the server's CPU time on the same feed, transcoded and passed
 * through, as the runtime's own figures have their price there.
 */
function endToEnd(report: Report): Part {
  const rows = comparedCandidates(report).flatMap(({ id }): Inline[][] => {
    const of = (mode: "passthrough" | "transcode") =>
      report.results.find(
        ({ candidate, params }) =>
          candidate === id &&
          params.workload === "feed" &&
          params.codec === "json" &&
          params.mode === mode &&
          params.broadcast === "send",
      );
    const [plain, coded] = [of("passthrough"), of("transcode")];
    if (plain?.metrics.cpuNsPerMessage === undefined || coded?.metrics.cpuNsPerMessage === undefined)
      return [];
    const added = coded.metrics.cpuNsPerMessage.median - plain.metrics.cpuNsPerMessage.median;
    return [
      [
        id,
        costOf(plain, "cpuNsPerMessage"),
        costOf(coded, "cpuNsPerMessage"),
        added < 0 ? absent : formatMetric("cpuNsPerMessage", added),
      ],
    ];
  });
  if (rows.length === 0) return null;
  return [
    paragraph(
      "The same end to end: server CPU time per delivery when it passes a message on, and when it decodes, validates and encodes it.",
    ),
    table(["Candidate", "passed on", "transcoded", "added"], "lrrr", rows),
    note("A message is transcoded once for all subscribers, so they share the cost of one operation."),
  ];
}

/** What a codec costs within each runtime; null where none was measured. */
export function codec(report: Report): Section | null {
  const costs = report.results.filter(isCost);
  const measured = comparedCandidates(report).filter(({ id }) =>
    costs.some(({ candidate }) => candidate === id),
  );
  if (measured.length === 0) return null;
  return section(
    "What a codec costs within the runtime",
    paragraph(
      "One operation repeated in a process of the runtime, timed by mitata, without server or socket. Medians over rounds, with 95 % intervals where there are enough rounds.",
    ),
    measured.map(({ id, runtime }) => [
      paragraph(`${runtime.name} ${runtime.version}:`),
      costTable(costs.filter(({ candidate }) => candidate === id)),
    ]),
    note(
      "The p99 is over means of 64 operations, because single ones are below the clock's resolution. Heap is what one operation allocates, as V8 counts it; JavaScriptCore has no such count.",
    ),
    endToEnd(report),
  );
}
