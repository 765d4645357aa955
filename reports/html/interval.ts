import { type Markup, markup } from "./markup.ts";

const width = 120;
const height = 20;
const margin = 6;

/** A ratio and the ends of its interval; an end that is open is null. */
export interface DrawnRatio {
  readonly ratio: number;
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
}

/** Ends of a scale on logs that holds all of these, never narrower than half to double. */
export function scaleOf(ratios: readonly DrawnRatio[]): (ratio: number) => number {
  const ends = ratios.flatMap(({ ratio, ciLow, ciHigh }) => [ratio, ciLow ?? ratio, ciHigh ?? ratio]);
  const known = ends.filter((x) => x > 0 && Number.isFinite(x));
  const [low, high] = [Math.min(0.5, ...known), Math.max(2, ...known)].map(Math.log) as [number, number];
  const of = (ratio: number) => (Math.log(ratio) - low) / (high - low);
  return (ratio) => margin + Math.min(Math.max(of(ratio), 0), 1) * (width - 2 * margin);
}

/** The interval about its mark, and the line of equality that it must not touch. */
export function intervalMark({ ratio, ciLow, ciHigh }: DrawnRatio, at: (ratio: number) => number): Markup {
  const y = height / 2;
  const x = (value: number) => at(value).toFixed(1);
  return markup`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true"><line class="one" x1="${x(1)}" x2="${x(1)}" y1="0" y2="${height}"/><line x1="${x(ciLow ?? 0)}" x2="${x(ciHigh ?? Number.MAX_VALUE)}" y1="${y}" y2="${y}"/><circle cx="${x(ratio)}" cy="${y}" r="4.5"/></svg>`;
}
