import { createInterface } from "node:readline";
import { getHeapStatistics } from "node:v8";
import { measure } from "mitata";
import { encodeJson } from "../../../schemas/codec/json.ts";
import { decodeSbe, encodeSbe } from "../../../schemas/codec/sbe.ts";
import { type ProbeAnswer, type ProbeRequest, probeRequest } from "../../../schemas/codec-probe.ts";
import { frames } from "../../../schemas/market.ts";
import { typicalMessages } from "../../../schemas/typical.ts";

// A program for any runtime that is measured: it times one operation after another for the load generator, a request a line, and
// ends with its standard input. It imports no other part of the runner, since Node runs it too.

/** Operations of one sample: some tens of µs, which the clock measures to a part in a hundred. */
const batch = 64;

const schemaOf = {
  trade: frames.spotTrade,
  bookTicker: frames.spotBookTicker,
  depthSnapshot: frames.partialBook,
  depthUpdate: frames.spotDepthUpdate,
} as const;

/** Keeps what an operation gives, so that no compiler leaves it out. */
let kept: unknown;

function operationOf({ operation, message }: ProbeRequest): () => void {
  const typical = typicalMessages[message];
  const text = encodeJson(typical, 123);
  const value: unknown = JSON.parse(text);
  const bytes = encodeSbe(typical, 123);
  const schema = schemaOf[message];
  const operations: Readonly<Record<ProbeRequest["operation"], () => void>> = {
    parse: () => {
      kept = JSON.parse(text);
    },
    stringify: () => {
      kept = JSON.stringify(value);
    },
    schema: () => {
      kept = schema.parse(value);
    },
    "schema-safe": () => {
      kept = schema.safeParse(value);
    },
    decode: () => {
      kept = decodeSbe(bytes);
    },
    encode: () => {
      kept = encodeSbe(typical, 123);
    },
  };
  return operations[operation];
}

/** Bytes that the heap holds, or null: JavaScriptCore counts them when it collects, and not as they are taken. */
const heapUsed =
  process.versions.bun === undefined
    ? () => {
        const { used_heap_size: used, external_memory: external } = getHeapStatistics();
        return used + external;
      }
    : null;

async function answer(request: ProbeRequest): Promise<ProbeAnswer> {
  const operate = operationOf(request);
  const within = (ms: number) => ({ min_cpu_time: ms * 1e6, batch_samples: batch, gc: false }) as const;
  if (request.warmupMs > 0) await measure(operate, within(request.warmupMs));
  const beganMs = performance.now();
  const stats = await measure(operate, within(request.windowMs));
  const elapsedNs = (performance.now() - beganMs) * 1e6;
  // Apart from the times, which reading the heap would lengthen.
  const heap =
    heapUsed === null ? null : await measure(operate, { ...within(request.windowMs / 4), heap: heapUsed });
  const heapBytes = heap?.heap?.avg ?? null;
  return {
    meanNs: stats.avg,
    p50Ns: stats.p50,
    p99Ns: stats.p99,
    samples: stats.samples.length,
    operations: Math.max(1, Math.round(stats.ticks)),
    elapsedNs,
    heapBytes: heapBytes !== null && Number.isFinite(heapBytes) ? heapBytes : null,
  };
}

const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  const found = await answer(probeRequest.parse(JSON.parse(line)));
  process.stdout.write(`${JSON.stringify(found)}\n`);
}
// A heap that was only just filled says nothing.
process.exit(kept === undefined ? 1 : 0);
