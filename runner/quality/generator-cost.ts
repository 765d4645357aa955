import type { Measurement } from "../../schemas/load.ts";

/**
 * CPU time that the load generator spent on each message of a closed loop, in ns. Null for an open loop, whose generator spins
 * until the next message is due whatever one costs, and where nothing was delivered.
 */
export function generatorCostNs({ metrics, elapsedNs, generator }: Measurement): number | null {
  const messages = ((metrics.throughputHz ?? 0) * elapsedNs) / 1e9;
  return messages === 0 ? null : generator.cpuNs / messages;
}
