import type { EchoCell } from "../../schemas/workloads/echo.ts";
import { formatCount, formatInteger } from "../format.ts";
import { codecNames, type WorkloadWords } from "./workload.ts";

const sizeOf = ({ bytes, codec }: EchoCell): string => (bytes === null ? codecNames[codec] : `${bytes} B`);
const codedSize = ({ bytes, codec }: EchoCell): string =>
  bytes === null ? codecNames[codec] : `${formatInteger(bytes)} B ${codecNames[codec]}`;

export const echo: WorkloadWords<EchoCell> = {
  phrase: (spec) => `the echo of ${codedSize(spec)}, ${spec.connections} × ${spec.window} in flight`,
  title: (spec) =>
    `${formatCount(spec.connections, "connection")} × ${spec.window} in flight, ${codedSize(spec)}`,
  column: (spec) => `echo ${sizeOf(spec)}, ${spec.connections} × ${spec.window}`,
  terminal: (spec) => `echo ${sizeOf(spec)}`,
  load: () => null,
  latency: {
    curve: "Round trip by percentile",
    section: ["Round trips", " (closed loop)"],
    intro:
      "The next message waits for a reply, so each candidate sets its own rate: that of round trips, below each name. Read these with the throughput, not against the feed's latencies.",
    rate: "round trips",
  },
  throughput: {
    chart: "Echo throughput, closed loop",
    name: "Echo",
    intro:
      "Messages answered per second. Headroom is the generator's rate against a null server ÷ this rate. Below 1.5 the generator may have been the limit: the rate reads “at least”, and the order of such rows means nothing.",
  },
};
