import type { SeedStudyCell } from "../../schemas/workloads/seed-study.ts";
import { formatInteger } from "../format.ts";
import type { WorkloadWords } from "./workload.ts";

const size = ({ size: characters }: SeedStudyCell): string => `${formatInteger(characters)} B`;

export const seedStudy: WorkloadWords<SeedStudyCell> = {
  phrase: (spec) => `the earlier study's echo of ${size(spec)}`,
  title: (spec) => `echo of ${size(spec)}, one at a time`,
  column: size,
  terminal: (spec) => `study ${size(spec)}`,
  load: () => null,
  latency: null,
  throughput: null,
};
