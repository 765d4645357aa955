import type { Stalls } from "../schemas/load.ts";
import { headroomMin, isLowerBound } from "../schemas/lower-bound.ts";
import type { MetricName } from "../schemas/metric.ts";
import { metricKinds } from "../schemas/metric.ts";
import { unknownVersion, type Versioned } from "../schemas/ready.ts";
import type { Bound, CellResult, MetricResult } from "../schemas/report.ts";

/** A unit to show a figure in: what one of it is worth in the stored unit, and its symbol. */
interface Scale {
  readonly per: number;
  readonly symbol: string;
}

const timeScales: readonly Scale[] = [
  { per: 1e9, symbol: "s" },
  { per: 1e6, symbol: "ms" },
  { per: 1e3, symbol: "µs" },
  { per: 1, symbol: "ns" },
];
const rateScales: readonly Scale[] = [
  { per: 1e9, symbol: "G/s" },
  { per: 1e6, symbol: "M/s" },
  { per: 1e3, symbol: "k/s" },
  { per: 1, symbol: "/s" },
];
const byteScales: readonly Scale[] = [
  { per: 2 ** 30, symbol: "GiB" },
  { per: 2 ** 20, symbol: "MiB" },
  { per: 2 ** 10, symbol: "KiB" },
  { per: 1, symbol: "B" },
];
const byteRateScales: readonly Scale[] = byteScales.map(({ per, symbol }) => ({
  per,
  symbol: `${symbol}/s`,
}));
const plainScales: readonly Scale[] = [{ per: 1, symbol: "" }];

function scalesOf(metric: MetricName): readonly Scale[] {
  if (metric === "throughputBytesHz") return byteRateScales;
  switch (metricKinds[metric].unit) {
    case "ns":
      return timeScales;
    case "Hz":
      return rateScales;
    case "bytes":
      return byteScales;
    case "count":
      return plainScales;
  }
}

/** The largest scale in which `value`, rounded to three digits, is at least 1; else the smallest. */
function fit(value: number, scales: readonly Scale[]): Scale {
  const rounded = Math.abs(Number(value.toPrecision(3)));
  return scales.find((scale) => rounded >= scale.per) ?? scales.at(-1)!;
}

/** The scale that suits `value` of a metric, for an axis or a group of figures that share a unit. */
export function scaleFor(metric: MetricName, value: number): Scale {
  return fit(value, scalesOf(metric));
}

/** Three significant digits, no exponent, thousands separated; 0 is `0`. */
export function digits3(value: number): string {
  if (value === 0) return "0";
  const rounded = Number(value.toPrecision(3));
  const magnitude = Math.floor(Math.log10(Math.abs(rounded)));
  const decimals = Math.min(Math.max(2 - magnitude, 0), 8);
  return formatterOf(decimals).format(rounded);
}

/** Thousands separated, by decimals: a formatter is made once, since making one costs a hundred times what it is used for. */
const formatters: Intl.NumberFormat[] = [];

