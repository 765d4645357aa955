import type { ConnectionFates, ConnectionsMeasured, ConnectionsResult } from "../../schemas/connections.ts";
import type { Measurement } from "../../schemas/load.ts";
import type { CellResult } from "../../schemas/report.ts";

/** What the windows of a result say of its connections; nothing where they are not what was measured. */
export function connectionsOf(counted: readonly Measurement[]): Pick<CellResult, "connections"> {
  const windows = counted.flatMap(({ connections }) => connections ?? []);
  // A repeat gives no memory figure, since its server was used.
  const withRest = windows.filter(({ restBytes }) => restBytes.length > 0);
  const middle = withRest[withRest.length >> 1] ?? windows[windows.length >> 1];
  if (middle === undefined) return {};
  const { steps, perConnection, stormNs, restBytes } = middle;
  const fates = windows.flatMap(({ ramp, storm, cycles }) => [ramp, storm, cycles]);
  const heldSockets = Math.max(...windows.map((one) => one.heldSockets));
  return {
    connections: {
      fates: sumFates(fates),
      steps,
      perConnection,
      stormNs,
      restBytes,
      heldSockets,
      leak: leakOf(windows),
    },
  };
}

const sumFates = (all: readonly ConnectionFates[]): ConnectionFates => {
  const sum = (fate: keyof ConnectionFates) => all.reduce((total, one) => total + one[fate], 0);
  const [due, opened, refused] = [sum("due"), sum("opened"), sum("refused")];
  return { due, opened, refused, reset: sum("reset"), timedOut: sum("timedOut"), wrong: sum("wrong") };
};

/**
 * Connections that have to come and go before a leak can be distinguished from a heap that still grows: Node 26 collects its own whole after
 * some 50,000, and the last quarter of the cycles has to lie beyond that.
 */
const turnoverMin = 70_000;

/**
 * Whether the memory at rest grows without end. A collection may come at any time, so that a leak is where every moment of rest
 * of the last quarter of the cycles lies above every one of the second: garbage falls back, what is lost does not. By chance
 * that is as rare as 1 in 184,756 for ten each. It has to be so in most of the rounds that have enough cycles.
 */
function leakOf(windows: readonly ConnectionsMeasured[]): ConnectionsResult["leak"] {
  const able = windows.filter(
    ({ restBytes, cycles }) => restBytes.length > 0 && cycles.opened >= turnoverMin,
  );
  const rising = able.filter(({ restBytes }) => rises(restBytes)).length;
  const reads = able.length === 0 ? "too-few" : 2 * rising > able.length ? "grows" : "steady";
  return { reads, rising, rounds: able.length };
}

/** The first moment of rest is before any connection came, the second behind the storm; a cycle lies before each further one. */
function rises(restBytes: readonly number[]): boolean {
  const cycled = restBytes.slice(2);
  const quarter = Math.floor(cycled.length / 4);
  if (quarter === 0) return false;
  const [second, last] = [cycled.slice(-3 * quarter, -2 * quarter), cycled.slice(-quarter)];
  return Math.min(...last) > Math.max(...second);
}
