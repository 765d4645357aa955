import type { CalibrationRow } from "../../../schemas/calibration.ts";
import type { Measurement } from "../../../schemas/load.ts";
import { connectionsOf } from "../../analysis/connections.ts";
import { CalibrationFailure } from "../calibrator.ts";
import type { Case } from "../case.ts";
import { connectionsCell } from "../cells.ts";
import { check, exactly, show, within } from "../check.ts";

const every = 10;

/** A server that answers every tenth upgrade with 503: each has to be counted, as refused and as nothing else. */
export const refusing: Case = {
  id: "refusing",
  title: `server refuses each ${every}th connection`,
  run: async (calibrator) => {
    const measurement = await calibrator.with("arrivals", ["refuse", every], (server) =>
      calibrator.measure(server, connectionsCell(3)),
    );
    return refusedRows(measurement);
  },
};

/** A whole number of tens is due, so that the share is exact wherever the server's count stood before. */
export function refusedRows({ connections, ledger }: Measurement): CalibrationRow[] {
  if (connections === undefined) throw new CalibrationFailure("no connection was measured");
  const { ramp, storm, cycles } = connections;
  const sum = (of: (fates: typeof ramp) => number) => of(ramp) + of(storm) + of(cycles);
  const due = sum((fates) => fates.due);
  return [
    check("due", "count", ledger.due, due, exactly),
    check(
      "refused: a tenth of them",
      "count",
      due / every,
      sum((fates) => fates.refused),
      exactly,
    ),
    check(
      "opened: the others",
      "count",
      due - due / every,
      sum((fates) => fates.opened),
      exactly,
    ),
    check(
      "reset, timed out or answered wrongly",
      "count",
      0,
      sum(({ reset, timedOut, wrong }) => reset + timedOut + wrong),
      exactly,
    ),
  ];
}

const heldMs = 100;

/** A server that answers each upgrade 100 ms late: its handshakes must be longer by that, its own undelayed ones apart. */
export const holding: Case = {
  id: "holding",
  title: `server answers each upgrade ${heldMs} ms late`,
  run: async (calibrator) => {
    const cell = connectionsCell(1);
    const undelayed = await calibrator.with("plain", [], (server) => calibrator.measure(server, cell));
    const held = await calibrator.with("arrivals", ["hold", heldMs], (server) =>
      calibrator.measure(server, cell),
    );
    const usualNs = undelayed.metrics.handshakeNsP50 ?? 0;
    const usualWaitNs = undelayed.metrics.stormWaitNsP50 ?? 0;
    const { handshakeNsP50, stormWaitNsP50 } = held.metrics;
    return [
      show("undelayed handshake p50", "ns", usualNs),
      check("handshake p50: 100 ms + that", "ns", heldMs * 1e6 + usualNs, handshakeNsP50, within(0.03)),
      show("undelayed wait in the storm p50", "ns", usualWaitNs),
      check(
        "wait in the storm p50: 100 ms + that",
        "ns",
        heldMs * 1e6 + usualWaitNs,
        stormWaitNsP50,
        within(0.1),
      ),
    ];
  },
};

const keptBytes = 1_024;
/** Enough that what is kept outgrows what an allocator's garbage moves it by, some 20 MB. */
const cycles = 100;

/** A server that keeps 1 KiB of each connection for good, beside one that keeps nothing. */
export const leakingConnections: Case = {
  id: "leaking-connections",
  title: `server keeps 1 KiB of each connection; ${cycles} cycles of 1,000 come and go`,
  run: async (calibrator) => {
    const cell = connectionsCell(cycles);
    const plain = await calibrator.with("plain", [], (server) => calibrator.measure(server, cell));
    const leaking = await calibrator.with("arrivals", ["keep", keptBytes], (server) =>
      calibrator.measure(server, cell),
    );
    const leaksReported = (m: Measurement) =>
      connectionsOf([m]).connections?.leak.reads === "grows" ? 1 : 0;
    return [
      check("plain: leak reported", "count", 0, leaksReported(plain), exactly),
      check("leaking: leak reported", "count", 1, leaksReported(leaking), exactly),
      check(
        "leaking: bytes a connection",
        "count",
        keptBytes,
        leaking.metrics.leakBytesPerConnection,
        within(0.15),
      ),
      show("plain: bytes a connection", "count", plain.metrics.leakBytesPerConnection ?? 0),
    ];
  },
};
