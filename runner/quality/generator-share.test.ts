import { expect, test } from "bun:test";
import type { ConnectionsMeasured } from "../../schemas/connections.ts";
import type { Measurement } from "../../schemas/load.ts";
import { inventedMeasurement } from "../fixtures/invented.ts";
import { mostlyGenerators } from "./generator-share.ts";

const fates = { due: 100, opened: 100, refused: 0, reset: 0, timedOut: 0, wrong: 0 };
const ledger = { due: 0, delivered: 0, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 };

/** A window of connections that came with a lateness of 1 ms, and came back with the storm's. */
function measured(metrics: Measurement["metrics"], stormLatenessNs?: ConnectionsMeasured["stormLatenessNs"]) {
  const invented = inventedMeasurement({ sent: 100, metrics, ledger });
  const none = { steps: [], perConnection: null, stormNs: [], restBytes: [], heldSockets: 0 };
  return mostlyGenerators({
    ...invented,
    generator: { ...invented.generator, latenessNsP50: 1e5, latenessNsP99: 1e6 },
    connections: {
      ...{ ramp: fates, storm: fates, cycles: fates, ...none },
      ...(stormLatenessNs === undefined ? {} : { stormLatenessNs }),
    },
  });
}

test("a handshake is mostly the generator's where it began half of that late", () => {
  expect(measured({ handshakeNsP50: 2e5, handshakeNsP99: 2.1e6 })).toEqual(["handshakeNsP50"]);
});

test("a storm is judged by its own lateness, and not by the ramp's", () => {
  const storm = { stormWaitNsP50: 3e5, stormWaitNsP99: 4e6 };
  expect(measured(storm)).toEqual([]);
  expect(measured(storm, { p50: 1e5, p99: 2e6 })).toEqual(["stormWaitNsP99"]);
});
