import type { CellSpec } from "../../../schemas/cell.ts";
import { CalibrationFailure, type Calibrator } from "../calibrator.ts";
import type { Case } from "../case.ts";
import { echoCell, openCell } from "../cells.ts";
import { check, show, within } from "../check.ts";

const delayNs = 5e6;
const tolerance = within(0.02);

/**
 * A server that holds every message for 5 ms: its p50 must be longer by that than undelayed, and by nothing else.
 *
 * Neither the generator nor this server sleeps, so the undelayed p50 of the same loop is the one to add: waking up would cost about 0.1 ms
 * on a virtual machine, the whole tolerance.
 */
export const delay: Case = {
  id: "delay",
  title: "server holds each message for 5 ms",
  run: async (calibrator) => {
    const open = openCell(1_000, 1_000, 200);
    const undelayedNs = await p50Of(calibrator, 0, open);
    const delayedNs = await p50Of(calibrator, delayNs, open);
    const fastNs = await p50Of(calibrator, 0, echoCell(1, 1, 500));
    const echoedNs = await p50Of(calibrator, delayNs, echoCell(1, 1, 1_500));
    return [
      show("open loop, undelayed p50", "ns", undelayedNs),
      check("open loop, p50: 5 ms + that", "ns", delayNs + undelayedNs, delayedNs, tolerance),
      show("echo, undelayed p50 at full speed", "ns", fastNs),
      check("echo, p50: 5 ms + that", "ns", delayNs + fastNs, echoedNs, tolerance),
    ];
  },
};

function p50Of(calibrator: Calibrator, heldNs: number, cell: CellSpec): Promise<number> {
  return calibrator.with("delay", [heldNs], async (server) => {
    const { latencyNsP50 } = (await calibrator.measure(server, cell)).metrics;
    if (latencyNsP50 === undefined)
      throw new CalibrationFailure("not a single message arrived in the window");
    return latencyNsP50;
  });
}
