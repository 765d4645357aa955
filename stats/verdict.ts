import { logMargin } from "./margin.ts";

/** The smallest difference worth a verdict, in percent, where the user names none. */
export const defaultThresholdPct = 2;

/** Chance of any false verdict in the declared family. */
export const familyAlpha = 0.05;

export interface Evidence {
  /** a ÷ b with its 95 % interval. */
  readonly ratio: number;
  readonly ciLow: number;
  readonly ciHigh: number;
  /** p after Holm over the declared family; null for a comparison outside it (exploratory). */
  readonly pHolm: number | null;
  /** Noise floor of this metric from the A/A pair, in percent; null where the run has none. */
  readonly floorPct: number | null;
  readonly thresholdPct?: number;
  readonly better: "lower" | "higher";
  /** Why no verdict may be drawn whatever the figures say, e.g. headroom below 1.5. */
  readonly withhold?: string | null;
}

export type VerdictCode =
  | "beyond-margin"
  | "includes-one"
  | "within-margin"
  | "reaches-into-margin"
  | "not-significant"
  | "exploratory"
  | "no-noise-floor"
  | "evidence-withheld";

export interface Verdict {
  readonly verdict: "a-better" | "b-better" | "no-difference" | "withheld";
  readonly code: VerdictCode;
  /** One clause for the report, without a full stop. */
  readonly why: string;
  /** max(floor, threshold) in percent; null where there is no floor. */
  readonly marginPct: number | null;
}

/**
 * A verdict needs the whole 95 % interval beyond the margin max(floor, threshold), on the log scale (ln(1 + margin) both
 * ways, so that swapping a and b swaps the answer), and the Holm-corrected p at or below 5 %. All else is "no difference"
 * with the reason, or "withheld" where the evidence itself may not be used.
 */
export function decideVerdict(evidence: Evidence): Verdict {
  const { ciLow, ciHigh, pHolm, floorPct, better } = evidence;
  const marginPct =
    floorPct === null ? null : Math.max(floorPct, evidence.thresholdPct ?? defaultThresholdPct);
  const answer = (verdict: Verdict["verdict"], code: VerdictCode, why: string): Verdict => {
    return { verdict, code, why, marginPct };
  };
  if (evidence.withhold) return answer("withheld", "evidence-withheld", evidence.withhold);
  if (pHolm === null)
    return answer("withheld", "exploratory", "exploratory: outside the family declared before the run");
  if (marginPct === null) {
    return answer(
      "withheld",
      "no-noise-floor",
      "no A/A pair was measured for this metric, so its noise is not known",
    );
  }
  const interval = `interval ${ciLow.toPrecision(4)}–${ciHigh.toPrecision(4)}`;
  const margin = logMargin(marginPct);
  const low = Math.log(ciLow);
  const high = Math.log(ciHigh);
  if (low <= margin && high >= -margin)
    return answer("no-difference", ...withinReach(low, high, marginPct, interval));
  if (pHolm > familyAlpha) {
    const why = `${interval} is beyond ±${pct(marginPct)}, yet p = ${pHolm.toPrecision(2)} after Holm passes ${familyAlpha}`;
    return answer("no-difference", "not-significant", why);
  }
  const aBetter = low > margin ? better === "higher" : better === "lower";
  return answer(
    aBetter ? "a-better" : "b-better",
    "beyond-margin",
    `${interval} is wholly beyond ±${pct(marginPct)}`,
  );
}

function withinReach(low: number, high: number, marginPct: number, interval: string): [VerdictCode, string] {
  const margin = logMargin(marginPct);
  if (low >= -margin && high <= margin)
    return ["within-margin", `${interval} lies within ±${pct(marginPct)}`];
  if (low <= 0 && high >= 0) return ["includes-one", `${interval} includes 1`];
  return ["reaches-into-margin", `${interval} reaches into ±${pct(marginPct)}`];
}

function pct(value: number): string {
  // Two digits of a hundred or more would be written as a power of ten.
  return `${value < 99.5 ? value.toPrecision(2) : Number(value.toPrecision(2))} %`;
}
