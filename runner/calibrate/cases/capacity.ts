import type { CapacityCell } from "../../../schemas/workloads/capacity.ts";
import { sojourns } from "../../../stats/lindley.ts";
import { poissonTimes } from "../../load/poisson.ts";
import { leadMs } from "../../workloads/open-loop.ts";
import { probeMsAt, searchOf } from "../../workloads/phases/capacity.ts";
import type { Case } from "../case.ts";
import { capacityCell } from "../cells.ts";
import { check, show, within } from "../check.ts";

const serviceNs = 2_000_000;

/**
 * What the search finds on a queue of one subscriber with a known time of service, in deliveries a second: the same levels and
 * schedules, and Lindley's recursion in place of a server. Null where it finds nothing.
 */
export function capacityByLindley(cell: CapacityCell, service: number): number | null {
  const search = searchOf(cell, 0);
  for (let { level } = search; level !== null; level = search.level) {
    const leadNs = leadMs * 1e6;
    const arrivals = poissonTimes(level, leadNs + probeMsAt(cell, level) * 1e6, search.attempt);
    const counted = sojourns(arrivals, service).filter((_, n) => arrivals[n]! >= leadNs);
    const p99 = counted.toSorted()[Math.ceil(0.99 * counted.length) - 1] ?? 0;
    search.note(p99 < cell.limit.maxNs);
  }
  return search.low;
}

/** A server that works 2 ms on every message: the rate at which p99 passes 20 ms follows from the schedule alone. */
export const knownCapacity: Case = {
  id: "capacity",
  title: `server works ${serviceNs / 1e6} ms on every message: its capacity by Lindley's recursion`,
  run: async (calibrator) => {
    const cell = capacityCell();
    const found = await calibrator.with("service", [serviceNs], (server) => calibrator.measure(server, cell));
    const { capacityHz } = found.metrics;
    return [
      check(
        "deliveries per second with p99 < 20 ms",
        "count",
        capacityByLindley(cell, serviceNs) ?? 0,
        capacityHz,
        within(0.1),
      ),
      show("probes", "count", found.capacity?.probes.length ?? 0),
    ];
  },
};
