import { expect, test } from "bun:test";
import { statOf } from "./procfs.ts";
import { descendants, holdTree, killTree } from "./tree.ts";

test("a process is held still with what it has started, and goes on", async () => {
  const child = Bun.spawn(["sh", "-c", "sleep 60 & wait"], { detached: true });
  try {
    while (descendants(child.pid).length === 0) await Bun.sleep(1);
    const pids = [child.pid, ...descendants(child.pid).map(({ pid }) => pid)];
    const states = () => pids.map((pid) => statOf(pid)?.state);
    const letGo = holdTree(child.pid);
    while (states().some((state) => state !== "T")) await Bun.sleep(1);
    letGo();
    while (states().includes("T")) await Bun.sleep(1);
    expect(pids).toHaveLength(2);
  } finally {
    killTree(child.pid);
    await child.exited;
  }
  // What has ended is left alone.
  expect(holdTree(child.pid)).not.toThrow();
});
