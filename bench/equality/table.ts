import { summarize } from "../../stats/summary.ts";
import { type Compared, reasonOf } from "./reasons.ts";

/** A candidate may differ from its minimal server by this share, or docs/candidates.md says why. */
const allowed = 0.05;

/** Verdict on a difference beyond what is allowed that nobody has given a reason for. */
export const unexplained = "**unexplained**";

/** Candidate ÷ minimal server in one workload, one entry a round. */
export interface Ratios {
  readonly throughput: readonly number[];
  readonly cpuPerMessage: readonly number[];
}

export interface Row {
  readonly candidate: string;
  readonly workload: Compared;
  /** Null where the candidate does not run here. */
  readonly ratios: Ratios | null;
}

/** Where the median of a shortfall lies; "perhaps" outside, where its interval does not exclude that it is within. */
type Side = "within" | "perhaps" | "outside";

/** `shortfall` is the share, one a round, by which a candidate did worse. */
function sideOf(shortfall: readonly number[]): Side {
  const { median, ciLow } = summarize(shortfall)!;
  if (median <= allowed) return "within";
  return ciLow === null || ciLow <= allowed ? "perhaps" : "outside";
}

/**
 * `yes` where neither median is worse by more than is allowed, else a link to the reason. Without a reason: `unclear`
 * where an interval reaches into what is allowed, and otherwise `unexplained`. The link is one within docs/candidates.md.
 */
export function verdictOf({ candidate, workload, ratios }: Row): string {
  if (ratios === null) return "does not run here";
  const sides = [
    sideOf(ratios.throughput.map((ratio) => 1 - ratio)),
    sideOf(ratios.cpuPerMessage.map((ratio) => ratio - 1)),
  ];
  if (sides.every((side) => side === "within")) return "yes";
  const key = reasonOf(candidate, workload);
  if (key !== undefined) return `[${key}](#${key})`;
  return sides.includes("outside") ? unexplained : "unclear: more rounds";
}

/** Median and interval of a ratio; the two extremes stand for an interval that so few rounds do not allow. */
function figureText(rounds: readonly number[] | undefined): string {
  const summary = rounds === undefined ? null : summarize(rounds);
  if (summary === null || rounds === undefined) return "– | –";
  const { median, ciLow, ciHigh } = summary;
  const low = ciLow ?? Math.min(...rounds);
  const high = ciHigh ?? Math.max(...rounds);
  return `${median.toFixed(3)} | ${low.toFixed(3)}–${high.toFixed(3)}${ciLow === null ? " (extremes)" : ""}`;
}

/** All rows as the Markdown table of docs/candidates.md, where a row that was measured again replaces its own. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const { candidate, workload, ratios } = row;
    const figures = `${figureText(ratios?.throughput)} | ${figureText(ratios?.cpuPerMessage)}`;
    const rounds = ratios === null ? "–" : ratios.throughput.length;
    return `| ${candidate} | ${workload} | ${rounds} | ${figures} | ${verdictOf(row)} |`;
  });
  return [
    "| candidate | workload | rounds | msg/s | 95 % interval | CPU a message | 95 % interval | within 5 % |",
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ...lines,
  ].join("\n");
}
