import { expect, setDefaultTimeout, test } from "bun:test";
import { runSummary } from "./api/run.ts";
import { reportOfDay } from "./fixtures/reports.ts";
import { hasEnded, ownFolder, shortRun, startService } from "./fixtures/service.ts";

setDefaultTimeout(60_000);

/** What a server answers to these bytes. */
async function raw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const { promise, resolve } = Promise.withResolvers<string>();
  let said = "";
  await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      open: (socket) => void socket.write(bytes),
      data: (_, data) => {
        said += data.toString("latin1");
      },
      close: () => resolve(said),
      error: () => resolve(said),
    },
  });
  return promise;
}

const closing = "connection: close\r\n\r\n";

test("paths out of the service, sockets of other sites and bodies without an end are refused", async () => {
  using own = ownFolder();
  await using service = await startService(own.folder);
  const host = new URL(service.url).host;
  for (const path of [
    "/../../../etc/passwd",
    "/..%2f..%2fetc%2fpasswd",
    "/assets/../../package.json",
    "//etc/passwd",
    "/%00",
  ]) {
    const answer = await raw(service.url, `GET ${path} HTTP/1.1\r\nhost: ${host}\r\n${closing}`);
    expect(answer).toMatch(/^HTTP\/1\.1 (400|404|421|422) /);
    expect(answer).not.toContain("root:");
  }
  const upgrade = (headers: string) =>
    raw(
      service.url,
      `GET /api/v1/live HTTP/1.1\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n`,
    );
  expect(await upgrade(`host: ${host}\r\norigin: http://evil.example\r\nconnection: close\r\n`)).toMatch(
    /^HTTP\/1\.1 403 /,
  );
  expect(await upgrade("host: evil.example\r\nconnection: close\r\n")).toMatch(/^HTTP\/1\.1 421 /);
  const large = await service.post("/api/v1/import", `"${"x".repeat(33 * 2 ** 20)}"`);
  expect(large.status).toBe(413);
  expect((await service.ask("/api/v1/runs")).status).toBe(200);
});

test("who watches the list hears of what is imported and removed", async () => {
  using own = ownFolder();
  await using service = await startService(own.folder);
  const heard = service.watch("/api/v1/live", ({ kind }) => kind === "removed");
  // A socket hears what comes after it; the first answer of its own service is behind that.
  await service.ask("/api/v1/runs");
  const { id } = runSummary.parse(await (await service.post("/api/v1/import", reportOfDay(0))).json());
  await service.post("/api/v1/import", reportOfDay(0));
  await service.ask(`/api/v1/runs/${id}`, { method: "DELETE" });
  expect((await heard).map((message) => (message.kind === "run" ? message.run.id : message))).toEqual([
    id,
    { kind: "removed", id },
  ]);
});

test("two hundred watch a run, two tabs start one each, and one is measured after the other", async () => {
  using own = ownFolder();
  await using service = await startService(own.folder);
  const [a, b] = await Promise.all(
    [1, 2].map(async () => runSummary.parse(await (await service.post("/api/v1/runs", shortRun)).json())),
  );
  const [all, first, second] = await Promise.all([
    Promise.all(Array.from({ length: 200 }, () => service.watchIds(a?.id ?? ""))),
    ...[a, b].map((run) => service.watch(`/api/v1/runs/${run?.id}/live`, hasEnded)),
  ]);
  expect(all[0]?.length).toBeGreaterThan(3);
  // Nobody misses an event or has one twice, whenever they came.
  for (const one of all) expect(one).toEqual(all[0] ?? []);
  const ends = [first?.at(-1), second?.at(-1)].map((message) =>
    message?.kind === "run" ? message.run : null,
  );
  expect(ends.map((run) => run?.state)).toEqual(["finished", "finished"]);
  const [early, late] = ends.toSorted((x, y) => ((x?.startedAt ?? "") < (y?.startedAt ?? "") ? -1 : 1));
  expect((late?.startedAt ?? "") >= (early?.endedAt ?? "")).toBe(true);
});

test("what cannot be started is told in a line with exit code 2", async () => {
  using own = ownFolder();
  await using service = await startService(own.folder);
  const start = async (...argv: string[]) => {
    const child = Bun.spawn([process.execPath, "service/main.ts", ...argv], {
      cwd: `${import.meta.dir}/..`,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    });
    const [said, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
    return { said, code };
  };
  const { port } = new URL(service.url);
  const cases = [
    [["--port", port, "--db", `${own.folder}/other.db`], /^--port: 127\.0\.0\.1:\d+ must be free, /],
    [
      ["--port", "0", "--db", `${own.folder}/tickbench.db`],
      /^--db: \S+: must not be in use by another service; /,
    ],
    [
      ["--config", "/nowhere.json", "--port", "0", "--db", `${own.folder}/third.db`],
      /^--config: \/nowhere\.json: must be a readable JSON file, /,
    ],
    [["--host", "0.0.0.0", "--port", "0"], /^--host: must be 127\.0\.0\.1 or ::1 where no token is set, /],
  ] as const;
  const ended = await Promise.all(cases.map(([argv]) => start(...argv)));
  for (const [i, { said, code }] of ended.entries()) {
    expect([code, said.trim().split("\n").length]).toEqual([2, 1]);
    expect(said).toMatch(cases[i]?.[1] ?? "");
  }
});
