import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { builtInEndpoint } from "../../../schemas/endpoint.ts";
import { Children } from "../../process/children.ts";
import { childEnv } from "../../process/env.ts";
import { listensOn } from "../../process/listeners.ts";
import { freePort } from "../../process/ports.ts";
import { statOf } from "../../process/procfs.ts";
import { findRuntime } from "../../process/runtimes.ts";
import { visitFlags } from "../../quality/visit-end.ts";
import { attach } from "./attach.ts";
import { startCustom } from "./start.ts";
import { tryUpgrade } from "./upgrade-attempt.ts";

const endpoint = { ...builtInEndpoint, host: "localhost" as const };
setDefaultTimeout(30_000);

const children = new Children(() => null);
afterAll(() => children.close());

/** A server in one line of code; `print` comes before it listens on `port`. */
const program = (port: string, print: string) =>
  `process.stdout.write(${JSON.stringify(print)}); Bun.serve({ hostname: "127.0.0.1", port: ${port}, fetch: () => new Response("") });`;

function start(code: string, port: number, readyMs = 10_000) {
  const spec = { command: [process.execPath, "-e", code], env: childEnv({ PORT: `${port}` }), cores: null };
  return startCustom(spec, children, { port, listensOn: null, endpoint }, readyMs);
}

test("a working directory that there is not is named, and not the program", async () => {
  const spec = { command: [process.execPath], cwd: "/no/such/folder", env: childEnv({}), cores: null };
  const started = await startCustom(spec, children, { port: 1, listensOn: null, endpoint }, 1_000);
  if (started.ok) throw new Error("it cannot be ready");
  expect(started.failure.reason).toContain("could not be started: there is no folder /no/such/folder");
});

/** Like `program`, in its own session and without a parent: what daemonises leaves its group and its tree. */
const daemon = (stays: boolean) =>
  `Bun.spawnSync(["setsid", "--fork", process.execPath, "-e", ${JSON.stringify(program("process.env.PORT", ""))}], { stdio: ["ignore", "ignore", "ignore"] });
   ${stays ? "setInterval(() => undefined, 1000)" : ""}`;

describe("a server whose work is done elsewhere than it was started", () => {
  test.each([true, false])(
    "is followed to its daemon, and that ends with it (wrapper stays: %p)",
    async (stays) => {
      const port = freePort();
      const started = await start(daemon(stays), port);
      if (!started.ok) throw new Error(started.failure.reason);
      const { pid, notes } = started.server;
      expect(statOf(pid ?? 0)?.ppid).not.toBe(children.pids[0] ?? 0);
      expect(listensOn([pid ?? 0]).map((socket) => socket.port)).toEqual([port]);
      expect(notes).toHaveLength(1);
      expect(visitFlags(started.server, null)).toEqual([]);
      await started.server.stop(2_000);
      // Who inherits it may not have buried it yet.
      expect([undefined, "Z"]).toContain(statOf(pid ?? 0)?.state);
      expect(children.pids).toEqual([]);
    },
  );

  test("ends with the runner's other children where nobody stops it", async () => {
    const own = new Children(() => null);
    const port = freePort();
    const env = childEnv({ PORT: `${port}` });
    const spec = { command: [process.execPath, "-e", daemon(false)], env, cores: null };
    const started = await startCustom(spec, own, { port, listensOn: null, endpoint }, 10_000);
    if (!started.ok) throw new Error(started.failure.reason);
    own.killAll();
    expect(await started.server.lost).toMatchObject({ kind: "exited" });
    await own.close();
  });

  test("named by a pid that does not listen: the one that does is reported", async () => {
    const port = freePort();
    const server = Bun.spawn([process.execPath, "-e", program("process.env.PORT", "")], {
      env: { ...process.env, PORT: `${port}` },
    });
    const idle = Bun.spawn(["sleep", "60"]);
    try {
      const attached = await attach(endpoint, port, idle.pid, 5_000);
      if (!attached.ok) throw new Error(attached.failure.reason);
      expect(attached.server.pid).toBe(server.pid);
      expect(attached.server.notes[0]).toContain(`and not process ${idle.pid}`);
    } finally {
      for (const each of [server, idle]) each.kill("SIGKILL");
      await Promise.all([server.exited, idle.exited]);
    }
  });
});

