import type { PushCell } from "../../schemas/workloads/push.ts";
import { formatCount, formatInteger } from "../format.ts";
import { codecNames, type WorkloadWords } from "./workload.ts";

const codedSize = ({ bytes, codec }: PushCell): string => `${formatInteger(bytes)} B ${codecNames[codec]}`;
const short = ({ bytes }: PushCell): string => `push ${formatInteger(bytes)} B`;

export const push: WorkloadWords<PushCell> = {
  phrase: (spec) => `the push of ${codedSize(spec)} to ${formatInteger(spec.connections)} connections`,
  title: (spec) => `${formatCount(spec.connections, "connection")}, ${codedSize(spec)}`,
  column: short,
  terminal: short,
  load: () => null,
  latency: null,
  throughput: {
    chart: "Push throughput, closed loop",
    name: "Push",
    intro: "Messages that the server itself generates and sends.",
  },
};
