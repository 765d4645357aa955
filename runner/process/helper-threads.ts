import { readdirSync } from "node:fs";
import { policies, setPolicy } from "./libc.ts";

/**
 * Lets the other threads of this process (compiler, collector, allocator) run only when its main thread would not, and
 * returns the undoing. On a core of its own they are all that could stop a spinning loop, for a time slice of 2 to 4 ms
 * at a time: seen as lateness of the load generator, which a reader would take for the server's. They need no main
 * thread that waits for them in vain: one that waits gives them the core.
 */
export function quietHelperThreads(): () => void {
  const others = threadsOfThisProcess().filter((tid) => tid !== process.pid && setPolicy(tid, policies.idle));
  return () => {
    for (const tid of others) setPolicy(tid, policies.other);
  };
}

function threadsOfThisProcess(): number[] {
  try {
    return readdirSync("/proc/self/task").map(Number);
  } catch {
    return [];
  }
}
