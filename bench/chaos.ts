/**
 * Short runs with one fault each: a process killed, stopped or slowed, a server that leaks or corrupts, a full disk, no descriptors
 * left, a port taken, a clock that jumps; each then gone on with. `bun run bench/chaos.ts --seeds 200 --from 1`. Ends with 1 where an
 * exit code was wrong, a process or half a file was left, something measured was lost, or the run could not be gone on with.
 */
import { parseArgs } from "node:util";
import { chaos } from "../tests/chaos/seeded.ts";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "200" }, from: { type: "string", default: "1" } },
});
const seeds = Number(values.seeds);
const from = Number(values.from);
if (!Number.isSafeInteger(seeds) || seeds < 1 || !Number.isSafeInteger(from) || from < 0) {
  console.error(`--seeds, --from: must be whole numbers, got ${values.seeds} and ${values.from}`);
  process.exit(2);
}
let failed = 0;
for (let seed = from; seed < from + seeds; seed++) {
  const { fault, wrong } = await chaos(seed);
  console.log(`${seed}: ${fault}: ${wrong.length === 0 ? "as it should be" : wrong.join(" | ")}`);
  if (wrong.length > 0) failed++;
}
console.log(`${seeds} seeds from ${from}: ${failed} with a finding`);
process.exit(failed === 0 ? 0 : 1);
