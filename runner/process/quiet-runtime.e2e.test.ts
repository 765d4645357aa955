import { expect, test } from "bun:test";
import { childEnv } from "./env.ts";
import { quietRuntimeEnv } from "./helper-threads.ts";

/** Turns its loop, as a window does, with little garbage. */
const program = `
  globalThis.kept = Array.from({ length: 60000 }, (_, i) => ({ i, text: String(i) }));
  const until = performance.now() + 1000;
  const turn = () => performance.now() < until ? setImmediate(turn) : undefined;
  setImmediate(turn);
`;

/** Collections of the young generation that no allocation asked for: the log has a line of each, and of each that was asked for. */
async function collectionsByClock(env: Record<string, string>): Promise<number> {
  const child = Bun.spawn([process.execPath, "-e", program], {
    env: { ...childEnv(env), BUN_JSC_logGC: "1" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const log = await new Response(child.stderr).text();
  await child.exited;
  const count = (words: string) => log.split(words).length - 1;
  expect(count("EdenCollection")).toBeGreaterThan(0);
  return count("EdenCollection") - count("Requesting GC");
}

test("nothing is collected by the clock while the generator's loop turns", async () => {
  expect(await collectionsByClock(quietRuntimeEnv)).toBe(0);
  // The engine's own timers do.
  expect(await collectionsByClock({ BUN_GC_TIMER_DISABLE: "1" })).toBeGreaterThan(0);
});
