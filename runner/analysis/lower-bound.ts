import { rateLimit } from "../../schemas/lower-bound.ts";
import type { MetricName } from "../../schemas/metric.ts";
import type { CellResult, Comparison } from "../../schemas/report.ts";

/** Why this figure of a result is a lower bound; null where the server limits it. What a message costs has no such limit. */
export function limitOf(
  metric: MetricName,
  { candidate, headroom }: Pick<CellResult, "candidate" | "headroom">,
): string | null {
  if (headroom === null || rateLimit(metric, { headroom }) !== "generator-limit") return null;
  return `${candidate} reached ${Math.round(100 / headroom)} % of the generator's own ceiling, so its rate is a lower bound`;
}

export type Answer = Pick<Comparison, "verdict" | "code" | "bound"> & { readonly why: string };

/**
 * What an answer on two rates is worth where the generator limited one of them. In favour of the limited side it stands: the true
 * difference is only larger, and the ratio is a bound. Against it, or without a difference, it is withheld, since the true rate may
 * lie anywhere above; so it is where both are limited. `ratio` is the interval of a ÷ b, `limits` what limits each side.
 */
export function heldByLimits(
  answer: Answer,
  ratio: { readonly ciLow: number; readonly ciHigh: number },
  limits: { readonly a: string | null; readonly b: string | null },
): Answer {
  const limit = limits.a ?? limits.b;
  if (limit === null) return answer;
  if (limits.a !== null && limits.b !== null) {
    return { verdict: "withheld", code: "both-generator-limited", why: `${limits.a}; ${limits.b}` };
  }
  const bound = limits.a === null ? "at-most" : "at-least";
  // A rate is better where it is higher, so that the limited side is ahead where its ratio to the other is above 1.
  const isAhead = bound === "at-least" ? ratio.ciLow > 1 : ratio.ciHigh < 1;
  if (answer.verdict === "equal" || answer.verdict === "undecided" || !isAhead) {
    return { verdict: "withheld", code: "generator-limited", bound, why: limit };
  }
  return { ...answer, bound, why: `${answer.why}; ${limit} and the true difference no smaller` };
}
