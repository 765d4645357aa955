/**
 * Puts strange input through every door: what a server sends, what a file holds, what another process or a client asks: `bun run bench/fuzz.ts --inputs 200000
 * --seed 1`. Ends with 1 where an input brought an error that is not meant for it, a hang, or growth.
 */
import { parseArgs } from "node:util";
import { fileDoors } from "../tests/fuzz/file-door.ts";
import { fuzz } from "../tests/fuzz/fuzz.ts";
import { schemaDoors } from "../tests/fuzz/schema-door.ts";
import { serverDoors } from "../tests/fuzz/server-door.ts";

/** Memory that a hundred thousand small inputs may leave behind. */
const growthMaxBytes = 256 * 2 ** 20;

const { values } = parseArgs({
  options: { inputs: { type: "string", default: "200000" }, seed: { type: "string", default: "1" } },
});
const inputs = Number(values.inputs);
const seed = Number(values.seed);
if (!Number.isSafeInteger(inputs) || inputs < 1 || !Number.isSafeInteger(seed) || seed < 0) {
  console.error(`--inputs, --seed: must be whole numbers, got ${values.inputs} and ${values.seed}`);
  process.exit(2);
}
let unhandled = 0;
process.on("unhandledRejection", (error) => {
  unhandled++;
  console.error("unhandled:", error);
});
const rss = (): number => {
  Bun.gc(true);
  return process.memoryUsage.rss();
};

let failed = false;
for (const [name, doors] of [
  ["what a server sends", serverDoors()],
  ["what a file holds", fileDoors()],
  ["what is asked", schemaDoors()],
] as const) {
  // The first inputs load and compile what the others use.
  await fuzz(doors, Math.min(inputs, 2000), seed ^ 0xffff);
  const before = rss();
  const failures = await fuzz(doors, inputs, seed, (done) => console.error(`${name}: ${done} of ${inputs}`));
  const grown = rss() - before;
  for (const door of doors) await door.close?.();
  for (const { door, input, error } of failures) console.error(`${name}, ${door}, input ${input}:`, error);
  console.log(
    `${name}: ${inputs} inputs, seed ${seed}: ${failures.length} failures, ${unhandled} unhandled rejections, grew by ${(grown / 2 ** 20).toFixed(0)} MiB`,
  );
  failed ||= failures.length > 0 || unhandled > 0 || grown > growthMaxBytes;
}
process.exit(failed ? 1 : 0);
