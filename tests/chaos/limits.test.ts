import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseReport } from "../../reports/json.ts";
import { runEvent } from "../../schemas/event.ts";

setDefaultTimeout(120_000);

const root = join(import.meta.dir, "..", "..");
const out = mkdtempSync(join(tmpdir(), "tickbench-limits-"));
const group = makeGroup();
afterAll(() => {
  rmSync(out, { recursive: true });
  if ("folder" in group) rmdirSync(group.folder);
});
if ("why" in group) process.stderr.write(`limits: not tried with a real cgroup: ${group.why}\n`);

/** A cgroup of our own with a quota of half a core, in whichever version this system lets us make one. */
function makeGroup(): { readonly folder: string } | { readonly why: string } {
  const v1 = existsSync("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  const folder = `${v1 ? "/sys/fs/cgroup/cpu" : "/sys/fs/cgroup"}/tickbench-test-${process.pid}`;
  try {
    mkdirSync(folder);
  } catch (error) {
    return { why: String(error) };
  }
  try {
    writeFileSync(join(folder, v1 ? "cpu.cfs_quota_us" : "cpu.max"), v1 ? "50000" : "50000 100000");
    return { folder };
  } catch (error) {
    rmdirSync(folder);
    return { why: String(error) };
  }
}

/** The command inside the group. */
async function limited(folder: string, ...argv: string[]) {
  const join = 'echo $$ > "$0/cgroup.procs" && exec "$@"';
  const short = "--profile smoke --rounds 1 --candidates bun/serve --workloads push,feed/json*";
  const command = [
    process.execPath,
    "runner/compare.ts",
    ...short.split(" "),
    "--quiet",
    "--out",
    out,
    ...argv,
  ];
  const child = Bun.spawn(["sh", "-c", join, folder, ...command], {
    cwd: root,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, code };
}

describe.skipIf("why" in group)("a CPU quota of half a core", () => {
  const folder = "folder" in group ? group.folder : "";

  test("has the run refused in one line with its value, its file and the fix", async () => {
    const { stdout, stderr, code } = await limited(folder);
    expect([stdout, code]).toEqual(["", 2]);
    expect(stderr).toContain(`got 0.5 (${folder}/cpu.`);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("with --force is told as what it is: windows that it held back count for nobody, and nobody is blamed", async () => {
    const { stdout } = await limited(folder, "--force", "--json");
    const { host, warnings } = parseReport(stdout, "stdout");
    expect(host.cpuQuotaCores).toBe(0.5);
    const codes = new Set(warnings.map((w) => w.code));
    expect([codes.has("cpu-quota"), codes.has("throttled")]).toEqual([true, true]);
    for (const { nextStep } of warnings.filter((w) => w.code === "throttled")) {
      expect(nextStep).not.toContain("--feed-rate");
    }
    const [run = ""] = readdirSync(out).filter((name) => name !== "latest");
    const lines = readFileSync(join(out, run, "events.ndjson"), "utf8")
      .trim()
      .split("\n");
    const windows = lines
      .map((line) => runEvent.parse(JSON.parse(line)))
      .filter((e) => e.type === "window-finished");
    const throttled = windows.filter((e) => (e.measurement.limited?.throttledNs ?? 0) > 0);
    expect(throttled.length).toBeGreaterThan(0);
    for (const window of throttled) {
      expect(window.counted).toBe(false);
      expect(window.doubt?.code).toBe("throttled");
    }
  });
});
