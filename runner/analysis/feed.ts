import { formatInteger } from "../../reports/format.ts";
import { feedOf } from "../../schemas/cell.ts";
import type { RunEvent } from "../../schemas/event.ts";
import type { FeedCoverage, FeedStretch, RecordingFacts } from "../../schemas/feed.ts";
import type { Measurement } from "../../schemas/load.ts";
import type { Plan, PlannedCell } from "../../schemas/plan.ts";
import { type RunWarning, warning } from "../../schemas/warning.ts";
import { median, sum } from "../../stats/moments.ts";

/** A window that counts, with the stretch that it replayed. */
interface Replayed {
  readonly candidate: string;
  readonly stretch: FeedStretch;
  readonly measurement: Measurement;
}

/** What each feed cell replayed of its feed, and how the candidates' ratio varied from stretch to stretch. */
export function feedCoverageOf(plan: Plan, events: readonly RunEvent[]): FeedCoverage[] {
  const recordings = new Map(
    events.flatMap((e) => (e.type === "feed-read" ? [[e.recording.file, e.recording] as const] : [])),
  );
  return plan.cells.flatMap((cell) => {
    const replayed = windowsOf(cell.id, events);
    const feed = feedOf(cell.spec);
    if (feed === null || replayed.length === 0) return [];
    const recording = feed.source === "capture" ? (recordings.get(feed.file) ?? null) : null;
    return [coverageOf(plan, cell, replayed, recording)];
  });
}

function windowsOf(cell: string, events: readonly RunEvent[]): Replayed[] {
  return events.flatMap((e) => {
    if (e.type !== "window-finished" || e.cell !== cell || !e.counted) return [];
    const { candidate, measurement } = e;
    const { feedStretch } = measurement;
    return feedStretch === undefined ? [] : [{ candidate, stretch: feedStretch, measurement }];
  });
}

/** Where a stretch lies, which distinguishes those of one source. */
const placeOf = ({ draw, fromNs, lengthNs }: FeedStretch) => `${draw}:${fromNs}:${lengthNs}`;

function coverageOf(
  plan: Plan,
  { id }: PlannedCell,
  replayed: readonly Replayed[],
  recording: RecordingFacts | null,
): FeedCoverage {
  const distinct = [...new Map(replayed.map(({ stretch }) => [placeOf(stretch), stretch])).values()];
  const messages = sum(distinct, (s) => s.messages);
  const replayedNs = unionNs(distinct);
  const sourceNs = recording?.durationNs ?? null;
  const weighted = (of: (s: FeedStretch) => number) =>
    messages === 0 ? 0 : sum(distinct, (s) => s.messages * of(s)) / messages;
  const lengthNs = sum(distinct, (s) => s.lengthNs);
  return {
    cell: id,
    feed: replayed[0]?.measurement.feed ?? "",
    stretches: distinct.length,
    messages,
    replayedNs,
    sourceNs,
    share: sourceNs === null ? null : Math.min(1, replayedNs / sourceNs),
    meanHz: sum(distinct, (s) => s.meanHz * s.lengthNs) / lengthNs,
    sourceHz: sum(distinct, (s) => s.sourceHz) / distinct.length,
    crowding: weighted((s) => s.crowding),
    sourceCrowding: weighted((s) => s.sourceCrowding),
    ratios: ratiosOf(plan, replayed),
    recording,
  };
}

/** The time that the stretches cover, each moment once. */
function unionNs(stretches: readonly FeedStretch[]): number {
  let total = 0;
  for (const ofDraw of Map.groupBy(stretches, ({ draw }) => draw).values()) {
    let until = Number.NEGATIVE_INFINITY;
    for (const { fromNs, lengthNs } of ofDraw.toSorted((a, b) => a.fromNs - b.fromNs)) {
      const to = fromNs + lengthNs;
      total += Math.max(0, to - Math.max(fromNs, until));
      until = Math.max(until, to);
    }
  }
  return total;
}

