import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { trialReport } from "../../schemas/trial.ts";
import { compare } from "./compare.ts";

const ownEcho = join(import.meta.dir, "fixtures", "own-echo.ts");
const smoke = ["--profile", "smoke"];

describe("trial", () => {
  test("measures one cell, with the first frames of each phase and the account of all", async () => {
    const { stdout, code } = await compare([
      "trial",
      "bun/serve",
      ...smoke,
      "--frames",
      "2",
      "--json",
      "--quiet",
    ]);
    expect(code).toBe(0);
    const report = trialReport.parse(JSON.parse(stdout));
    expect(report).toMatchObject({ candidate: "bun/serve", cell: "echo/raw/64B/c1w1", failure: null });
    for (const phase of ["verify", "measure"]) {
      const seen = report.frames.filter((frame) => frame.phase === phase);
      expect(seen.map((frame) => [frame.direction, frame.opcode, frame.bytes])).toEqual([
        ["sent", 2, 64],
        ["received", 2, 64],
        ["sent", 2, 64],
        ["received", 2, 64],
      ]);
      expect(seen[1]?.payload).toBe(seen[0]?.payload ?? "");
    }
    const ledger = report.measurement?.ledger;
    expect(ledger?.delivered).toBeGreaterThan(0);
    expect(ledger).toMatchObject({ due: ledger?.delivered ?? 0, gaps: 0, corrupt: 0 });
  });

  test("takes the address of a server that runs, and says why one fails", async () => {
    await using stack = new AsyncDisposableStack();
    const server = Bun.serve({
      port: 0,
      fetch: (request, self) => (self.upgrade(request) ? undefined : new Response("", { status: 400 })),
      websocket: { message: (socket, message) => void socket.send(message) },
    });
    stack.defer(() => server.stop(true));
    const url = `ws://127.0.0.1:${server.port}`;
    const good = await compare(["trial", url, ...smoke, "--frames", "0"]);
    expect([good.code, good.stdout]).toEqual([0, expect.stringContaining("throughputHz")]);
    const { stderr, code } = await compare(["trial", "bun/serv"]);
    expect([stderr, code]).toEqual(['trial: no candidate matches "bun/serv"; did you mean bun/serve?\n', 2]);
    const push = await compare(["trial", url, ...smoke, "--workloads", "push", "--quiet"]);
    expect([push.code, push.stdout]).toEqual([3, expect.stringContaining("failed in ")]);
  });

  test("--debug lets through what a server prints, and --debug-env the variables that are named", async () => {
    const print = `console.error("secret " + process.env.TICK_SECRET); await import(${JSON.stringify(ownEcho)})`;
    const mine = `mine=${process.execPath} -e '${print}'`;
    const argv = ["trial", "mine", "--candidate", mine, ...smoke, "--frames", "0", "--quiet", "--debug"];
    const env = { TICK_SECRET: "pst" };
    expect((await compare(argv, env)).stderr).toContain("[mine stderr] secret undefined\n");
    const opened = await compare([...argv, "--debug-env", "TICK_SECRET"], env);
    expect(opened.stderr).toContain("[mine stderr] secret pst\n");
    const inspected = await compare([...argv, "--inspect"], env);
    expect(inspected.stderr).toMatch(/\[load stderr\] +ws:\/\/127\.0\.0\.1:\d+\//);
    const unset = await compare([...argv, "--debug-env", "TICK_NOT_SET"]);
    expect([unset.code, unset.stderr]).toEqual([
      2,
      expect.stringMatching(/^--debug-env: must name variables/),
    ]);
  });
});
