import type { FloodCell } from "../../schemas/workloads/flood.ts";
import { digits3, formatCount, formatInteger } from "../format.ts";
import { broadcastNames, codecNames, variantWords, type WorkloadWords } from "./workload.ts";

const offered = ({ times }: FloodCell): string => `${digits3(times)} × what the server can take`;

export const flood: WorkloadWords<FloodCell> = {
  phrase: (spec) =>
    `a ${codecNames[spec.codec]} flood to ${formatCount(spec.subscribers, "subscriber")}${variantWords(spec.broadcast)}`,
  title: (spec) =>
    `${codecNames[spec.codec]} at ${offered(spec)} to ${formatCount(spec.subscribers, "subscriber")}, ${broadcastNames[spec.broadcast]}`,
  column: (spec) =>
    `${codecNames[spec.codec]} flood to ${formatInteger(spec.subscribers)}${variantWords(spec.broadcast)}`,
  terminal: (spec) => `flood, ${formatInteger(spec.subscribers)} subs`,
  load: (specs) => specs.map(offered).find(() => true) ?? null,
  latency: null,
  throughput: null,
};
