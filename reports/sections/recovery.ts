import { type CellSpec, cellId, workloads } from "../../schemas/cell.ts";
import type { RecoveryResult, RestartTimes } from "../../schemas/recovery.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import type { ChartRef } from "../charts/file.ts";
import { formatInteger, formatNs } from "../format.ts";
import { cellsOf, flagged, ranked, resultsOf } from "../view.ts";
import { recoveryFaults } from "../wording.ts";
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
import { figure, medianText, notKnown } from "./figure.ts";

const heads = ["", "Half", "99 %", "All", "Lost", "Sent again", "Server's memory", "Noticed after", "Books"];

type Recovered = CellResult & { readonly recovery: RecoveryResult };

/** A time that is half or more the generator's own says nothing of the server but that it took no longer. */
function bookTime(result: Recovered, metric: "bookNsP50" | "bookNsP99" | "bookNsMax"): Inline {
  if (result.mostlyGenerators?.includes(metric) !== true) return figure(result, metric);
  return stacked(notKnown, small(`generator limit: ${medianText(result, metric)}`));
}

const isRecovered = (result: CellResult): result is Recovered => result.recovery !== undefined;

function noticedText({ noticed, recovered, unrecovered }: RecoveryResult): Inline {
  const all = formatInteger(recovered + unrecovered);
  if (noticed === undefined) return `by none of ${all}`;
  return stacked(formatNs(noticed.nsP50), small(`by ${formatInteger(noticed.subscribers)} of ${all}`));
}

const restartText = ({ stopNs, startNs }: RestartTimes): string =>
  `ended in ${formatNs(stopNs)}, ready ${formatNs(startNs)} later`;

function row(result: Recovered): Inline[] {
  const { recovery } = result;
  return [
    stacked(
      flagged(result),
      small(`generator's own: ${formatNs(recovery.ownNs)}`),
      ...(recovery.restart === undefined ? [] : [small(restartText(recovery.restart))]),
    ),
    bookTime(result, "bookNsP50"),
    bookTime(result, "bookNsP99"),
    bookTime(result, "bookNsMax"),
    figure(result, "lostPerSubscriber"),
    figure(result, "resentBytesPerSubscriber"),
    figure(result, "rssBytesPeak"),
    noticedText(recovery),
    recoveryFaults(recovery),
  ];
}

function cell(report: Report, spec: CellSpec): Part {
  const results = ranked(resultsOf(report, cellId(spec)), "bookNsP99").filter(isRecovered);
  return results.length === 0
    ? null
    : [paragraph(strong(cellTitle(spec))), table(heads, "lrrrrrrrl", results.map(row))];
}

/** How soon subscribers have a correct book again, and what it took. */
export function recovery(report: Report, charts: readonly ChartRef[]): Section | null {
  const tables = cellsOf(report, ...workloads).map((spec) => cell(report, spec));
  if (tables.every((part) => part === null)) return null;
  return section(
    ["Recovery of the order book", " (open loop)"],
    paragraph(
      "All subscribers lose their order book at once. Times run from then until half, 99 % and all of them have the publisher's book again: every byte as it was published, no update missing, and the checksum of the book that these bytes make. They reconnect and resume after the last message they had, and the server sends what it has kept (docs/CONTRACT.md, Resume). A server that is restarted gets SIGTERM under load and is started again at once; clients try again every 20 ms or so, and what is published while no server is there is lost. “Lost” are updates that a subscriber never applied; “sent again” are bytes published before it was back. A client detects a socket that loses messages by a missing update or missing snapshots. The generator is all clients at once: its longest stall is below each name, and a time of which that is half or more reads “not known”.",
    ),
    ...charts.filter((chart) => chart.kind === "books").map(picture),
    tables,
  );
}
