import { qualityFlagOf } from "../../quality/trial-quality.ts";
import { CalibrationFailure } from "../calibrator.ts";
import type { Case } from "../case.ts";
import { openCell } from "../cells.ts";
import { check, exactly, show, within } from "../check.ts";
import { histogramOf } from "../histograms.ts";
import { pauseRegularly } from "../pauses.ts";
import { waitAtQuantileNs } from "../waits.ts";

const pauseNs = 200e6;
const periodNs = 1e9;
const periods = 5;
const tolerance = within(0.05);

/**
 * The generator itself is stopped 200 ms once a second. Its clock of intended times runs on, so the messages that it could
 * not send carry the wait; and it must notice that this was its own fault, and void the trial.
 */
export const stoppedGenerator: Case = {
  id: "stopped-generator",
  title: `generator stopped 200 ms once a second from outside; open loop at 1,000 msg/s for ${periods} s`,
  pausedNs: pauseNs,
  run: (calibrator) =>
    calibrator.with("plain", [], async (server) => {
      const { pid } = await calibrator.load.ready();
      const pausing = pauseRegularly(() => pid, pauseNs, periodNs);
      let pausesNs: readonly number[] = [];
      const measurement = await calibrator
        .measure(server, openCell(1_000, (periods * periodNs) / 1e6, 300))
        .finally(async () => {
          pausesNs = await pausing.end();
        });
      if (pausesNs.length < periods)
        throw new CalibrationFailure(`only ${pausesNs.length} pauses in ${periods} s`);
      const latency = histogramOf(measurement.histograms.latency);
      const lateness = histogramOf(measurement.histograms.lateness);
      const at = (percent: number) => waitAtQuantileNs(pausesNs, periodNs, percent / 100);
      const waited = (percent: number) =>
        check(`latency p${percent}`, "ns", at(percent), latency.percentileNs(percent), tolerance);
      const discarded = qualityFlagOf(measurement)?.code === "generator-late" ? 1 : 0;
      return [
        show("mean pause, as the stopper saw it", "ns", pausesNs.reduce((a, b) => a + b) / pausesNs.length),
        waited(95),
        waited(99),
        check("latency max", "ns", at(100), latency.maxNs, tolerance),
        check("generator's own lateness p99", "ns", at(99), lateness.percentileNs(99), tolerance),
        check("trials discarded as generator-late", "count", 1, discarded, exactly),
      ];
    }),
};
