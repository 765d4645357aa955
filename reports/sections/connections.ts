import { type CellSpec, cellId } from "../../schemas/cell.ts";
import type { ConnectionFates } from "../../schemas/connections.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import type { ChartRef } from "../charts/file.ts";
import { formatBytes, formatInteger, listed } from "../format.ts";
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

const fateWords: Readonly<Record<Exclude<keyof ConnectionFates, "due" | "opened">, string>> = {
  refused: "refused",
  reset: "reset",
  timedOut: "timed out",
  wrong: "answered wrongly",
};
const fates = Object.keys(fateWords) as (keyof typeof fateWords)[];

/** `40,000 of 40,000`, and below it what became of the others. */
function served({ connections }: CellResult): Inline {
  if (connections === undefined) return absent;
  const { due, opened } = connections.fates;
  const others = fates.flatMap((fate) => {
    const count = connections.fates[fate];
    return count === 0 ? [] : [`${formatInteger(count)} ${fateWords[fate]}`];
  });
  const detail = others.length === 0 ? null : small(listed(others));
  return stacked(`${formatInteger(opened)} of ${formatInteger(due)}`, detail);
}

/** Whether memory comes back, as far as so many connections can show. */
function leak(result: CellResult): Inline {
  const { connections, metrics } = result;
  if (connections === undefined) return absent;
  const { reads, rising, rounds } = connections.leak;
  const held = connections.heldSockets;
  const kept = held === 0 ? null : small(`${formatInteger(held)} sockets still held after 2 s`);
  const bytes = metrics.leakBytesPerConnection?.median;
  switch (reads) {
    case "too-few":
      return stacked("not known yet", kept);
    case "steady":
      return stacked("none shown", kept);
    case "grows":
      return stacked(
        `leaks ${bytes === undefined ? "" : `${formatBytes(bytes)} a connection`}`.trim(),
        small(`in ${rising} of ${rounds} rounds`),
        kept,
      );
  }
}

function arrivals(results: readonly CellResult[]): Part {
  const rows = results.map((r): Inline[] => [
    flagged(r),
    figure(r, "handshakeNsP50"),
    figure(r, "handshakeNsP99"),
    figure(r, "stormWaitNsP99"),
    figure(r, "stormNsP50"),
    figure(r, "stormNsMax"),
    figure(r, "connectionsHz"),
    headroomText(r),
    served(r),
  ]);
  const heads = [
    "",
    "Handshake p50",
    "p99",
    "Wait in the storm p99",
    "Half served again",
    "All served again",
    "New connections/s",
    "Headroom",
    "Served",
  ];
  return table(heads, `l${"r".repeat(heads.length - 1)}`, rows);
}

function memory(results: readonly CellResult[]): Part {
  const rows = results.map((r): Inline[] => [
    flagged(r),
    figure(r, "rssBytesPerConnection"),
    figure(r, "rssBytesKeptPerConnection"),
    leak(r),
    figure(r, "cpuNsPerConnection"),
  ]);
  const heads = [
    "",
    "RSS per idle connection",
    "Kept after all disconnected",
    "Leak",
    "Server CPU per new connection",
  ];
  return table(heads, `l${"r".repeat(heads.length - 1)}`, rows);
}

function cell(report: Report, spec: CellSpec, charts: readonly ChartRef[]): Part {
  const results = ranked(resultsOf(report, cellId(spec)), "stormWaitNsP99").filter(
    (r) => r.connections !== undefined,
  );
  if (results.length === 0) return null;
  return [
    paragraph(strong(cellTitle(spec))),
    arrivals(results),
    memory(results),
    roundsNote(report, results),
    ...charts.filter((c) => c.kind === "memory" && c.cell === cellId(spec)).map(picture),
  ];
}

/** What new and idle connections cost, how a storm of them ends, and whether their memory comes back. */
export function connections(report: Report, charts: readonly ChartRef[]): Section | null {
  return section(
    ["New and idle connections", " (open loop)"],
    introduced(
      report,
      (words) => words.connections,
      (spec) => cell(report, spec, charts),
    ),
  );
}
