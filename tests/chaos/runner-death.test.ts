import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { randomUUID } from "node:crypto";
import { markedProcesses, markName, untilNoneMarked } from "../../runner/process/fixtures/marked.ts";

setDefaultTimeout(30_000);

const fixture = `${import.meta.dir}/../../runner/process/fixtures/runner.ts`;

/** Starts the fixture runner; resolves with the pids of its children and grandchild once they all run. */
async function startRunner(how: string) {
  const mark = randomUUID();
  const runner = Bun.spawn([process.execPath, fixture, how], {
    env: { ...process.env, [markName]: mark },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const reader = runner.stdout.getReader();
  const said = async () => new TextDecoder().decode((await reader.read()).value).trim();
  const pids = (await said()).split(/\s+/).map(Number);
  return { mark, runner, pids, said };
}

// Marks are found through /proc: elsewhere the test could not see what is left.
describe.skipIf(process.platform !== "linux")("no child outlives the runner", () => {
  test.each(["SIGKILL", "SIGINT", "SIGTERM", "SIGHUP"] as const)("killed with %s", async (signal) => {
    const { mark, runner, pids } = await startRunner("wait");
    expect(pids).toHaveLength(3);
    expect(markedProcesses(mark)).toEqual(expect.arrayContaining(pids));
    runner.kill(signal);
    expect(await runner.exited).toBe(signal === "SIGKILL" ? 137 : 130);
    expect(await untilNoneMarked(mark, 10_000)).toEqual([]);
  });

  test("killed right after a spawn", async () => {
    const { mark, runner, pids } = await startRunner("sigkill-at-once");
    expect(pids).toHaveLength(1);
    expect(await runner.exited).toBe(137);
    expect(await untilNoneMarked(mark, 10_000)).toEqual([]);
  });

  test("told twice", async () => {
    const { mark, runner, said } = await startRunner("linger");
    runner.kill("SIGTERM");
    expect(await said()).toBe("told SIGTERM");
    runner.kill("SIGTERM");
    expect(await runner.exited).toBe(143);
    expect(await untilNoneMarked(mark, 10_000)).toEqual([]);
  });

  test("leaves by process.exit", async () => {
    const { mark, runner } = await startRunner("exit");
    expect(await runner.exited).toBe(0);
    expect(await untilNoneMarked(mark, 10_000)).toEqual([]);
  });

  test("dies of an exception nobody catches", async () => {
    const { mark, runner } = await startRunner("throw");
    expect(await runner.exited).toBe(1);
    expect(await new Response(runner.stderr).text()).toContain("the runner broke");
    expect(await untilNoneMarked(mark, 10_000)).toEqual([]);
  });
});
