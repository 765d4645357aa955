import { type Codec, cellId, fanOutOf, workloads } from "../../schemas/cell.ts";
import { codecs } from "../../schemas/names.ts";
import { broadcasts } from "../../schemas/ready.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import type { FanOut } from "../../schemas/workloads/workload.ts";
import type { ChartRef } from "../charts/file.ts";
import { formatCount, formatInteger } from "../format.ts";
import { cellsOf, flagged, isMany, ranked, rateOf, resultsOf } from "../view.ts";
import { broadcastNames } from "../workloads/workload.ts";
import {
  folded,
  type Part,
  paragraph,
  picture,
  type Row,
  type Section,
  section,
  strong,
  table,
} from "./document.ts";
import { absent, figure, roundsNote } from "./figure.ts";

/** A point of a curve over subscribers. */
interface Point extends FanOut {
  readonly cell: string;
  readonly codec: Codec;
}

const columns = [
  "deliveriesHz",
  "firstLatencyNsP50",
  "lastLatencyNsP50",
  "lastLatencyNsP99",
  "skewNsP99",
] as const;

/** Messages published in the window of one round. */
const messagesOf = ({ ledger, rounds }: CellResult, point: Point): string =>
  formatInteger(ledger.due / point.subscribers / Math.max(rounds, 1));

/** A head with the size and its rate, and a row a candidate. */
function sizeRows(report: Report, point: Point): Row[] {
  const results = ranked(resultsOf(report, point.cell), "lastLatencyNsP99");
  const [first] = results;
  if (first === undefined) return [];
  return [
    {
      head: `${formatCount(point.subscribers, "subscriber")} at ${rateOf(first)}, ${messagesOf(first, point)} messages a round`,
    },
    ...results.map((result) => [
      flagged(result),
      ...columns.map((metric) =>
        metric === "skewNsP99" && point.subscribers === 1 ? absent : figure(result, metric),
      ),
    ]),
  ];
}

/** One table a codec and broadcast variant: variants are not compared with each other. */
function variant(report: Report, points: readonly Point[], title: string): Part {
  const rows = points
    .toSorted((a, b) => a.subscribers - b.subscribers)
    .flatMap((point) => sizeRows(report, point));
  if (rows.length === 0) return null;
  const heads = ["", "Deliveries/s", "First p50", "Last p50", "Last p99", "Skew p99"];
  const results = points.flatMap(({ cell }) => resultsOf(report, cell));
  return [paragraph(strong(title)), table(heads, "lrrrrr", rows), roundsNote(report, results)];
}

/** Scalability over subscribers, with the rate at which each size was published. */
export function scalability(report: Report, charts: readonly ChartRef[]): Section | null {
  const points = cellsOf(report, ...workloads).flatMap((spec): Point[] => {
    const fanOut = fanOutOf(spec);
    return fanOut === null ? [] : [{ ...fanOut, cell: cellId(spec), codec: spec.codec }];
  });
  const tables = codecs.flatMap((codec) =>
    broadcasts.map((broadcast) =>
      variant(
        report,
        points.filter((p) => p.codec === codec && p.broadcast === broadcast),
        `${codec.toUpperCase()}, ${broadcastNames[broadcast]}`,
      ),
    ),
  );
  if (tables.every((part) => part === null)) return null;
  return section(
    ["Scalability over subscribers", " (open loop)"],
    paragraph(
      "One stream to many subscribers. “First” and “last” are the first and last receiver of each message; “skew” is the time between them. Each number of subscribers has its publishing rate and messages per round. A percentile is shown if ten messages in all, and one in each round, are beyond it: p99 needs 1,000 in all and 100 a round.",
    ),
    ...charts.filter((c) => c.kind === "scalability").map(picture),
    isMany(report) ? folded("The figures", tables) : tables,
  );
}
