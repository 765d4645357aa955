import { afterAll, describe, expect, test } from "bun:test";
import { Children } from "../../process/children.ts";
import { childEnv } from "../../process/env.ts";
import { findRuntime } from "../../process/runtimes.ts";
import { attach } from "./attach.ts";
import { accepting, freePort, startOwn } from "./start.ts";

const children = new Children(() => null);
afterAll(() => children.close());

/** A server in one line of code; `print` comes before it listens on `port`. */
const program = (port: string, print: string) =>
  `process.stdout.write(${JSON.stringify(print)}); Bun.serve({ hostname: "127.0.0.1", port: ${port}, fetch: () => new Response("") });`;

function start(code: string, port: number, readyMs = 10_000) {
  const spec = { command: [process.execPath, "-e", code], env: childEnv({ PORT: `${port}` }), cores: null };
  return startOwn(spec, children, port, "127.0.0.1", readyMs);
}

test("a working directory that there is not is named, and not the program", async () => {
  const spec = { command: [process.execPath], cwd: "/no/such/folder", env: childEnv({}), cores: null };
  const started = await startOwn(spec, children, 1, "127.0.0.1", 1_000);
  if (started.ok) throw new Error("it cannot be ready");
  expect(started.failure.reason).toContain("could not be started: there is no folder /no/such/folder");
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
    reason: `no ready line, and nothing accepted connections on PORT=${port}, within 700 ms`,
  });
  expect(children.pids).toEqual([]);
});

test("an address where nothing listens, or a pid that nothing has, is told", async () => {
  const port = freePort();
  expect(await attach("127.0.0.1", port, null, 50)).toMatchObject({
    ok: false,
    failure: { reason: `nothing accepts connections on 127.0.0.1:${port}` },
  });
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  expect(await attach("127.0.0.1", listener.port, 2 ** 30, 1_000)).toMatchObject({
    ok: false,
    failure: { reason: `there is no process ${2 ** 30}` },
  });
  listener.stop(true);
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
    await accepting("127.0.0.1", port, AbortSignal.timeout(5_000));
    expect(`${(await lines.read()).value}`.trim()).toBe("false");
  } finally {
    server.kill("SIGKILL");
    await server.exited;
  }
});
