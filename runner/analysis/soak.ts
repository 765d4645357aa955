import { formatBytes, formatDuration, formatNs } from "../../reports/format.ts";
import type { RunEvent } from "../../schemas/event.ts";
import type { Margins, Plan } from "../../schemas/plan.ts";
import type { SoakRecord, SoakResult, SoakTrend, SoakWindow } from "../../schemas/soak.ts";
import { type RunWarning, warning } from "../../schemas/warning.ts";
import { serialTrend } from "../../stats/mann-kendall.ts";
import { median } from "../../stats/moments.ts";

/** A heap grows to its size, and code is compiled, in this share of a soak: neither is a leak. */
const settlingShare = 1 / 3;
/** A trend is sought in at most so many values, each the middle of those that it stands for: all pairs of them are looked at. */
const valuesMax = 240;
/** Points of a chart. */
const pointsMax = 300;

/** What the soaks of a run say, in the order of the plan. */
export function soakOf({ candidates, margins }: Plan, events: readonly RunEvent[]): SoakResult[] {
  return candidates.flatMap(({ name }) =>
    events.flatMap((event) =>
      event.type === "extra-finished" && event.candidate === name && event.outcome.kind === "soak"
        ? [resultOf(name, event.cell, event.outcome.soak, margins)]
        : [],
    ),
  );
}

function resultOf(
  candidate: string,
  cell: string,
  { windowMs, windows }: SoakRecord,
  margins: Margins,
): SoakResult {
  const clean = windows.filter((window) => !window.disturbed);
  const settled = (all: readonly SoakWindow[]) =>
    all.filter(({ atS }) => atS >= settlingShare * (windows.at(-1)?.atS ?? 0));
  const valuesOf = (all: readonly SoakWindow[], of: (window: SoakWindow) => number | null) =>
    settled(all).flatMap((window) => {
      const value = of(window);
      return value === null || value <= 0 ? [] : [{ atS: window.atS, value }];
    });
  const worst = clean.toSorted((a, b) => b.pauseNs - b.ownNs - (a.pauseNs - a.ownNs))[0];
  return {
    candidate,
    cell,
    lengthS: windows.length === 0 ? 0 : windows.at(-1)!.atS + windowMs / 1000,
    windowMs,
    windows: windows.length,
    disturbed: windows.length - clean.length,
    flawed: windows.reduce((sum, { flawed }) => sum + flawed, 0),
    // What others do to a core takes a server no memory and gives it none.
    rss: trendOf(
      valuesOf(windows, ({ rssBytes }) => rssBytes),
      margins.cost,
    ),
    latency: trendOf(
      valuesOf(clean, ({ latencyNsP99 }) => latencyNsP99),
      margins.latency,
    ),
    longestPause: worst === undefined ? null : { atS: worst.atS, ns: worst.pauseNs - worst.ownNs },
    points: pointsOf(windows),
  };
}

/** Servers whose memory or latency rose throughout their soak. */
export function soakWarnings(results: readonly SoakResult[]): RunWarning[] {
  return results.flatMap(({ candidate, cell, lengthS, rss, latency }) => {
    const rises = [
      { what: "memory", trend: rss, format: formatBytes },
      { what: "p99", trend: latency, format: formatNs },
    ].flatMap(({ what, trend, format }) =>
      trend.verdict === "rising" && trend.perHour !== null
        ? [`its ${what} rose by ${format(trend.perHour)} an hour`]
        : [],
    );
    if (rises.length === 0) return [];
    const cause = `${rises.join(", and ")} in a soak of ${formatDuration(1000 * lengthS)}`;
    return [warning("soak-rising", cause, { cell: `${candidate} ${cell}` })];
  });
}

interface Timed {
  readonly atS: number;
  readonly value: number;
}

/** Whether a series of positive values grows, by the margins of its family: on logarithms, so that percentages mean the same. */
export function trendOf(
  values: readonly Timed[],
  { thresholdPct, equalPct }: Margins[keyof Margins],
): SoakTrend {
  const blocks = blocksOf(values, valuesMax);
  const steps = blocks.map((block) => median(block.map(({ value }) => value)));
  const trend = serialTrend(steps.map(Math.log));
  const none = { growthPct: null, ciLowPct: null, ciHighPct: null, p: null, perHour: null };
  if (trend === null) return { verdict: "undecided", ...none, windows: values.length };
  const over = (slope: number) => 100 * Math.expm1(slope * (steps.length - 1));
  const [growthPct, ciLowPct, ciHighPct] = [over(trend.slope), over(trend.low), over(trend.high)];
  const hours = (values.at(-1)!.atS - values[0]!.atS) / 3600;
  return {
    verdict: ciLowPct > thresholdPct ? "rising" : ciHighPct < equalPct ? "flat" : "undecided",
    ...{ growthPct, ciLowPct, ciHighPct },
    p: trend.p,
    perHour: hours > 0 ? ((growthPct / 100) * median(steps)) / hours : null,
    windows: values.length,
  };
}

/** Neighbours together, so that there are at most `most` groups of nearly one size. */
function blocksOf<T>(values: readonly T[], most: number): T[][] {
  const count = Math.min(most, values.length);
  return Array.from({ length: count }, (_, i) =>
    values.slice(Math.floor((i * values.length) / count), Math.floor(((i + 1) * values.length) / count)),
  );
}

function pointsOf(windows: readonly SoakWindow[]): SoakResult["points"] {
  const seconds = windows.flatMap(({ atS, secondsP99Ns, rssBytes, disturbed }) =>
    (secondsP99Ns.length === 0 ? [null] : secondsP99Ns).map((p99Ns, i) => ({
      atS: atS + i,
      p99Ns: disturbed ? null : p99Ns,
      rssBytes,
    })),
  );
  return blocksOf(seconds, pointsMax).map((block) => {
    const p99s = block.flatMap(({ p99Ns }) => p99Ns ?? []);
    return {
      atS: block[0]!.atS,
      p99Ns: p99s.length === 0 ? null : Math.max(...p99s),
      rssBytes: block.at(-1)!.rssBytes,
    };
  });
}
