import type { Case } from "../case.ts";
import { echoCell, openCell } from "../cells.ts";
import { check, plusMinus, within } from "../check.ts";
import { countFrom, histogramOf } from "../histograms.ts";
import { waitAtQuantileNs } from "../waits.ts";

const stallNs = 200e6;
const periodNs = 1e9;
const rateHz = 1_000;
/** A whole number of periods holds the same waits wherever in a period it begins. */
const periods = 5;
const tolerance = within(0.05);
/** No round trip is nearly as long without a stall. */
const stalledNs = stallNs / 2;

/** A server that stops for 200 ms once a second: an open loop sees what every message waited, a closed loop one sample. */
export const stall: Case = {
  id: "stall",
  title: `server stalls 200 ms once a second; open loop at 1,000 msg/s for ${periods} s`,
  run: (calibrator) =>
    calibrator.with("stall", [stallNs, periodNs], async (server) => {
      const windowMs = (periods * periodNs) / 1e6;
      const open = await calibrator.measure(server, openCell(rateHz, windowMs, 300));
      const closed = await calibrator.measure(server, echoCell(1, 1, windowMs));
      const latency = histogramOf(open.histograms.latency);
      const blind = histogramOf(closed.histograms.latency);
      const at = (quantile: number) => waitAtQuantileNs([stallNs], periodNs, quantile);
      const row = (percent: number) =>
        check(
          `p${percent}`,
          "ns",
          at(percent / 100),
          latency.percentileNs(percent),
          tolerance,
          blind.percentileNs(percent),
        );
      return [
        row(90),
        row(95),
        row(99),
        check("max", "ns", at(1), latency.maxNs, tolerance, blind.maxNs),
        check(
          "messages that waited 100 ms or more",
          "count",
          (periods * rateHz * (stallNs - stalledNs)) / 1e9,
          countFrom(latency, stalledNs),
          tolerance,
          countFrom(blind, stalledNs),
        ),
        // Where the window begins decides whether one stall more lies in it.
        check(
          "closed loop: one sample of 100 ms or more a stall",
          "count",
          Math.round(closed.elapsedNs / periodNs),
          countFrom(blind, stalledNs),
          plusMinus(1),
        ),
      ];
    }),
};