function formatterOf(decimals: number): Intl.NumberFormat {
  formatters[decimals] ??= new Intl.NumberFormat("en-US", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return formatters[decimals];
}

const inScale = (value: number, { per, symbol }: Scale): string =>
  symbol === "" ? digits3(value / per) : `${digits3(value / per)} ${symbol}`;

/** `112 µs`, `2.12 M/s`, `48.3 MiB`: a metric's value in the unit that suits it. */
export function formatMetric(metric: MetricName, value: number): string {
  return inScale(value, scaleFor(metric, value));
}

/**
 * The median of a result's metric: `at least 801 k/s` where the generator may have been its limit, `at most 935 µs` where a latency
 * is mostly the generator's. Of rounds that fell into two groups the median never occurred, and both are reported: `two
 * speeds: 2.90 and 5.00 M/s`.
 */
export function formatFigure(metric: MetricName, result: CellResult, figure: MetricResult): string {
  return `${formatBound(figureBound(metric, result))}${speedsOf(metric, figure)}`;
}

/** What a figure is a bound of: a rate is no smaller where the generator may have limited it, a latency no larger where it is mostly the generator's. */
export function figureBound(metric: MetricName, result: CellResult): Bound | null {
  if (result.mostlyGenerators?.includes(metric) === true) return "at-most";
  return isLowerBound(metric, result) ? "at-least" : null;
}

/** A median with its interval behind it, in the one form of every text: `at least 801 k/s (780–822)`. */
export function formatWithInterval(metric: MetricName, figure: MetricResult, bound: Bound | null): string {
  const interval = formatInterval(metric, figure);
  const value = `${formatBound(bound)}${speedsOf(metric, figure)}`;
  return interval === null ? value : `${value} (${interval})`;
}

function speedsOf(metric: MetricName, { median, twoSpeeds }: MetricResult): string {
  if (twoSpeeds === null) return formatMetric(metric, median);
  const scale = scaleFor(metric, twoSpeeds.upper);
  return `two speeds: ${digits3(twoSpeeds.lower / scale.per)} and ${inScale(twoSpeeds.upper, scale)}`;
}

/** Headroom to three digits: `2.31 ×`. One below the bound never rounds up to it: 1.496 is `1.49 ×`. */
export function formatHeadroom(headroom: number): string {
  const reaches = headroom < headroomMin && Number(headroom.toPrecision(3)) >= headroomMin;
  return `${digits3(reaches ? Math.floor(headroom * 100) / 100 : headroom)} ×`;
}

/** Nanoseconds in the unit that suits them. */
export const formatNs = (ns: number): string => inScale(ns, fit(ns, timeScales));
/** `3.60 s`. */
export const formatSeconds = (seconds: number): string => `${digits3(seconds)} s`;

/** `5 stalls in 3.60 s (1.39 per second, typically 98.2 ms)`. */
export function formatStalls({ events, watchedS, typicalNs }: Stalls): string {
  const length = typicalNs === null ? "" : `, typically ${formatNs(typicalNs)}`;
  return `${formatCount(events, "stall")} in ${formatSeconds(watchedS)} (${digits3(events / watchedS)} per second${length})`;
}

/** Bytes in binary units. */
export const formatBytes = (bytes: number): string => inScale(bytes, fit(bytes, byteScales));

/** The interval of a median, in the median's own unit and without its symbol: `108–117`; null where there is none. */
export function formatInterval(metric: MetricName, result: MetricResult): string | null {
  if (result.ciLow === null || result.ciHigh === null) return null;
  const { per } = scaleFor(metric, result.median);
  return `${digits3(result.ciLow / per)}–${digits3(result.ciHigh / per)}`;
}

/** A ratio to three digits with its times sign: `0.741 ×`, or `at least 17.2 ×` where it is a bound. */
export const formatRatio = (ratio: number, bound?: Bound | null): string =>
  `${formatBound(bound)}${digits3(ratio)} ×`;

const boundWords: Readonly<Record<Bound, string>> = { "at-least": "at least ", "at-most": "at most " };

/** What stands before a ratio that is a bound, with its space; nothing before any other. */
export const formatBound = (bound: Bound | null | undefined): string =>
  bound === null || bound === undefined ? "" : boundWords[bound];

/** Beyond these an end of an interval says no more than that two rounds agreed about nothing. */
const ratioEnds = { least: 0.001, most: 1_000 } as const;

/** Interval of a ratio: `0.702–0.781`, and `under 0.001–over 1,000` where it has no end worth a number; null where there is none. */
export function formatRatioInterval(ciLow: number | null, ciHigh: number | null): string | null {
  return ciLow === null || ciHigh === null ? null : `${formatRatioEnd(ciLow)}–${formatRatioEnd(ciHigh)}`;
}

/** One end of a ratio's interval. */
export function formatRatioEnd(end: number, digits: (x: number) => string = digits3): string {
  if (end < ratioEnds.least) return `under ${ratioEnds.least}`;
  return end > ratioEnds.most ? `over ${formatInteger(ratioEnds.most)}` : digits(end);
}

/** `12 %` for 0.12. */
export const formatShare = (share: number): string => `${Math.round(100 * share)} %`;

/** `3.2 %`; two digits are enough for a bound. */
export const formatPct = (pct: number): string => `${Number(pct.toPrecision(2))} %`;

/** Beyond this a smallest detectable difference says no more than that the figure was too noisy. */
const detectablePctMax = 900;

/** Whether a figure was so noisy that its smallest detectable difference, in percent, is no number to give. */
export const isTooNoisy = (detectablePct: number): boolean => detectablePct > detectablePctMax;

/** The smallest difference that could have been shown: `±3.2 %`, from twofold on `2.4 ×`, and `over 10 ×`. */
export function formatDetectable(pct: number): string {
  if (pct < 100) return `±${formatPct(pct)}`;
  if (isTooNoisy(pct)) return "over 10 ×";
  return `${Number((1 + pct / 100).toPrecision(2))} ×`;
}

/** Reach as a percentage that never rounds up to 100: `100 %`, `99.98 %`, `99.9996 %`. */
export function formatReach(reach: number): string {
  if (reach >= 1) return "100 %";
  const missing = (1 - reach) * 100;
  const decimals = Math.min(Math.max(1 - Math.floor(Math.log10(missing)), 1), 8);
  // What is missing is rounded up, after the noise of binary fractions is cut off.
  const short = Math.ceil(Number((missing * 10 ** decimals).toPrecision(9))) / 10 ** decimals;
  return `${Number((100 - short).toFixed(decimals))} %`;
}

/** Whole numbers with thousands separated. */
export const formatInteger = (value: number): string => formatterOf(0).format(Math.round(value));

const months = [
  ...["January", "February", "March", "April", "May", "June"],
  ...["July", "August", "September", "October", "November", "December"],
];

/** `4 March 2026`, of an ISO date and in UTC. A formatter of the runtime for this one date takes longer than the rest of a page. */
export function formatDay(iso: string): string {
  const date = new Date(iso);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** `1 round`, `1,000 rounds`. */
export const formatCount = (count: number, noun: string): string =>
  `${formatInteger(count)} ${noun}${count === 1 ? "" : "s"}`;

/** `bun 1.4.5`, and `your own, version not reported`. */
export const formatVersion = ({ name, version }: Versioned): string =>
  version === unknownVersion ? `${name}, version not reported` : `${name} ${version}`;

/** Milliseconds as `2 min 43 s` or `48 s`; nothing is shorter than `0 s`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Made with the first list: its data of the language take longer to load than the table of the candidates takes to print. */
let conjunction: Intl.ListFormat | undefined;

/** `a, b and c`. */
export function listed(names: Iterable<string>): string {
  conjunction ??= new Intl.ListFormat("en-GB", { type: "conjunction" });
  return conjunction.format(names);
}

/** The first names of many, and how many more there are: `a, b, c and 4 more`. */
export function listedUpTo(names: readonly string[], max: number): string {
  if (names.length <= max) return listed(names);
  const shown = names.slice(0, max - 1);
  return listed([...shown, `${names.length - shown.length} more`]);
}

/** The same text as the beginning of a sentence. */
export const capitalised = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
