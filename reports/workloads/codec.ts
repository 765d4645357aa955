import type { CodecCell, CodecOperation } from "../../schemas/workloads/codec.ts";
import type { WorkloadWords } from "./workload.ts";

export const operationNames = {
  parse: "JSON.parse",
  stringify: "JSON.stringify",
  schema: "zod parse",
  "schema-safe": "zod safeParse",
  decode: "SBE decode",
  encode: "SBE encode",
} as const satisfies Record<CodecOperation, string>;

const short = ({ operation, message }: CodecCell): string => `${operationNames[operation]} ${message}`;

export const codec: WorkloadWords<CodecCell> = {
  phrase: ({ operation, message }) => `${operationNames[operation]} of a ${message}`,
  title: short,
  column: short,
  terminal: short,
  load: () => null,
  latency: null,
  throughput: null,
};
