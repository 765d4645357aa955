import { mean, variance } from "./moments.ts";
import { digamma, trigamma, trigammaInverse } from "./polygamma.ts";
import type { LogEstimate } from "./verdict.ts";

/** One comparison of a family: its log ratios by round, null of a round that has none. */
export interface FamilyMember {
  /** One figure of one cell against one reference: comparisons whose errors are of one size, unless shown otherwise. */
  readonly group: string;
  readonly logs: readonly (number | null)[];
}

/** What a family's variances say of each other. */
export interface Moderation {
  /** d₀: how many degrees of freedom a group's level of variance is worth; Infinity where it explains all, 0 where nothing is lent. */
  readonly priorDf: number;
  /** ρ², by which the variances of two comparisons of a group vary together, since they share their reference's rounds. */
  readonly shared: number;
  /** Estimates in the order given. */
  readonly estimates: readonly LogEstimate[];
}

/** Members that a family needs beyond its groups before their scatter says how alike variances are. */
const fewestSpare = 3;

/**
 * Estimates of a family's mean log ratios whose variances lend each other strength, by empirical Bayes. With s² on d degrees of
 * freedom, e = ln s² − ψ(d/2) + ln(d/2) scatters around its group's mean by ψ′(d/2) where all true variances are equal; what it
 * scatters beyond is ψ′(d₀/2), which gives d₀, and ln s₀² = ē + ψ(d₀/2) − ln(d₀/2). The variance is then (d₀s₀² + ds²)/(d₀ + d)
 * on d₀ + d degrees of freedom.
 * Source: Smyth, "Linear models and empirical Bayes methods for assessing differential expression in microarray experiments",
 * Statistical Applications in Genetics and Molecular Biology 3 (2004), article 3.
 *
 * Three departures, each towards caution (simulated, docs/SIMULATIONS.md):
 *
 * - Comparisons of a group share the rounds of their reference, so that their variances scatter less than independent ones:
 *   ψ′(d/2)(1 − ρ²) is taken off, ρ² the mean squared correlation of their log ratios.
 * - A group of m lends no more than it knows: d₀ + d is at most Σd/(1 + (m − 1)ρ²), in the place of Smyth's Σd. One that is
 *   alone in its group keeps its own d.
 * - No error becomes smaller than its own rounds say: candidates do differ in noise, and one whose s² is above s₀² keeps it, on
 *   d + d₀s₀²/s² degrees of freedom. What Phipson et al. (Annals of Applied Statistics 10, 2016, 946–963) do for outliers holds
 *   here for all, by how far out they are.
 *
 * Where fewer than three members remain beyond one for each group, every estimate is Student's own.
 */
export function moderate(members: readonly FamilyMember[]): Moderation {
  const scatters = members.map(scatterOf);
  const groups = new Map<string, Scatter[]>();
  for (const [i, { group }] of members.entries()) {
    const scatter = scatters[i];
    // Counters that agree to the digit have no logarithm of a variance.
    if (scatter === undefined || !(scatter.variance > 0)) continue;
    groups.set(group, [...(groups.get(group) ?? []), scatter]);
  }
  const pooled = [...groups.values()];
  const spare = pooled.reduce((sum, group) => sum + group.length - 1, 0);
  if (spare < fewestSpare) return { priorDf: 0, shared: 0, estimates: scatters.map(ownEstimate) };
  const shared = sharedVariance(pooled);
  let [squares, chance, count] = [0, 0, 0];
  for (const group of pooled) {
    const centre = mean(group.map(({ level }) => level));
    for (const { level, df } of group) {
      squares += (level - centre) ** 2;
      chance += trigamma(df / 2);
      count += 1;
    }
  }
  const priorDf = 2 * trigammaInverse(squares / spare - (1 - shared) * (chance / count));
  const location = priorDf === Infinity ? 0 : digamma(priorDf / 2) - Math.log(priorDf / 2);
  const estimates = scatters.map((scatter, i): LogEstimate => {
    const group = groups.get(members[i]?.group ?? "") ?? [];
    if (!group.includes(scatter)) return ownEstimate(scatter);
    const prior = Math.exp(mean(group.map(({ level }) => level)) + location);
    const known = group.reduce((sum, { df }) => sum + df, 0) / (1 + (group.length - 1) * shared);
    const lent = Math.max(0, Math.min(priorDf, known - scatter.df));
    // The noisier one keeps its variance, and of what is lent the less the further it is off.
    const noisier = scatter.variance / prior;
    if (noisier > 1) return estimateOf(scatter, scatter.variance, scatter.df + lent / noisier);
    const df = scatter.df + lent;
    return estimateOf(scatter, (lent * prior + scatter.df * scatter.variance) / df, df);
  });
  return { priorDf, shared, estimates };
}

interface Scatter {
  readonly centre: number;
  readonly variance: number;
  readonly df: number;
  /** e: the logarithm of the variance without what its few rounds put it off by on average. */
  readonly level: number;
  /** Deviations from the mean by round. */
  readonly deviations: readonly (number | null)[];
}

function scatterOf({ logs }: FamilyMember): Scatter {
  const values = logs.filter((log) => log !== null);
  if (values.length < 2) throw new RangeError(`a variance needs 2 rounds or more, got ${values.length}`);
  const [centre, spread, df] = [mean(values), variance(values), values.length - 1];
  const level = Math.log(spread) - digamma(df / 2) + Math.log(df / 2);
  const deviations = logs.map((log) => (log === null ? null : log - centre));
  return { centre, variance: spread, df, level, deviations };
}

const ownEstimate = (scatter: Scatter): LogEstimate => estimateOf(scatter, scatter.variance, scatter.df);

function estimateOf({ centre, df: scatterDf }: Scatter, variance: number, df: number): LogEstimate {
  return { mean: centre, error: Math.sqrt(variance / (scatterDf + 1)), df };
}

/**
 * Mean squared correlation between the members of a group, over all groups, without what unrelated rounds would show: r² of n
 * rounds is 1/(n − 1) on average where there is none. The variances of two normal series correlate by ρ².
 */
function sharedVariance(groups: readonly (readonly Scatter[])[]): number {
  let [sum, pairs] = [0, 0];
  for (const group of groups) {
    for (const [i, one] of group.entries()) {
      for (const other of group.slice(i + 1)) {
        const r2 = squaredCorrelation(one.deviations, other.deviations);
        if (r2 === null) continue;
        sum += r2;
        pairs += 1;
      }
    }
  }
  return pairs === 0 ? 0 : Math.min(1, Math.max(0, sum / pairs));
}

/** ρ² of two members' common rounds, unbiased where there is none; null below three rounds. */
function squaredCorrelation(a: readonly (number | null)[], b: readonly (number | null)[]): number | null {
  const common = a.flatMap((x, round) => {
    const y = b[round] ?? null;
    return x === null || y === null ? [] : [{ x, y }];
  });
  if (common.length < 3) return null;
  const [x0, y0] = [mean(common.map(({ x }) => x)), mean(common.map(({ y }) => y))];
  let [xx, yy, xy] = [0, 0, 0];
  for (const { x, y } of common) {
    xx += (x - x0) ** 2;
    yy += (y - y0) ** 2;
    xy += (x - x0) * (y - y0);
  }
  if (xx === 0 || yy === 0) return null;
  const chance = 1 / (common.length - 1);
  return ((xy * xy) / (xx * yy) - chance) / (1 - chance);
}
