/**
 * ψ(x), the derivative of ln Γ, for x > 0, to about 1e-13.
 * Asymptotic series DLMF 5.11.2, after shifting x to 10 or more by ψ(x + 1) = ψ(x) + 1/x.
 */
export function digamma(x: number): number {
  let shift = 0;
  let z = x;
  while (z < 10) {
    shift += 1 / z;
    z += 1;
  }
  const w = 1 / (z * z);
  const series =
    w * (1 / 12 - w * (1 / 120 - w * (1 / 252 - w * (1 / 240 - w * (1 / 132 - (w * 691) / 32760)))));
  return Math.log(z) - 0.5 / z - series - shift;
}

/**
 * ψ′(x), the variance of the logarithm of a gamma variable of shape x, for x > 0, to about 1e-13.
 * DLMF 5.15.8, after shifting x to 10 or more.
 */
export function trigamma(x: number): number {
  let shift = 0;
  let z = x;
  while (z < 10) {
    shift += 1 / (z * z);
    z += 1;
  }
  const w = 1 / (z * z);
  const series = (w / z) * (1 / 6 - w * (1 / 30 - w * (1 / 42 - w * (1 / 30 - (w * 5) / 66))));
  return 1 / z + 0.5 * w + series + shift;
}

/** ψ″(x) for x > 0: the slope that Newton's steps on ψ′ need. */
function tetragamma(x: number): number {
  let shift = 0;
  let z = x;
  while (z < 10) {
    shift += 2 / (z * z * z);
    z += 1;
  }
  const w = 1 / (z * z);
  return -w * (1 + 1 / z + w * (0.5 - w * (1 / 6 - w * (1 / 6 - w * 0.3)))) - shift;
}

/**
 * The x with ψ′(x) = y, for y > 0; Infinity at 0. Newton's method on 1/ψ′, which is convex and nearly straight, so that it
 * rises to the root from 0.5 + 1/y without passing it.
 * Source: Smyth, Statistical Applications in Genetics and Molecular Biology 3 (2004), article 3, appendix.
 */
export function trigammaInverse(y: number): number {
  if (!(y > 0)) return Infinity;
  if (y > 1e7) return 1 / Math.sqrt(y);
  if (y < 1e-6) return 1 / y;
  let x = 0.5 + 1 / y;
  for (let i = 0; i < 50; i += 1) {
    const reached = trigamma(x);
    const step = (reached * (1 - reached / y)) / tetragamma(x);
    x += step;
    if (Math.abs(step) < 1e-12 * x) break;
  }
  return x;
}
