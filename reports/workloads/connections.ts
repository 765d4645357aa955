import type { ConnectionsCell } from "../../schemas/workloads/connections.ts";
import { formatCount, formatInteger } from "../format.ts";
import type { WorkloadWords } from "./workload.ts";

const many = ({ connections }: ConnectionsCell): string => formatCount(connections, "connection");

export const connections: WorkloadWords<ConnectionsCell> = {
  phrase: (spec) => `${many(spec)} that come, stay idle and all come back within ${spec.stormMs} ms`,
  title: (spec) => `ramp to ${many(spec)}, storm within ${formatInteger(spec.stormMs)} ms, ${spec.cycles} cycles`,
  column: many,
  terminal: ({ connections: count }) => `${formatInteger(count)} conns`,
  load: () => null,
  latency: null,
  throughput: null,
};
