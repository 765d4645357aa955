import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseReport } from "../../reports/json.ts";
import { compare } from "./compare.ts";

setDefaultTimeout(120_000);

const out = mkdtempSync(join(tmpdir(), "tickbench-resume-"));
afterAll(() => rmSync(out, { recursive: true }));
const short =
  "--profile smoke --force --keep-disturbed --quiet --candidates bun/serve --workloads push/json* --rounds 2".split(
    " ",
  );

/** A finished run, and what a change of its record makes of it. */
async function recorded(): Promise<string> {
  const dir = mkdtempSync(join(out, "run-"));
  expect((await compare([...short, "--out", dir])).code).toBe(0);
  const [name = ""] = readdirSync(dir).filter((entry) => entry !== "latest");
  return join(dir, name);
}

function rewrite(folder: string, change: (lines: string[]) => string[]): void {
  const file = join(folder, "events.ndjson");
  const lines = readFileSync(file, "utf8").trim().split("\n");
  writeFileSync(file, `${change(lines).join("\n")}\n`);
}

const reportOf = (folder: string) => parseReport(readFileSync(join(folder, "report.json"), "utf8"), folder);
const busyLoop = () =>
  Bun.spawn([process.execPath, "-e", "for (;;);"], { stdio: ["ignore", "ignore", "ignore"] });

test("a report that was cut is written anew, whatever the machine does meanwhile; and what is left elsewhere is refused", async () => {
  const folder = await recorded();
  const before = readFileSync(join(folder, "report.json"), "utf8");
  const record = readFileSync(join(folder, "events.ndjson"), "utf8");
  truncateSync(join(folder, "report.json"), 1000);
  rmSync(join(folder, "report.html"));
  const busy = [busyLoop(), busyLoop()];
  const again = await compare(["--resume", folder]);
  for (const loop of busy) loop.kill("SIGKILL");
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("nothing left to measure")]);
  expect(readFileSync(join(folder, "report.json"), "utf8")).toBe(before);
  expect(readFileSync(join(folder, "events.ndjson"), "utf8")).toBe(record);
  expect(readdirSync(folder)).toContain("report.html");
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);

  // Killed behind its last trial: the end is added, and nothing is measured.
  rewrite(folder, (lines) => lines.slice(0, -1));
  expect((await compare(["--resume", folder, "--quiet"])).code).toBe(0);
  expect(reportOf(folder).run.interrupted).toBe(false);

  // Cut in its last round, on another machine.
  const cut = (lines: string[]) => {
    const last = lines.findLastIndex((line) => line.includes('"trial-finished"'));
    return lines.slice(0, last);
  };
  rewrite(folder, (lines) => cut(lines).map((line) => line.replace(/"cpu":"[^"]+"/, '"cpu":"PDP-11"')));
  const elsewhere = await compare(["--resume", folder, "--force"]);
  expect([elsewhere.stdout, elsewhere.code]).toEqual(["", 2]);
  expect(elsewhere.stderr).toMatch(
    /^--resume: .+ got CPU PDP-11 → .+; resume it there, or start a new run\n$/,
  );
});

test("rounds of another patch of the tool are distinguished", async () => {
  const folder = await recorded();
  const version = (JSON.parse(readFileSync("package.json", "utf8")) as { version: string }).version;
  const patched = version.replace(/\d+$/, (patch) => `${Number(patch) + 7}`);
  rewrite(folder, (lines) => {
    const last = lines.findLastIndex((line) => line.includes('"trial-finished"'));
    return lines
      .slice(0, last)
      .map((line) => line.replace(`"toolVersion":"${version}"`, `"toolVersion":"${patched}"`));
  });
  expect((await compare(["--resume", folder, "--force", "--quiet"])).code).toBe(0);
  const { run, warnings } = reportOf(folder);
  expect(run.parts.map((part) => part.toolVersion)).toEqual([patched, version]);
  expect(warnings.map((w) => w.code)).toContain("resumed-elsewhere");
});
