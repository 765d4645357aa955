import { describe, expect, test } from "bun:test";
import { startWatchdog } from "./watchdog.ts";

const sleeper = () => Bun.spawn(["sleep", "1000"], { stdio: ["ignore", "ignore", "ignore"], detached: true });

describe.skipIf(process.platform === "win32")("watchdog", () => {
  test("kills the groups it still watches, and no other", async () => {
    const watchdog = startWatchdog();
    if (watchdog === null) throw new Error("no /bin/sh");
    const groups = [sleeper(), sleeper(), sleeper()] as const;
    for (const { pid } of groups) watchdog.watch(pid);
    watchdog.forget(groups[1].pid);
    await watchdog.close();
    // A group that was killed against its forgetting shows SIGKILL here.
    groups[1].kill("SIGTERM");
    await Promise.all(groups.map((group) => group.exited));
    expect(groups.map((group) => group.signalCode)).toEqual(["SIGKILL", "SIGTERM", "SIGKILL"]);
  });

  test("one that was killed does not disturb the runner", async () => {
    const watchdog = startWatchdog();
    if (watchdog === null) throw new Error("no /bin/sh");
    process.kill(watchdog.pid, "SIGKILL");
    const child = sleeper();
    watchdog.watch(child.pid);
    watchdog.forget(child.pid);
    await watchdog.close();
    child.kill("SIGKILL");
    await child.exited;
  });
});
