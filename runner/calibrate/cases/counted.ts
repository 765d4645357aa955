import type { CalibrationRow, Tally } from "../../../schemas/calibration.ts";
import type { Measurement } from "../../../schemas/load.ts";
import type { Case } from "../case.ts";
import { echoCell } from "../cells.ts";
import { check, within } from "../check.ts";

const connections = 8;
const window = 4;
/** So long that waking up, some 0.1 ms, is half a percent of it. */
const delayNs = 20e6;
/** Longer, as one message at a time lets both sides sleep in every cycle: the wakings are a percent of it. */
const aloneDelayNs = 50e6;
const tolerance = within(0.05);

/**
 * Little's law with instruments that have nothing in common: the rate is counted by the server on its own clock, the latency
 * is known by arithmetic, and the messages in flight are fixed by the loop. A clock of the generator's that is wrong by 10 %
 * leaves its own rate × latency as it was, and is caught here.
 */
export const littleByCount: Case = {
  id: "littles-law-counted",
  title: `Little's law against a server that holds each message for 20 ms and counts by itself; ${connections} connections × window ${window}`,
  run: async (calibrator) => {
    const known = { inFlight: connections * window, delayNs };
    const rows = await calibrator.with("delay", [delayNs], async (server) => {
      const measurement = await calibrator.measure(server, echoCell(connections, window, 2_000));
      return countedRows(measurement.metrics, await calibrator.tally(server), known);
    });
    const alone = await calibrator.with("delay", [aloneDelayNs], (server) =>
      calibrator.measure(server, echoCell(1, 1, 1_500)),
    );
    return [...rows, aloneRow(alone.metrics)];
  },
};

/** One message in flight has a separate loop, which rate × latency of one clock cannot judge; the server's delay can. */
export function aloneRow({ throughputHz }: Measurement["metrics"]): CalibrationRow {
  const inFlight = throughputHz === undefined ? undefined : (throughputHz * aloneDelayNs) / 1e9;
  return check("in flight, 1 × window 1: our rate × 50 ms", "ratio", 1, inFlight, tolerance);
}

/** Our rate and our latency, each against what the server's count or the known delay makes of the other. */
export function countedRows(
  metrics: Measurement["metrics"],
  { messages, durationNs }: Tally,
  known: { readonly inFlight: number; readonly delayNs: number },
): CalibrationRow[] {
  const { inFlight } = known;
  const { throughputHz, latencyNsMean } = metrics;
  // Counted from the first message to the last, of which the first starts the clock and fills none of the time; the messages come in
  // batches of all that are in flight, so that one batch does.
  const countedHz = durationNs === 0 ? 0 : ((messages - inFlight) / durationNs) * 1e9;
  return [
    check(
      "in flight: rate by the server's count × 20 ms",
      "ratio",
      inFlight,
      (countedHz * known.delayNs) / 1e9,
      tolerance,
    ),
    check(
      "in flight: our rate × 20 ms",
      "ratio",
      inFlight,
      throughputHz === undefined ? undefined : (throughputHz * known.delayNs) / 1e9,
      tolerance,
    ),
    check(
      "mean latency: in flight ÷ the server's rate, and ours",
      "ns",
      countedHz === 0 ? 0 : (inFlight / countedHz) * 1e9,
      latencyNsMean,
      tolerance,
    ),
  ];
}
