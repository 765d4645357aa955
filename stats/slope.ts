import { mean } from "./moments.ts";
import { studentReach } from "./student.ts";

/** A straight line through points: y = at0 + slope × x, with the 95 % interval of its slope. */
export interface Line {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  readonly at0: number;
}

/**
 * Ordinary least squares with Student's interval of the slope on n − 2 degrees of freedom (Draper and Smith, Applied Regression
 * Analysis, 1998, section 1.4). It takes the residuals for independent; null below three points, or where all have one x.
 */
export function leastSquares(points: readonly (readonly [x: number, y: number])[]): Line | null {
  const n = points.length;
  if (n < 3) return null;
  const [centreX, centreY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  let xx = 0;
  let xy = 0;
  for (const [x, y] of points) {
    xx += (x - centreX) ** 2;
    xy += (x - centreX) * (y - centreY);
  }
  if (xx === 0) return null;
  const slope = xy / xx;
  const at0 = centreY - slope * centreX;
  const residual = points.reduce((sum, [x, y]) => sum + (y - at0 - slope * x) ** 2, 0);
  const reach = studentReach(0.95, n - 2) * Math.sqrt(residual / (n - 2) / xx);
  return { slope, low: slope - reach, high: slope + reach, at0 };
}
