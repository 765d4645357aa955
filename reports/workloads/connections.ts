import type { ConnectionsCell } from "../../schemas/workloads/connections.ts";
import { formatCount, formatInteger } from "../format.ts";
import type { WorkloadWords } from "./workload.ts";

const many = ({ connections }: ConnectionsCell): string => formatCount(connections, "connection");

export const connections: WorkloadWords<ConnectionsCell> = {
  phrase: (spec) =>
    `${many(spec)} that come, stay idle and all come back within ${formatInteger(spec.stormMs)} ms`,
  title: (spec) =>
    `${many(spec)}, storm within ${formatInteger(spec.stormMs)} ms, ${spec.cycles} × ${formatInteger(spec.turnover)} come and go`,
  column: many,
  terminal: ({ connections: count }) => `${formatInteger(count)} conns`,
  load: () => null,
  latency: null,
  throughput: null,
  connections:
    "Connections begin on a schedule, whatever the server does, and a handshake is timed from the moment it was due. In the storm all are cut at once, and each comes back and subscribes at a time of its own within the storm: its wait runs from that time until the server has agreed, and “half” and “all served again” count from the cut. New connections per second is the rate at which they come and go with 128 under way at a time; headroom is the generator's own rate against a null server ÷ that. RSS per idle connection is the slope over the ramp. A leak is reported where the memory at rest of the last quarter of the cycles lies above all of the second, in most rounds. Before 70,000 connections have come and gone, a heap that is still growing looks the same.",
};
