import type { FanoutCell } from "../../schemas/workloads/fanout.ts";
import { digits3, formatCount, formatInteger } from "../format.ts";
import { broadcastNames, codecNames, subscribersOf, variantWords, type WorkloadWords } from "./workload.ts";

export const fanout: WorkloadWords<FanoutCell> = {
  phrase: (spec) =>
    `one ${codecNames[spec.codec]} stream to ${formatCount(spec.subscribers, "subscriber")} at ${digits3(spec.rateHz)} /s${variantWords(spec.broadcast)}`,
  title: (spec) =>
    `${codecNames[spec.codec]} to ${formatCount(spec.subscribers, "subscriber")}, ${broadcastNames[spec.broadcast]}`,
  column: (spec) =>
    `${codecNames[spec.codec]} to ${formatInteger(spec.subscribers)}${spec.broadcast === "send" ? "" : `, ${spec.broadcast}`}`,
  terminal: (spec) => `${formatInteger(spec.subscribers)} subs`,
  load: (specs) => `one stream to ${subscribersOf(specs)}`,
  latency: null,
  throughput: null,
};
