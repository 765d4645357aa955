import { type MetricFamily, metricFamilies } from "../../schemas/metric.ts";
import type { Margins } from "../../schemas/plan.ts";
import { UsageError } from "./usage-error.ts";

/** What matters where nothing is said: a tail is looked at in steps of 5 %, a bill and a rate in steps of 2 %. */
const defaults: Margins = {
  latency: { thresholdPct: 5, equalPct: 10 },
  rate: { thresholdPct: 2, equalPct: 5 },
  cost: { thresholdPct: 2, equalPct: 5 },
};

const form = `one number for all, or ${metricFamilies.map((family) => `${family}:PCT`).join(",")}`;

/** The margins of a run from what --threshold and --equal-within say; null where they were not given. */
export function parseMargins(threshold: string | null, equalWithin: string | null): Margins {
  const thresholds = percents("--threshold", threshold, 0);
  // A margin of 0 is never reached, and what is shown to be equal must not be a verdict's business.
  const equals = percents("--equal-within", equalWithin, 0.1);
  const of = (family: MetricFamily) => {
    const thresholdPct = thresholds[family] ?? defaults[family].thresholdPct;
    const given = equals[family];
    if (given !== undefined && given < thresholdPct) {
      throw new UsageError(
        `--equal-within: must be at least the threshold, ${thresholdPct} % for ${family}, or a difference between the two would be neither worse nor equal, got ${given}; lower it too: --threshold ${family}:${given}`,
      );
    }
    return { thresholdPct, equalPct: given ?? Math.max(defaults[family].equalPct, thresholdPct) };
  };
  return { latency: of("latency"), rate: of("rate"), cost: of("cost") };
}

function percents(flag: string, text: string | null, min: number): Partial<Record<MetricFamily, number>> {
  if (text === null) return {};
  const parts = text.split(",").map((part) => part.trim());
  const [only = ""] = parts;
  if (parts.length === 1 && !only.includes(":")) {
    const pct = percent(flag, only, min, text);
    return { latency: pct, rate: pct, cost: pct };
  }
  const given: Partial<Record<MetricFamily, number>> = {};
  for (const part of parts) {
    const [name, value = "", ...rest] = part.split(":").map((word) => word.trim());
    const family = metricFamilies.find((known) => known === name);
    if (family === undefined || rest.length > 0)
      throw new UsageError(`${flag}: must be ${form}, got ${text}`);
    if (given[family] !== undefined) {
      throw new UsageError(`${flag}: must say ${family} once, got ${text}`);
    }
    given[family] = percent(flag, value, min, text);
  }
  return given;
}

/** A number of percent, with or without the sign. */
function percent(flag: string, word: string, min: number, text: string): number {
  const digits = word.replace(/\s*%$/, "");
  const pct = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(digits) ? Number(digits) : Number.NaN;
  if (!(pct >= min && pct <= 1000)) {
    throw new UsageError(`${flag}: must be ${min}..1000 percent, ${form}, got ${text}`);
  }
  return pct;
}
