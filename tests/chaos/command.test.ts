import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseReport } from "../../reports/json.ts";
import { runEvent } from "../../schemas/event.ts";
import { verification } from "../../schemas/verification.ts";
import { compare, startCompare } from "./compare.ts";

setDefaultTimeout(120_000);

const out = mkdtempSync(join(tmpdir(), "tickbench-command-"));
afterAll(() => rmSync(out, { recursive: true }));

/** Sends SIGINT once the command has said `until` on stderr; resolves when it has ended, with all that it said. */
async function interrupted(child: ReturnType<typeof startCompare>, until: string) {
  const decoder = new TextDecoder();
  let said = "";
  let told = false;
  for await (const chunk of child.stderr) {
    said += decoder.decode(chunk, { stream: true });
    if (told || !said.includes(until)) continue;
    told = true;
    child.kill("SIGINT");
  }
  return { code: await child.exited, said };
}

/** It refuses whoever does not offer its subprotocol. */
const ownEcho = join(import.meta.dir, "fixtures", "own-echo.ts");

const short = [
  "--profile",
  "smoke",
  "--force",
  "--keep-disturbed",
  "--candidates",
  "bun/serve,node/ws",
  "--workloads",
  "push,echo/sbe*",
];

function runFolder(dir: string): string {
  const [name] = readdirSync(dir).filter((entry) => entry !== "latest");
  return join(dir, name ?? "");
}

function eventsIn(folder: string) {
  const lines = readFileSync(join(folder, "events.ndjson"), "utf8").trim().split("\n");
  return lines.map((line) => runEvent.parse(JSON.parse(line)));
}

describe("the command", () => {
  test("runs, reports, and prints where", async () => {
    const dir = join(out, "whole");
    const { stdout, code } = await compare([...short, "--rounds", "1", "--out", dir]);
    expect(code).toBe(0);
    expect(stdout).toContain("report.md");
    const folder = runFolder(dir);
    const file = join(folder, "report.json");
    const report = parseReport(readFileSync(file, "utf8"), file);
    expect(report.candidates.map((c) => [c.id, c.status])).toEqual([
      ["node/ws", "ok"],
      ["bun/serve", "ok"],
      ["bun/serve#2", "ok"],
    ]);
    expect(report.noise.aa.length).toBeGreaterThan(0);
    expect(report.results.every((r) => r.reach === 1)).toBe(true);
    expect(existsSync(join(dir, "latest", "report.md"))).toBe(true);
  });

  test("--json puts the report alone on stdout", async () => {
    const { stdout, code } = await compare([
      ...short,
      "--rounds",
      "1",
      "--json",
      "--quiet",
      "--out",
      join(out, "json"),
    ]);
    expect(code).toBe(0);
    expect(parseReport(stdout, "stdout").run.rounds).toBe(1);
  });

  test("Ctrl-C keeps and reports what was measured, and --resume does the rest", async () => {
    const dir = join(out, "cut");
    const child = startCompare([...short, "--rounds", "2", "--out", dir]);
    // The second round's line says that the first one is done.
    const { code: cutCode, said } = await interrupted(child, "round 2/2");
    expect([cutCode, said]).toEqual([130, expect.not.stringContaining("error")]);
    const folder = runFolder(dir);
    const file = join(folder, "report.json");
    const cut = parseReport(readFileSync(file, "utf8"), file);
    expect(cut.run.interrupted).toBe(true);
    expect(cut.failures).toEqual([]);
    const before = eventsIn(folder).filter((e) => e.type === "trial-finished").length;
    expect(before).toBeGreaterThan(0);

    const { code } = await compare(["--resume", folder, "--force"]);
    expect(code).toBe(0);
    const events = eventsIn(folder);
    const keys = events.flatMap((e) =>
      e.type === "trial-finished" ? [`${e.candidate} ${e.cell} ${e.round}`] : [],
    );
    expect(new Set(keys).size).toBe(keys.length);
    const whole = parseReport(readFileSync(file, "utf8"), file);
    expect(whole.run.interrupted).toBe(false);
    expect(whole.results.every((r) => r.rounds === 2)).toBe(true);
  });

  test("Ctrl-C before anything was measured ends it without a word of its own", async () => {
    const dir = join(out, "cut-at-once");
    const { code, said } = await interrupted(
      startCompare([...short, "--rounds", "1", "--out", dir]),
      " 1 round ",
    );
    expect([code, said]).toEqual([130, expect.not.stringContaining("error")]);
    const file = join(runFolder(dir), "report.json");
    expect(parseReport(readFileSync(file, "utf8"), file)).toMatchObject({ results: [], failures: [] });
  });

  test.each([
    [["--profil", "x"], "--profil: unknown flag; did you mean --profile?\n"],
    [["--rounds", "0"], "--rounds: must be 1..1000, got 0\n"],
    [["--candidates", "node/wz"], '--candidates: no candidate matches "node/wz"; did you mean node/ws?\n'],
    [
      ["--feed", "capture:absent.gz"],
      "--feed: capture absent.gz: must be a readable file of lines, plain or gzip, got ENOENT\n",
    ],
    [["--resume", "absent"], "--resume: absent must contain events.ndjson, found none\n"],
    [
      ["--out", "package.json/x", "--force"],
      `--out: must be a folder that can be written, got package.json/x (ENOTDIR); give one of your own, e.g. --out ${join(tmpdir(), "tickbench")}\n`,
    ],
  ])("%p is one line and exit code 2", async (argv, line) => {
    const { stdout, stderr, code } = await compare(argv);
    expect([stdout, stderr, code]).toEqual(["", line, 2]);
  });

  test("a port in use is one line and exit code 2", async () => {
    const taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
    const { stderr, code } = await compare(["--port", `${taken.port}`]);
    taken.stop(true);
    expect([stderr, code]).toEqual([
      `--port: must be a free port, got ${taken.port}: it is in use by bun (pid ${process.pid}), which would be measured instead of the server; stop it, or leave --port out to use any free one\n`,
      2,
    ]);
  });

  test("verify checks the candidates, measures nothing, and ends with 3 where one fails", async () => {
    const dir = join(out, "verified");
    const chosen = ["--workloads", "echo", "--candidates", "bun/serve,mine", "--out", dir, "--json"];
    const found = await compare([
      "--verify",
      ...chosen,
      "--candidate",
      `mine=${process.execPath} ${ownEcho}`,
    ]);
    expect(verification.parse(JSON.parse(found.stdout)).candidates.map((c) => c.status)).toEqual([
      "passed",
      "failed",
    ]);
    expect(found.code).toBe(3);
    const alone = await compare(["verify", "--candidates", "bun/serve", "--workloads", "echo"]);
    expect([alone.code, alone.stdout]).toEqual([0, expect.stringContaining("bun/serve  passed    3 of 3")]);
    expect(existsSync(dir)).toBe(false);
  });

  test("list, plan, --help and --version answer at once", async () => {
    const list = await compare(["list"]);
    expect(list.stdout).toContain("node/ws");
    const dry = await compare(["plan"]);
    expect(dry.stdout).toContain("feed/json/passthrough/send/s10");
    expect((await compare(["--help"])).stdout).toContain("--profile <name>");
    expect((await compare(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
