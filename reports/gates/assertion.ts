import { closest } from "fastest-levenshtein";
import { hasWholeBraces, matchesGlobs, splitGlobs } from "../../schemas/glob.ts";
import { type MetricName, metricKinds, metricNames } from "../../schemas/metric.ts";
import type { CellResult } from "../../schemas/report.ts";

/** A budget: what must hold of one figure, in every cell and for every candidate that it names. */
export interface Assertion {
  /** As it was written. */
  readonly source: string;
  /** Globs over candidates, with commas between them. */
  readonly candidate: string;
  /** Globs over workloads and cell ids, with commas between them. */
  readonly where: string;
  readonly metric: MetricName;
  readonly than: "<" | ">";
  /** In the metric's stored unit. */
  readonly limit: number;
}

/** What an assertion has wrong, in one line that begins with the assertion itself. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

const shape = /^(\S+)\s+(\S+)\s+([^<>=]+?)\s*([<>=]+)\s*(\S.*)$/;
const example = '"bun/elysia feed p99 < 5ms"';

/**
 * Reads `CANDIDATE WHERE METRIC < VALUE UNIT` (or `>`), e.g. `bun/elysia feed p99 < 5ms`:
 * CANDIDATE is a glob over candidates; WHERE one over workloads and cell ids, or several of them with commas between; METRIC a metric's name, its label or its
 * short form; the unit is one of the metric's. Throws AssertionError.
 */
export function parseAssertion(source: string): Assertion {
  const wrong = (what: string) => new AssertionError(`${JSON.stringify(source)}: ${what}`);
  // Spaces between braces are no ends of words.
  const parts = shape.exec(source.trim().replace(/\{[^{}]*\}/g, (braces) => braces.replace(/\s/g, "")));
  if (parts === null) throw wrong(`must read CANDIDATE WORKLOAD METRIC < VALUE, as in ${example}`);
  const [, candidate = "", where = "", words = "", than = "", value = ""] = parts;
  if (than !== "<" && than !== ">") throw wrong(`must compare by < or >, got ${than}`);
  const open = [candidate, where].find((globs) => !hasWholeBraces(globs));
  if (open !== undefined) throw wrong(`must close its braces, got ${open}`);
  const found = metricOf(words);
  if ("unknown" in found) throw wrong(`no figure is called "${found.unknown}"; did you mean ${found.near}?`);
  const { metric } = found;
  return { source: source.trim(), candidate, where, metric, than, limit: limitOf(metric, value, wrong) };
}

/** What one of each unit is worth in the metric's stored unit. */
const times = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 };
const rates = { "/s": 1, Hz: 1, "k/s": 1e3, kHz: 1e3, "M/s": 1e6, MHz: 1e6, "G/s": 1e9, GHz: 1e9 };
const bytes = { B: 1, KB: 1e3, KiB: 2 ** 10, MB: 1e6, MiB: 2 ** 20, GB: 1e9, GiB: 2 ** 30 };
const byteRates = { "B/s": 1, "KiB/s": 2 ** 10, "MB/s": 1e6, "MiB/s": 2 ** 20, "GiB/s": 2 ** 30 };

/** The units that a limit on a metric may be written in; none for a plain count. */
export function unitsOf(metric: MetricName): Readonly<Record<string, number>> {
  if (metric === "throughputBytesHz") return byteRates;
  const { unit } = metricKinds[metric];
  return { ns: times, Hz: rates, bytes, count: { "": 1 } }[unit];
}

function limitOf(metric: MetricName, text: string, wrong: (what: string) => AssertionError): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*(\S*)$/.exec(text.trim()) ?? [];
  const value = Number(digits);
  if (digits === undefined || !(value > 0) || !Number.isFinite(value)) {
    throw wrong(`the value must be a positive number with its unit, got ${text}`);
  }
  const units = unitsOf(metric);
  const worth = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (worth === undefined) {
    const names = Object.keys(units).join(", ");
    const rule = names === "" ? "takes no unit" : `needs one of the units ${names}`;
    throw wrong(`${metricKinds[metric].label} ${rule}, got ${unit === "" ? "none" : unit}`);
  }
  return value * worth;
}

/** Whether an assertion speaks of a candidate's cell. */
export function speaksOf(
  { candidate, where }: Assertion,
  name: string,
  { workload, cell }: Pick<CellResult, "workload" | "cell">,
): boolean {
  return matchesGlobs(name, splitGlobs(candidate)) && matchesGlobs([workload, cell], splitGlobs(where));
}

/** Words that people use for a figure, beside its name and its label in the reports. */
const nicknames: Readonly<Record<string, MetricName>> = {
  cpu: "cpuNsPerMessage",
  "cpu per message": "cpuNsPerMessage",
  rss: "rssBytesPeak",
  memory: "rssBytesPeak",
  rate: "throughputHz",
  p50: "latencyNsP50",
  p90: "latencyNsP90",
  p99: "latencyNsP99",
  "p99.9": "latencyNsP999",
  "p99.99": "latencyNsP9999",
  max: "latencyNsMax",
  mean: "latencyNsMean",
};

const normalized = (words: string): string => words.toLowerCase().replace(/[\s-]+/g, " ");

/** Every way to write a metric, in plain words: `latencynsp99`, `latency p99`, `p99`. */
const metricByWords = new Map<string, MetricName>([
  ...Object.entries(nicknames),
  ...metricNames.flatMap((name): [string, MetricName][] => [
    [normalized(name), name],
    [normalized(metricKinds[name].label), name],
  ]),
]);

/** The metric that words mean, or the nearest words that mean one. */
function metricOf(
  words: string,
): { readonly metric: MetricName } | { readonly unknown: string; readonly near: string } {
  const metric = metricByWords.get(normalized(words));
  return metric === undefined
    ? { unknown: words, near: closest(normalized(words), [...metricByWords.keys()]) }
    : { metric };
}