/** Each candidate's latency p99 ÷ the reference's over one stretch, as it lies over the stretches that both have. */
function ratiosOf({ candidates, reference }: Plan, replayed: readonly Replayed[]): FeedCoverage["ratios"] {
  const logsOf = (candidate: string) => logByStretch(replayed.filter((r) => r.candidate === candidate));
  const base = logsOf(reference);
  return candidates.flatMap(({ name }) => {
    if (name === reference) return [];
    const logs = [...logsOf(name)].flatMap(([place, log]) => {
      const against = base.get(place);
      return against === undefined ? [] : [log - against];
    });
    if (logs.length < 2) return [];
    return [
      {
        candidate: name,
        stretches: logs.length,
        low: Math.exp(Math.min(...logs)),
        median: Math.exp(median(logs)),
        high: Math.exp(Math.max(...logs)),
      },
    ];
  });
}

/** Median of the logarithm of a candidate's p99 by stretch. */
function logByStretch(replayed: readonly Replayed[]): ReadonlyMap<string, number> {
  const byPlace = Map.groupBy(replayed, ({ stretch }) => placeOf(stretch));
  return new Map(
    [...byPlace].flatMap(([place, windows]) => {
      const logs = windows
        .map(({ measurement }) => measurement.metrics.latencyNsP99 ?? 0)
        .filter((ns) => ns > 0)
        .map((ns) => Math.log(ns));
      return logs.length === 0 ? [] : [[place, median(logs)] as const];
    }),
  );
}

/** Different messages that a p99 needs: 10 ÷ (1 − q). */
const p99Needs = 1000;
/** Rate or crowding of what was replayed, against the whole feed's, from which on it is another load. */
const unlikeFrom = 1.5;

/** What a reader should know of the feed that was replayed before believing its figures. */
export function feedWarnings(coverages: readonly FeedCoverage[]): RunWarning[] {
  return [...recordingWarnings(coverages), ...coverages.flatMap(stretchWarnings)];
}

function recordingWarnings(coverages: readonly FeedCoverage[]): RunWarning[] {
  const recordings = new Map(
    coverages.flatMap(({ recording }) => (recording === null ? [] : [[recording.file, recording] as const])),
  );
  return [...recordings.values()].flatMap((facts) => {
    const warnings: RunWarning[] = [];
    const { file, holes, joins, duplicates, leftOut } = facts;
    if (holes.count > 0 || joins > 0) {
      const done = [
        ...(holes.count > 0
          ? [`gaps left out: ${holes.count}, ${Math.round(holes.totalNs / 1e9)} s in total`]
          : []),
        ...(joins > 0 ? [`it went back in time ${joins} × and was sorted by receive time`] : []),
        ...(duplicates > 0 ? [`${duplicates} duplicate messages are replayed once`] : []),
      ];
      warnings.push(warning("capture-mended", `capture ${file}: ${done.join("; ")}`));
    }
    const odd = leftOut.filter(({ kind }) => kind !== "blank line");
    const lines = sum(odd, (kind) => kind.lines);
    if (lines > 0) {
      const kinds = odd.map(
        ({ kind, lines: count, firstLine, reason }) =>
          `${count} × ${kind} (first on line ${firstLine}${reason === null ? "" : `: ${reason}`})`,
      );
      const cause = `capture ${file}: ${lines} of ${facts.lines} lines were left out: ${kinds.slice(0, 8).join(", ")}`;
      warnings.push(warning("capture-left-out", cause));
    }
    return warnings;
  });
}

function stretchWarnings(coverage: FeedCoverage): RunWarning[] {
  const { cell, messages, stretches, meanHz, sourceHz, crowding, sourceCrowding } = coverage;
  const warnings: RunWarning[] = [];
  if (messages < p99Needs) {
    const deepest = Math.floor(100 * (1 - 10 / Math.max(messages, 20)));
    const cause = `${stretches} stretches hold ${messages} different messages, and a p99 needs ${p99Needs}: they show percentiles up to p${deepest}`;
    warnings.push(warning("feed-thin", cause, { cell }));
  }
  const apart = (a: number, b: number) => a > 0 && b > 0 && Math.max(a / b, b / a) > unlikeFrom;
  if (apart(meanHz, sourceHz) || apart(crowding, sourceCrowding)) {
    const cause = `the replayed part has ${formatInteger(meanHz)} messages/s, and ${formatInteger(crowding)} within 100 ms of each; the whole feed has ${formatInteger(sourceHz)} and ${formatInteger(sourceCrowding)}`;
    warnings.push(warning("feed-unlike-source", cause, { cell }));
  }
  return warnings;
}
