import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { randomUUID } from "node:crypto";
import { Children } from "./children.ts";
import { childEnv } from "./env.ts";
import { markName, untilNoneMarked } from "./fixtures/marked.ts";
import { startServer } from "./supervise.ts";

setDefaultTimeout(100_000);

const linux = process.platform === "linux";
let children: Children;
let mark: string;

beforeEach(() => {
  children = new Children();
  mark = randomUUID();
});

afterEach(async () => {
  const left = children.pids;
  await children.close();
  expect(left).toEqual([]);
  if (linux) expect(await untilNoneMarked(mark, 10_000)).toEqual([]);
});

const start = (mode: string, readyMs = 20_000) =>
  startServer(
    {
      command: [process.execPath, `${import.meta.dir}/fixtures/child.ts`, mode],
      env: childEnv({ [markName]: mark }),
      cores: null,
    },
    children,
    { readyMs },
  );

async function started(mode: string, readyMs?: number) {
  const result = await start(mode, readyMs);
  if (!result.ok) throw new Error(result.failure.reason);
  return result.server;
}

async function failed(mode: string, readyMs?: number) {
  const result = await start(mode, readyMs);
  if (result.ok) throw new Error(`${mode} got ready`);
  return result.failure;
}

test("a server gets ready, and stops when asked", async () => {
  const server = await started("good");
  expect(server.ready.candidate).toBe("fixture");
  expect(server.startupNs).toBeGreaterThan(0);
  expect(children.pids).toEqual([server.pid]);
  const { stopped, failure } = await server.stop(20_000);
  expect(stopped).toMatchObject({ exit: { code: 0, signal: null }, forced: false });
  expect(failure).toBeNull();
});

test("a server that never gets ready is ended at the bound", async () => {
  const failure = await failed("never-ready", 1500);
  expect(failure).toMatchObject({
    phase: "start",
    kind: "not-ready",
    reason: "no ready line within 1500 ms",
    exit: null,
    stderrTail: ["still thinking"],
  });
});

test("a first line that is not the ready line is shown", async () => {
  expect(await failed("bad-line")).toMatchObject({
    kind: "bad-ready-line",
    reason: "the first line of stdout is not JSON: Listening on http://localhost:3000",
  });
  const { kind, reason } = await failed("wrong-field");
  expect(kind).toBe("bad-ready-line");
  expect(reason).toContain("at port");
});

test("a first line without an end is cut", async () => {
  const failure = await failed("no-newline");
  expect(failure.kind).toBe("bad-ready-line");
  expect(failure.reason.length).toBeLessThan(300);
});

test("an exit before the ready line tells its code and last words", async () => {
  expect(await failed("exits-at-once")).toEqual({
    phase: "start",
    kind: "exited",
    reason: "the process ended with exit code 3 before its ready line",
    exit: { code: 3, signal: null },
    stderrTail: ["first", "cannot bind"],
  });
});

test("an exit in the midst resolves lost", async () => {
  const server = await started("exits-later");
  expect(await server.lost).toEqual({
    phase: "running",
    kind: "exited",
    reason: "the process ended with exit code 7",
    exit: { code: 7, signal: null },
    stderrTail: ["lost my mind"],
  });
});

test("a kill from outside resolves lost with the signal", async () => {
  const server = await started("good");
  process.kill(server.pid, "SIGSEGV");
  expect(await server.lost).toMatchObject({ kind: "exited", exit: { code: null, signal: "SIGSEGV" } });
});

test("a server that ignores SIGTERM is killed after the grace", async () => {
  const server = await started("ignores-sigterm");
  const { stopped, failure } = await server.stop(1000);
  expect(stopped).toMatchObject({ exit: { code: null, signal: "SIGKILL" }, forced: true });
  expect(failure).toMatchObject({
    phase: "stop",
    kind: "ignored-sigterm",
    reason: expect.stringContaining("1000 ms"),
    stderrTail: ["no"],
  });
});

test("a stopped process (SIGSTOP) cannot hold up the end", async () => {
  const server = await started("good");
  process.kill(server.pid, "SIGSTOP");
  const { stopped } = await server.stop(100);
  expect(stopped.forced).toBe(true);
});

test("an exit code other than 0 on SIGTERM is reported", async () => {
  const server = await started("exits-unclean");
  const { failure } = await server.stop(20_000);
  expect(failure).toMatchObject({
    kind: "unclean-exit",
    reason: "ended with exit code 5 on SIGTERM, 0 was expected",
  });
});

/** What is resident once garbage is gone: chunks that were read and let go of are no growth. */
function residentBytes(): number {
  Bun.gc(true);
  return process.memoryUsage().rss;
}

test("200 MB on stderr cost no memory and hide no last word", async () => {
  const before = residentBytes();
  // Its flood goes through a pipe turn by turn with this process: the bound is on a machine that grants few turns.
  const server = await started("floods-stderr", 90_000);
  const tail = server.stderrTail();
  const grown = residentBytes() - before;
  await server.stop(20_000);
  expect(tail.at(-1)).toBe("the last word");
  expect(tail.join("\n").length).toBeLessThanOrEqual(8192);
  expect(grown).toBeLessThan(100 << 20);
});

test("200 MB on stdout after the ready line are read away", async () => {
  const before = residentBytes();
  const server = await started("floods-stdout");
  expect(await server.lost).toMatchObject({ exit: { code: 9 }, stderrTail: ["all said"] });
  expect(residentBytes() - before).toBeLessThan(100 << 20);
});

// What is left behind is seen through /proc, by the afterEach above.
test.skipIf(!linux).each(["forks-in-group", "forks-out-of-group"])(
  "a grandchild ends too: %s",
  async (mode) => {
    const server = await started(mode);
    expect(server.stderrTail()).toHaveLength(1);
    expect((await server.stop(20_000)).failure).toBeNull();
  },
);

test.skipIf(!linux)("a grandchild ends when its parent crashes", async () => {
  const server = await started("forks-in-group");
  process.kill(server.pid, "SIGKILL");
  expect((await server.lost).exit).toEqual({ code: null, signal: "SIGKILL" });
});

test("a program that cannot be started is an answer", async () => {
  const attempt = (command: string[]) =>
    startServer({ command, env: {}, cores: null }, children, { readyMs: 1000 });
  expect(await attempt(["/no/such/program"])).toEqual({
    ok: false,
    failure: {
      phase: "start",
      kind: "spawn-refused",
      reason: "/no/such/program could not be started: there is no such program (ENOENT)",
      exit: null,
      stderrTail: [],
    },
  });
  expect(await attempt([import.meta.path])).toMatchObject({
    ok: false,
    failure: { kind: "spawn-refused", reason: expect.stringContaining("it may not be executed (EACCES)") },
  });
});

test("killAll ends every child", async () => {
  const servers = [await started("good"), await started("ignores-sigterm")];
  children.killAll();
  for (const server of servers) {
    expect(await server.lost).toMatchObject({ kind: "exited", exit: { signal: "SIGKILL" } });
  }
});

test("a signal to the runner ends the children and is no fault of theirs", async () => {
  const told: string[] = [];
  const undo = children.endWithProcess((signal) => told.push(signal));
  const server = await started("good");
  const unready = start("never-ready");
  process.emit("SIGHUP", "SIGHUP");
  undo();
  expect(told).toEqual(["SIGHUP"]);
  expect(await server.lost).toMatchObject({
    kind: "interrupted",
    phase: "running",
    reason: "ended by the runner on SIGHUP",
  });
  expect(await unready).toMatchObject({ ok: false, failure: { kind: "interrupted", phase: "start" } });
});
