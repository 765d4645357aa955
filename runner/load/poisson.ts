import { createRandom } from "../../stats/random.ts";

/**
 * When the messages of a Poisson stream are meant to leave, in ns from its start, up to `untilNs`; one at least. Streams of one `draw`
 * are the same at every rate but for their scale, so that a higher rate is the harder one.
 */
export function poissonTimes(rateHz: number, untilNs: number, draw: number): Float64Array {
  const random = createRandom(draw);
  const gapNs = 1e9 / rateHz;
  const times: number[] = [];
  for (let at = 0; ; times.push(at)) {
    at -= gapNs * Math.log1p(-random.uniform());
    if (at >= untilNs && times.length > 0) return Float64Array.from(times);
  }
}
