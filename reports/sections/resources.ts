import { type CellSpec, cellId, receiversOf } from "../../schemas/cell.ts";
import type { Report } from "../../schemas/report.ts";
import type { ChartRef } from "../charts/file.ts";
import {
  cellsOf,
  flagged,
  isOpenLoop,
  isUnattributed,
  ranked,
  rateOf,
  resultsOf,
  workloadsOf,
} from "../view.ts";
import { cellTitle } from "../workloads/index.ts";
import {
  folded,
  type Inline,
  type Part,
  paragraph,
  picture,
  type Section,
  section,
  small,
  stacked,
  strong,
  table,
} from "./document.ts";
import { figure, roundsNote } from "./figure.ts";

const columns = [
  "cpuNsPerMessage",
  "contextSwitchesPerMessage",
  "rssBytesPeak",
  "rssBytesPerConnection",
  "startupNs",
] as const;
/** With fewer connections what one adds is less than the page of memory that a system counts in. */
const connectionsMin = 100;

const isShown = (spec: CellSpec, metric: (typeof columns)[number]): boolean =>
  metric !== "rssBytesPerConnection" || receiversOf(spec) >= connectionsMin;

const heads: Readonly<Record<(typeof columns)[number], string>> = {
  cpuNsPerMessage: "Server CPU per message",
  contextSwitchesPerMessage: "Context switches per message",
  rssBytesPeak: "RSS peak",
  rssBytesPerConnection: "RSS per connection",
  startupNs: "Start-up",
};

function costs(report: Report, spec: CellSpec): Part {
  const results = ranked(resultsOf(report, cellId(spec)), "cpuNsPerMessage").filter((r) =>
    columns.some((metric) => r.metrics[metric] !== undefined || isUnattributed(r, metric)),
  );
  if (results.length === 0) return null;
  const withFigures = columns.filter((metric) => isShown(spec, metric));
  const rows = results.map((r): Inline[] => [
    stacked(flagged(r), small(`at ${rateOf(r)}`)),
    ...withFigures.map((metric) => figure(r, metric)),
  ]);
  const heading = ["", ...withFigures.map((metric) => heads[metric])];
  return [table(heading, `l${"r".repeat(withFigures.length)}`, rows), roundsNote(report, results)];
}

const loop = (spec: CellSpec): string => (isOpenLoop(spec.workload) ? "open loop" : "closed loop");

/** Cost of the same work: the feed's cell lies open, since only there the rate is the same for all. */
export function resources(report: Report, drawn: ChartRef | null): Section | null {
  const specs = [...cellsOf(report, ...workloadsOf(true)), ...cellsOf(report, ...workloadsOf(false))];
  const parts = specs.flatMap((spec) => {
    const rows = costs(report, spec);
    return rows === null
      ? []
      : [{ spec, rows, title: `${spec.workload}: ${cellTitle(spec)} (${loop(spec)})` }];
  });
  const [first, ...others] = parts;
  if (first === undefined) return null;
  return section(
    "Resource use",
    paragraph(
      `CPU time of all server threads per delivered message, lowest first. Memory per connection is shown from ${connectionsMin} connections; with fewer it is less than a page.`,
    ),
    paragraph(strong(first.title)),
    first.rows,
    folded(
      "The other cells",
      others.map(({ title, rows }) => [paragraph(strong(title)), rows]),
    ),
    drawn === null ? null : picture(drawn),
  );
}
