import type { ExtraFailure } from "../../schemas/extra.ts";
import type { Report } from "../../schemas/report.ts";
import type { SoakResult, SoakTrend, TrendVerdict } from "../../schemas/soak.ts";
import type { ChartRef } from "../charts/file.ts";
import { formatBytes, formatDuration, formatInteger, formatNs } from "../format.ts";
import { signedPct } from "../wording.ts";
import {
  type Inline,
  list,
  type Part,
  paragraph,
  picture,
  type Section,
  section,
  small,
  stacked,
  table,
} from "./document.ts";
import { absent } from "./figure.ts";

const heads = ["", "Under load", "Memory", "p99", "Longest pause", "Flawed deliveries", "Left out"];

const verdictWords: Readonly<Record<TrendVerdict, string>> = {
  rising: "⚠ rising",
  flat: "flat",
  undecided: "not decided",
};

function trendText(
  { verdict, growthPct, ciLowPct, ciHighPct, perHour }: SoakTrend,
  unit: "bytes" | "ns",
): Inline {
  if (growthPct === null || ciLowPct === null || ciHighPct === null)
    return stacked(verdictWords[verdict], small("too few windows"));
  const format = unit === "bytes" ? formatBytes : formatNs;
  const rate = perHour === null || verdict !== "rising" ? null : small(`${format(perHour)} an hour`);
  return stacked(
    verdictWords[verdict],
    small(`${signedPct(growthPct)} (${signedPct(ciLowPct)} to ${signedPct(ciHighPct)})`),
    rate,
  );
}

function row(result: SoakResult): Inline[] {
  const { candidate, lengthS, windows, disturbed, flawed, rss, latency, longestPause } = result;
  return [
    candidate,
    stacked(formatDuration(1000 * lengthS), small(`${formatInteger(windows)} windows`)),
    trendText(rss, "bytes"),
    trendText(latency, "ns"),
    longestPause === null
      ? absent
      : stacked(formatNs(longestPause.ns), small(`at ${formatDuration(1000 * longestPause.atS)}`)),
    formatInteger(flawed),
    formatInteger(disturbed),
  ];
}

/** Extra trials of one kind that came to nothing, a line each. */
export const failedExtras = ({ extraFailures }: Report, kind: ExtraFailure["kind"]): Part =>
  list(
    extraFailures
      .filter((failure) => failure.kind === kind)
      .map(({ candidate, phase, reason }) => `${candidate} failed in ${phase}: ${reason}`),
  );

/** What a long time under load does to each candidate; null where none was held under one. */
export function soak(report: Report, charts: readonly ChartRef[]): Section | null {
  const failed = failedExtras(report, "soak");
  if (report.soak.length === 0 && failed === null) return null;
  return section(
    "Soak",
    paragraph(
      "After the rounds each candidate ran once more, for a long time in one process, under the same stretch of the feed again and again. None of these figures is compared, and none decides. Memory and p99 are tested for a trend after the first third, in which heaps grow to their size: growth over the rest with its 95 % interval (Mann–Kendall, Sen's slope). Rising: the whole interval lies above the run's threshold. Flat: it lies below the margin of equality. A pause is the longest that a delivery was held up by anything but the load generator. Left out are windows that other processes disturbed, whose latencies are not used.",
    ),
    ...charts.filter((chart) => chart.kind === "soak").map(picture),
    report.soak.length === 0 ? null : table(heads, "lrrrrrr", report.soak.map(row)),
    failed,
  );
}
