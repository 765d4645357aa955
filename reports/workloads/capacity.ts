import type { CapacityCell } from "../../schemas/workloads/capacity.ts";
import { digits3, formatCount, formatInteger, formatNs } from "../format.ts";
import { codecNames, variantWords, type WorkloadWords } from "./workload.ts";

/** `p99 < 5 ms`. */
const limitWords = ({ limit: { percentile, maxNs } }: CapacityCell): string =>
  `${percentile.slice("latencyNs".length).toLowerCase()} < ${formatNs(maxNs)}`;

/** What is kept while the other is sought. */
const kept = ({ seek, subscribers, rateHz }: CapacityCell): string =>
  seek === "rate" ? `to ${formatCount(subscribers, "subscriber")}` : `at ${digits3(rateHz)} messages/s`;

export const capacity: WorkloadWords<CapacityCell> = {
  phrase: (spec) =>
    `the highest load of one ${codecNames[spec.codec]} stream ${kept(spec)} with ${limitWords(spec)}${variantWords(spec.broadcast)}`,
  title: (spec) =>
    `${spec.seek === "rate" ? "Highest rate" : "Most subscribers"} of ${codecNames[spec.codec]} ${kept(spec)}, ${limitWords(spec)}${variantWords(spec.broadcast)}`,
  column: (spec) =>
    `${codecNames[spec.codec]} ${spec.seek === "rate" ? `to ${formatInteger(spec.subscribers)}` : `at ${digits3(spec.rateHz)} /s`}, ${limitWords(spec)}`,
  terminal: (spec) =>
    spec.seek === "rate" ? `${formatInteger(spec.subscribers)} subs` : `${digits3(spec.rateHz)} /s`,
  load: () => null,
  latency: null,
  throughput: null,
  capacity:
    "Messages leave at the times of a Poisson process, whatever comes back, in short probes. The load doubles until one fails, and the bracket is then halved on a log scale until its ends are 5 % apart. A probe holds where every message arrives and the limit holds; a load is decided by the best two of three probes. Capacity is the higher of the loads that hold, in deliveries per second over all subscribers; headroom is what the same search finds on a null server ÷ that.",
};
