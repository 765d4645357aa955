import { median } from "../../../stats/moments.ts";
import { measureClock } from "../../process/clock.ts";
import type { Case } from "../case.ts";
import { openCell } from "../cells.ts";
import { show } from "../check.ts";
import { histogramOf } from "../histograms.ts";

/** What has no known answer and yet bounds every figure: the clock, and how late the generator is by itself. */
export const generator: Case = {
  id: "generator",
  title: "the clock, and the generator's own lateness at 1,000 msg/s against a plain server",
  run: (calibrator) =>
    calibrator.with("plain", [], async (server) => {
      const { clockResolutionNs } = await calibrator.load.ready();
      const { generator: use, histograms } = await calibrator.measure(server, openCell(1_000, 3_000, 300));
      const lateness = histogramOf(histograms.lateness);
      const latency = histogramOf(histograms.latency);
      return [
        show("clock's resolution", "ns", clockResolutionNs),
        show("clock's cost of one reading", "ns", clockCostNs()),
        ...[50, 99, 99.9].map((p) => show(`lateness p${p}`, "ns", lateness.percentileNs(p))),
        show("lateness max", "ns", lateness.maxNs),
        show("longest gap between two turns of its loop", "ns", use.hiccupNsMax ?? 0),
        ...[50, 99].map((p) => show(`latency p${p}`, "ns", latency.percentileNs(p))),
      ];
    }),
};

/** The median of several looks: the first finds the loop not yet compiled, and any may be interrupted. */
function clockCostNs(): number {
  return median(Array.from({ length: 9 }, () => measureClock().costNs));
}
