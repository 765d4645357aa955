import { mean } from "./moments.ts";

/** What the rounds of a comparison spread by, as variances of a round's log ratio. */
export interface Components {
  readonly visits: number;
  readonly windows: number;
  readonly stretches: number;
  readonly contamination: number;
}

/** The log figures of the windows of each visit, one array a round, in the order of their windows; null where one was lost. */
export type VisitWindows = readonly (readonly (number | null)[])[];

export interface Sides {
  readonly a: VisitWindows;
  readonly b: VisitWindows;
  /** Two visits of one program in each round, which differ by nothing but noise; null without an A/A replicate. */
  readonly aa: { readonly once: VisitWindows; readonly again: VisitWindows } | null;
  /** Variance of a round's log ratio, of the visits' own figures. */
  readonly total: number;
  /** How a visit's figure comes of its windows: their median, or paired by stretch their pseudo-median (see `rowFigures`). */
  readonly location: keyof typeof penalties;
}

/** Variance of each location of normal values over that of their mean, for many values. */
const penalties = { median: Math.PI / 2, "pseudo-median": Math.PI / 3 } as const;

/**
 * Splits the variance of a round's log ratio by where it arises, by moments (Searle, Casella and McCulloch, Variance Components,
 * 1992, chapter 3). A visit's figure is a location of its k windows, so that their own spread reaches it by a penalty ÷ k.
 *
 * - windows: the spread of windows within a visit, of both sides, without what windows of one place share;
 * - stretches: windows of one place are of one stretch of the feed on both sides. By how much more their differences spread than
 *   those of one program against itself is what the stretches do to this pair;
 * - contamination: what the windows that were lost would have taken off;
 * - visits: what is left, and so what no window of these visits could have taken off.
 *
 * Null where no visit has two windows.
 */
export function componentsOf({ a, b, aa, total, location }: Sides): Components | null {
  const [one, other] = [within(a), within(b)];
  if (one === null || other === null) return null;
  const apart = within(differences(a, b));
  const chance = aa === null ? null : within(differences(aa.once, aa.again));
  const excess = apart === null || chance === null ? 0 : Math.max(0, apart.variance - chance.variance);
  // What a stretch does to both sides alike is in neither's figure where they are paired by it.
  const shared = location === "pseudo-median" ? apart : null;
  const noise = Math.max(0, (shared?.variance ?? one.variance + other.variance) - excess);
  const kept = harmonic(one.kept, other.kept);
  const planned = Math.max(one.planned, other.planned);
  const reaches = (variance: number, k: number) => Math.min(1, penalties[location] / k) * variance;
  const windows = reaches(noise, planned);
  const contamination = Math.max(0, reaches(noise, kept) - windows);
  const stretches = reaches(excess, planned);
  return {
    visits: Math.max(0, total - windows - contamination - stretches),
    windows,
    stretches,
    contamination,
  };
}

/** Pooled variance of windows about the mean of their visit, with the windows that a visit had and was to have. */
function within(visits: VisitWindows): { variance: number; kept: number; planned: number } | null {
  let [squares, degrees] = [0, 0];
  const kept: number[] = [];
  for (const visit of visits) {
    const known = visit.filter((value) => value !== null);
    if (known.length > 0) kept.push(known.length);
    if (known.length < 2) continue;
    const centre = mean(known);
    for (const value of known) squares += (value - centre) ** 2;
    degrees += known.length - 1;
  }
  if (degrees === 0) return null;
  const planned = Math.max(...visits.map((visit) => visit.length));
  return {
    variance: squares / degrees,
    kept: kept.length / kept.reduce((sum, k) => sum + 1 / k, 0),
    planned,
  };
}

function differences(a: VisitWindows, b: VisitWindows): VisitWindows {
  return a.map((visit, round) =>
    visit.map((x, window) => {
      const y = b[round]?.[window] ?? null;
      return x === null || y === null ? null : x - y;
    }),
  );
}

const harmonic = (x: number, y: number): number => 2 / (1 / x + 1 / y);
