import type { Random } from "../../stats/random.ts";

/*
 * Draws by inversion. `Math.log`, `Math.exp` and powers may differ in the last bit between JavaScript engines:
 * schedules are identical wherever the same Bun draws them, and package.json pins it.
 */

/** Exponential with the given rate; the mean is 1 / `rate`. */
export function exponential(random: Random, rate: number): number {
  return -Math.log(1 - random.uniform()) / rate;
}

/** Poisson by a product of uniforms (Knuth, TAOCP 2, 3.4.1): meant for small means. */
export function poisson(random: Random, mean: number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = 1 - random.uniform(); product > limit; product *= 1 - random.uniform()) count++;
  return count;
}

/** Log-normal with the given median and σ of the logarithm. */
export function logNormal(random: Random, median: number, sigma: number): number {
  return median * Math.exp(sigma * random.normal());
}
