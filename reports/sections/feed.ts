import type { FeedCoverage, RecordingFacts } from "../../schemas/feed.ts";
import type { Report } from "../../schemas/report.ts";
import { digits3, formatInteger, formatSeconds } from "../format.ts";
import {
  code,
  type Inline,
  type Part,
  paragraph,
  type Section,
  section,
  stacked,
  table,
} from "./document.ts";

/** Which part of each feed was replayed, what a capture was found to be, and how the ratios varied from stretch to stretch. */
export function feed(report: Report): Section | null {
  if (report.feeds.length === 0) return null;
  const recordings = new Map(
    report.feeds.flatMap(({ recording }) =>
      recording === null ? [] : [[recording.file, recording] as const],
    ),
  );
  return section(
    "The feed",
    ...[...recordings.values()].map((facts) => paragraph(recordingText(facts))),
    table(
      ["", "Stretches", "Replayed", "Messages", "Messages/s (whole feed)", "Met in 100 ms (whole feed)"],
      "lrrrrr",
      report.feeds.map(coverageRow),
    ),
    ratioTable(report),
  );
}

const seconds = (ns: number) => formatSeconds(ns / 1e9);

function coverageRow(coverage: FeedCoverage): Inline[] {
  const { cell, feed: name, stretches, messages, replayedNs, sourceNs, share } = coverage;
  const { meanHz, sourceHz, crowding, sourceCrowding } = coverage;
  const of = share === null || sourceNs === null ? "" : `, ${digits3(100 * share)} % of ${seconds(sourceNs)}`;
  return [
    stacked(code(cell), name),
    formatInteger(stretches),
    seconds(replayedNs) + of,
    formatInteger(messages),
    `${formatInteger(Math.round(meanHz))} (${formatInteger(Math.round(sourceHz))})`,
    `${digits3(crowding)} (${digits3(sourceCrowding)})`,
  ];
}

function recordingText(facts: RecordingFacts): string {
  const { file, lines, messages, durationNs, clock, holes, joins, duplicates, raisedTimes, leftOut } = facts;
  const parts = [
    `${file} holds ${formatInteger(messages)} messages on ${formatInteger(lines)} lines over ${seconds(durationNs)}; its receive times are in ${clock}.`,
  ];
  if (holes.count > 0)
    parts.push(
      `Gaps left out: ${formatInteger(holes.count)}, ${seconds(holes.totalNs)} in total, the longest ${seconds(holes.longestNs)}.`,
    );
  if (joins > 0) parts.push(`It went back in time ${formatInteger(joins)} × and was sorted by receive time.`);
  if (duplicates > 0) parts.push(`${formatInteger(duplicates)} duplicate messages are replayed once.`);
  if (raisedTimes > 0)
    parts.push(
      `${formatInteger(raisedTimes)} receive times went back slightly and were raised to that of the line before.`,
    );
  if (leftOut.length > 0)
    parts.push(
      `Left out, not market messages: ${leftOut.map((kind) => `${formatInteger(kind.lines)} × ${kind.kind}`).join(", ")}.`,
    );
  return parts.join(" ");
}

/** The spread of a ratio over the feed: what one stretch alone would have shown. */
function ratioTable({ feeds, run }: Report): Part {
  const rows = feeds.flatMap(({ cell, ratios }) =>
    ratios.map(({ candidate, stretches, low, median, high }) => [
      stacked(candidate, code(cell)),
      formatInteger(stretches),
      digits3(median),
      `${digits3(low)} to ${digits3(high)}`,
    ]),
  );
  if (rows.length === 0) return null;
  return [
    paragraph(`Latency p99 ÷ that of ${run.reference}, over the same part of the feed:`),
    table(["", "Stretches", "Median", "Over parts of the feed"], "lrrr", rows),
  ];
}
