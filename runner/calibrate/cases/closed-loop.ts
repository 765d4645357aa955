import type { Measurement } from "../../../schemas/load.ts";
import type { Case } from "../case.ts";
import { echoCell } from "../cells.ts";
import { check, show, within } from "../check.ts";

const tolerance = within(0.05);
/** Connections and window of the cells; one with one is driven by mitata. */
const shapes = [
  [1, 1],
  [1, 32],
  [32, 1],
  [32, 32],
] as const;

/** Little's law, L = λ W: rate × mean latency must give the messages in flight, or some were not timed as they should be. */
export const littlesLaw: Case = {
  id: "littles-law",
  title: "Little's law on the closed loops against a plain server: rate × mean latency",
  run: (calibrator) =>
    calibrator.with("plain", [], async (server) => {
      const rows = [];
      for (const [connections, window] of shapes) {
        const inFlight = connections * window;
        const measurement = await calibrator.measure(server, echoCell(connections, window, 600));
        const name = `in flight, ${connections} × window ${window}`;
        const seen = inFlightOf(measurement);
        // One clock times both parts of the only cycle there is, so that this could fail by a lost cycle alone.
        const byConstruction = inFlight === 1 && seen !== undefined;
        rows.push(
          byConstruction
            ? show(`${name}: 1 by construction`, "ratio", seen)
            : check(name, "ratio", inFlight, seen, tolerance),
        );
      }
      return rows;
    }),
};

/**
 * Rate × (latency + turn-around). With one message in flight the generator's own turn-around is a part of each cycle in which
 * nothing is under way (the response time law of closed systems: N = X (R + Z), Z the think time).
 */
function inFlightOf({ metrics, generator }: Measurement): number | undefined {
  const { throughputHz, latencyNsMean } = metrics;
  if (throughputHz === undefined || latencyNsMean === undefined) return undefined;
  return (throughputHz * (latencyNsMean + (generator.turnaroundNsMean ?? 0))) / 1e9;
}

/** mitata times the same round trips from outside the function that our histogram is filled in. */
export const mitataAgrees: Case = {
  id: "mitata",
  title: "mitata's own p50 and ours, of the same round trips",
  run: (calibrator) =>
    calibrator.with("plain", [], async (server) => {
      const { metrics, mitataNsP50 } = await calibrator.measure(server, echoCell(1, 1, 1_000));
      return [check("p50: mitata's, and ours", "ns", mitataNsP50 ?? 0, metrics.latencyNsP50, tolerance)];
    }),
};
