import { logGamma } from "./beta.ts";
import { logMargin, logToPct } from "./margin.ts";
import { normalCdf } from "./normal.ts";
import { studentQuantile } from "./student.ts";
import { familyAlpha, type LogEstimate } from "./verdict.ts";

export interface DetectableOptions {
  /** max(floor, threshold) of the comparison, in percent. */
  readonly marginPct: number;
  /** Members of the declared family: Holm's first step tests at 5 % ÷ this. 1 unless given. */
  readonly familySize?: number;
  /** Chance of a verdict at the effect returned. 0.8 unless given. */
  readonly power?: number;
}

/**
 * Minimum detectable effect of a comparison in percent: the smallest true difference that would earn a verdict with the
 * given power, at this standard error of the mean log ratio on these degrees of freedom. Null where the rounds show no spread, since
 * nothing can then be said about the next run's.
 */
export function detectableEffectPct(
  { error, df }: Pick<LogEstimate, "error" | "df">,
  options: DetectableOptions,
): number | null {
  if (!(error > 0)) return null;
  const wanted = options.power ?? 0.8;
  const reach = (alpha: number) => studentQuantile(1 - alpha / 2, df);
  const rule: Rule = {
    df,
    margin: logMargin(options.marginPct) / error,
    beyondMargin: reach(0.05),
    beyondZero: reach(familyAlpha / (options.familySize ?? 1)),
  };
  const spread = chiNodes(rule.df);
  let low = 0;
  let high = rule.margin + rule.beyondZero + rule.beyondMargin;
  while (verdictPower(high, rule, spread) < wanted) high *= 2;
  for (let i = 0; i < 30; i += 1) {
    const middle = 0.5 * (low + high);
    if (verdictPower(middle, rule, spread) < wanted) low = middle;
    else high = middle;
  }
  return logToPct(high * error);
}

/** The two conditions of a verdict, in standard errors of the mean log ratio. */
interface Rule {
  readonly df: number;
  readonly margin: number;
  readonly beyondMargin: number;
  readonly beyondZero: number;
}

/**
 * Chance that a true effect of `effect` standard errors clears both conditions: with u = s/σ,
 * E[Φ(effect − max(margin + t₀.₉₇₅ u, t_Holm u))], u² distributed as χ²(df)/df. With no margin this is the power of the
 * noncentral t (Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 2, 1995, chapter 31).
 */
function verdictPower(effect: number, rule: Rule, spread: readonly Node[]): number {
  let power = 0;
  for (const { u, weight } of spread) {
    const hurdle = Math.max(rule.margin + rule.beyondMargin * u, rule.beyondZero * u);
    power += weight * normalCdf(effect - hurdle);
  }
  return power;
}

interface Node {
  readonly u: number;
  readonly weight: number;
}

/** Nodes and weights of E[f(√(χ²(df)/df))]: Simpson's rule over 0 … 1 + 8/√df, beyond which under 1e-9 of the mass lies. */
function chiNodes(df: number): Node[] {
  const steps = 160;
  const width = (1 + 8 / Math.sqrt(df)) / steps;
  const scale = Math.log(2) + (df / 2) * Math.log(df / 2) - logGamma(df / 2);
  return Array.from({ length: steps + 1 }, (_, i) => {
    const u = i * width;
    const simpson = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    const logDensity = scale + (df === 1 ? 0 : (df - 1) * Math.log(u)) - (df * u * u) / 2;
    return { u, weight: (simpson * width * Math.exp(logDensity)) / 3 };
  });
}
