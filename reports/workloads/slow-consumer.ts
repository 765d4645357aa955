import type { SlowConsumerCell } from "../../schemas/workloads/slow-consumer.ts";
import { formatCount, formatInteger } from "../format.ts";
import { broadcastNames, codecNames, variantWords, type WorkloadWords } from "./workload.ts";

const stopping = ({ slow, subscribers }: SlowConsumerCell): string =>
  `${formatInteger(slow)} of ${formatCount(subscribers, "subscriber")} not reading`;

export const slowConsumer: WorkloadWords<SlowConsumerCell> = {
  phrase: (spec) => `${codecNames[spec.codec]} with ${stopping(spec)}${variantWords(spec.broadcast)}`,
  title: (spec) => `${codecNames[spec.codec]}, ${stopping(spec)}, ${broadcastNames[spec.broadcast]}`,
  column: (spec) =>
    `${codecNames[spec.codec]}, ${formatInteger(spec.slow)} slow${variantWords(spec.broadcast)}`,
  terminal: (spec) => `${formatInteger(spec.slow)} slow`,
  load: (specs) => specs.map(stopping).find(() => true) ?? null,
  latency: null,
  throughput: null,
};
