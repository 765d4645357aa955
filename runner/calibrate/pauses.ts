import { clock } from "../process/clock.ts";

/**
 * Stops a process for `pauseNs` once a `periodNs`, on a grid, from now until `end` is called; which resolves with how long
 * each pause really was, in ns. The process always goes on at the end.
 */
export function pauseRegularly(
  signal: (signal: "SIGSTOP" | "SIGCONT") => void,
  pauseNs: number,
  periodNs: number,
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
      signal("SIGSTOP");
      try {
        await until(dueNs + pauseNs);
      } finally {
        signal("SIGCONT");
      }
      if (!over) pausesNs.push(clock() - beganNs);
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
