import { clock } from "../process/clock.ts";

/**
 * Stops a process for `pauseNs` once a `periodNs`, on a grid, from now until `end` is called; which resolves with how long
 * each pause really was, in ns. The process always goes on at the end. `pidOf` is asked at each pause: a load generator that has
 * become slow is replaced, and one that has gone is not there to stop.
 */
export function pauseRegularly(
  pidOf: () => number | null,
  pauseNs: number,
  periodNs: number,
  signal = sendSignal,
): { end: () => Promise<readonly number[]> } {
  const ended = Promise.withResolvers<void>();
  const pausesNs: number[] = [];
  let over = false;
  const until = (atNs: number) =>
    Promise.race([Bun.sleep(Math.max(0, (atNs - clock()) / 1e6)), ended.promise]);
  const loop = async () => {
    for (let dueNs = clock(); !over; dueNs += periodNs) {
      await until(dueNs);
      if (over) return;
      const beganNs = clock();
      const pid = pidOf();
      const stopped = pid !== null && signal(pid, "SIGSTOP");
      try {
        await until(dueNs + pauseNs);
      } finally {
        if (stopped) signal(pid, "SIGCONT");
      }
      if (!over && stopped) pausesNs.push(clock() - beganNs);
    }
  };
  const looping = loop();
  return {
    end: async () => {
      over = true;
      ended.resolve();
      await looping;
      return pausesNs;
    },
  };
}

/** False where there is no such process any more. */
function sendSignal(pid: number, name: "SIGSTOP" | "SIGCONT"): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
