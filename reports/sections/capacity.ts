import type { SearchEnd } from "../../schemas/capacity.ts";
import { type CellSpec, cellId } from "../../schemas/cell.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import type { ChartRef } from "../charts/file.ts";
import { formatInteger, formatMetric, formatNs, listed } from "../format.ts";
import { flagged, ranked, resultsOf } from "../view.ts";
import { cellTitle } from "../workloads/index.ts";
import {
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
import { absent, figure, headroomText, roundsNote } from "./figure.ts";
import { introduced } from "./introduced.ts";

const endWords: Readonly<Record<SearchEnd, string>> = {
  server: "the server",
  generator: "the load generator",
  most: "the highest tried",
  time: "the window's time",
};
const ends = Object.keys(endWords) as SearchEnd[];

/** `38.4 to 40.1 k/s`: the middle round's loads that hold and that fail. */
function bracket({ capacity }: CellResult): Inline {
  if (capacity === undefined) return absent;
  const { lowHz, highHz } = capacity;
  const low = lowHz === null ? "nothing" : formatMetric("capacityHz", lowHz);
  return `${low} holds, ${highHz === null ? "nothing fails" : `${formatMetric("capacityHz", highHz)} fails`}`;
}

/** What ended the searches, the most frequent first. */
function ended({ capacity }: CellResult): Inline {
  if (capacity === undefined) return absent;
  const met = ends
    .filter((end) => capacity.ends[end] > 0)
    .toSorted((a, b) => capacity.ends[b] - capacity.ends[a]);
  const rounds = ends.reduce((sum, end) => sum + capacity.ends[end], 0);
  const words = met.map(
    (end) => `${endWords[end]}${met.length === 1 ? "" : ` (${capacity.ends[end]} of ${rounds})`}`,
  );
  return stacked(listed(words), small(`${formatInteger(capacity.probed)} probes`));
}

/** p99 of the middle round's probes at the highest load that holds. */
function atCapacity({ capacity }: CellResult): Inline {
  const at = capacity?.probes.filter(
    (p) => p.rateHz * p.subscribers === capacity.lowHz && p.verdict === "held",
  );
  const worst = Math.max(...(at ?? []).map(({ p99Ns }) => p99Ns ?? 0));
  return worst > 0 ? formatNs(worst) : absent;
}

function cell(report: Report, spec: CellSpec, charts: readonly ChartRef[]): Part {
  const results = ranked(resultsOf(report, cellId(spec)), "capacityHz").filter(
    (r) => r.capacity !== undefined,
  );
  if (results.length === 0) return null;
  const many = results.some((r) => r.metrics.capacitySubscribers !== undefined);
  const heads = [
    "",
    ...(many ? ["Subscribers"] : []),
    "Capacity",
    "Middle round",
    "p99 at capacity",
    "Headroom",
    "Ended by",
    "Server CPU per message",
  ];
  const rows = results.map((r): Inline[] => [
    flagged(r),
    ...(many ? [figure(r, "capacitySubscribers")] : []),
    figure(r, "capacityHz"),
    bracket(r),
    atCapacity(r),
    headroomText(r),
    ended(r),
    figure(r, "cpuNsPerMessage"),
  ]);
  return [
    paragraph(strong(cellTitle(spec))),
    table(heads, `l${"r".repeat(heads.length - 1)}`, rows),
    roundsNote(report, results),
    ...charts.filter((c) => c.kind === "capacity" && c.cell === cellId(spec)).map(picture),
  ];
}

/** The highest load at which each candidate delivers everything in time. */
export function capacity(report: Report, charts: readonly ChartRef[]): Section | null {
  return section(
    ["Capacity", " (open loop)"],
    introduced(
      report,
      (words) => words.capacity,
      (spec) => cell(report, spec, charts),
    ),
  );
}