describe("where a server of one's own is found", () => {
  const on = (host: string, port: string) =>
    `Bun.serve({ hostname: "${host}", port: ${port}, fetch: (q, s) => s.upgrade(q) ? undefined : new Response("no", { status: 404 }), websocket: { message() {} } });`;

  test("on the other address of localhost", async () => {
    const port = freePort();
    const started = await start(on("::1", "process.env.PORT"), port);
    if (!started.ok) throw new Error(started.failure.reason);
    expect([started.server.host, started.server.port]).toEqual(["::1", port]);
    await started.server.stop(2_000);
  });

  test("on a port of its own, and there at once from then on", async () => {
    const [port, own] = [freePort(), freePort()];
    const first = await start(on("127.0.0.1", `${own}`), port);
    if (!first.ok) throw new Error(first.failure.reason);
    expect(first.server).toMatchObject({ port: own, listensOn: own, startupBound: "at-most" });
    await first.server.stop(2_000);
    const spec = {
      command: [process.execPath, "-e", on("127.0.0.1", `${own}`)],
      env: childEnv({ PORT: `${port}` }),
      cores: null,
    };
    const again = await startCustom(spec, children, { port, listensOn: own, endpoint }, 10_000);
    if (!again.ok) throw new Error(again.failure.reason);
    expect(again.server.port).toBe(own);
    await again.server.stop(2_000);
  });

  test("nowhere, where several ports answer: they are named, with the flag that chooses", async () => {
    const [port, one, other] = [freePort(), freePort(), freePort()];
    const started = await start(on("127.0.0.1", `${one}`) + on("127.0.0.1", `${other}`), port);
    if (started.ok) throw new Error("it cannot be told which");
    for (const said of [`127.0.0.1:${one}`, `127.0.0.1:${other}`, "--port N"]) {
      expect(started.failure.reason).toContain(said);
    }
    expect(children.pids).toEqual([]);
  });

  test("not on a port that another process holds, whatever the two allow each other", async () => {
    const other = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      reusePort: true,
      fetch: () => new Response(""),
    });
    const held = other.port ?? 0;
    const started = await start(on("127.0.0.1", "process.env.PORT"), held);
    await other.stop(true);
    if (started.ok) throw new Error("the other one answered");
    expect(started.failure.reason).toStartWith(`port ${held}: it is in use by `);
  });
});

describe("a server of one's own is ready", () => {
  test("when the port it was given accepts connections", async () => {
    const port = freePort();
    const started = await start(program("process.env.PORT", "no ready line\n"), port);
    if (!started.ok) throw new Error(started.failure.reason);
    expect(started.server.port).toBe(port);
    expect(await started.server.stop(2_000)).toBeNull();
    expect(children.pids).toEqual([]);
  });

  test("by its ready line, on the port that it tells", async () => {
    const other = freePort();
    const line = `${JSON.stringify({ ready: true, port: other })}\n`;
    const started = await start(program(`${other}`, line), freePort());
    if (!started.ok) throw new Error(started.failure.reason);
    expect(started.server.port).toBe(other);
    await started.server.stop(2_000);
  });
});

test("one that never listens is given up, ended, and quoted", async () => {
  const port = freePort();
  const code = `process.stderr.write("waiting for a licence\\n"); setInterval(() => undefined, 1000)`;
  const started = await start(code, port, 700);
  if (started.ok) throw new Error("it cannot be ready");
  expect(started.failure).toMatchObject({
    phase: "start",
    kind: "not-ready",
    reason: `no ready line, and nothing answered on 127.0.0.1:${port} and [::1]:${port} (PORT=${port}) within 700 ms; its processes listen on no port`,
  });
  expect(children.pids).toEqual([]);
});

test("an address where nothing listens, or a pid that nothing has, is reported", async () => {
  const port = freePort();
  expect(await attach(endpoint, port, null, 50)).toMatchObject({
    ok: false,
    failure: {
      reason: `nothing answers on 127.0.0.1:${port} nor on [::1]:${port}; nothing listens on port ${port}`,
    },
  });
  expect(await attach(endpoint, port, 2 ** 30, 1_000)).toMatchObject({
    ok: false,
    failure: { reason: `there is no process ${2 ** 30}` },
  });
});

test("the look whether a port accepts ends in order, and not with a reset", async () => {
  // Node ends a process whose socket has an error that nobody listens for.
  const found = findRuntime("node", { usePathNode: false });
  if ("unavailable" in found) throw new Error(found.unavailable);
  const code = `require("net").createServer((s) => s.on("close", (bad) => console.log(bad)).on("error", () => {}).resume())
    .listen(0, "127.0.0.1", function () { console.log(this.address().port); })`;
  const server = Bun.spawn([found.path, "-e", code], { stdout: "pipe" });
  try {
    const lines = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const port = Number((await lines.read()).value);
    expect((await tryUpgrade("127.0.0.1", port, builtInEndpoint, 50)).came).toBe("silent");
    expect(`${(await lines.read()).value}`.trim()).toBe("false");
  } finally {
    server.kill("SIGKILL");
    await server.exited;
  }
});
