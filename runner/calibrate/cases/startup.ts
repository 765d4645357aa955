import { median } from "../../../stats/moments.ts";
import type { Case } from "../case.ts";
import { check, show, within } from "../check.ts";

const lateNs = 500e6;
const starts = 5;

/** A server that gets ready 500 ms late: the start-up time must show that, beside its undelayed self. */
export const startup: Case = {
  id: "slow-start",
  title: `server is ready 500 ms late; medians of ${starts} starts each, alternating`,
  run: async (calibrator) => {
    const startupNs = (delayNs: number) =>
      calibrator.with("slow-start", [delayNs], (server) => Promise.resolve(server.startupNs));
    const plainNs: number[] = [];
    const slowNs: number[] = [];
    for (let i = 0; i < starts; i += 1) {
      plainNs.push(await startupNs(0));
      slowNs.push(await startupNs(lateNs));
    }
    return [
      show("start-up of the same server undelayed", "ns", median(plainNs)),
      check(
        "start-up: difference to that",
        "ns",
        lateNs,
        Math.max(0, median(slowNs) - median(plainNs)),
        within(0.05),
      ),
    ];
  },
};
