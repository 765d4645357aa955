import type { Measurement } from "../../schemas/load.ts";

/**
 * CPU time that the load generator spent on each message of a closed loop, in ns. Null for an open loop, whose generator spins
 * until the next message is due whatever one costs, and where nothing was delivered.
 */
export function generatorCostNs({ metrics, elapsedNs, generator }: Measurement): number | null {
  const messages = ((metrics.throughputHz ?? 0) * elapsedNs) / 1e9;
  return messages === 0 ? null : generator.cpuNs / messages;
}

/** Shares of a core from which on the generator is busy with nothing else, and below which a server had time left. */
const generatorShareMin = 0.95;
const serverShareMax = 0.9;

/**
 * How busy both sides of a closed loop were, as shares of a core each, where the generator could do no more and the server could:
 * the rate is then the generator's, and the server's is at least that. Null for all else: an open loop's generator always spins.
 */
export function saturation(m: Measurement): { readonly generator: number; readonly server: number } | null {
  if (m.metrics.throughputHz === undefined || m.server === null) return null;
  // CPU time is counted up to the end of the drain, as the cores' is.
  const elapsedNs = m.cores[0]?.elapsedNs ?? m.elapsedNs;
  // Of several load processes each has its own core.
  const { cpuNs, busiestNs = cpuNs } = m.generator;
  const shares = { generator: busiestNs / elapsedNs, server: m.server.cpuNs / elapsedNs };
  return shares.generator >= generatorShareMin && shares.server < serverShareMax ? shares : null;
}
