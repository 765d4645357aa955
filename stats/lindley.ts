/**
 * Time in a queue with one server, for each arrival: its wait and its own service. `arrivals` never fall; both in one unit of time.
 * Source: Lindley, "The theory of queues with a single server", Proc. Cambridge Phil. Soc. 48 (1952): Wₙ₊₁ = max(0, Wₙ + Sₙ − (tₙ₊₁ − tₙ)).
 */
export function sojourns(arrivals: ArrayLike<number>, service: number): Float64Array {
  const times = new Float64Array(arrivals.length);
  let wait = 0;
  for (let n = 0; n < arrivals.length; n += 1) {
    if (n > 0) wait = Math.max(0, wait + service - (arrivals[n]! - arrivals[n - 1]!));
    times[n] = wait + service;
  }
  return times;
}
