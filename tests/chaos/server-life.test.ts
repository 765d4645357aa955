import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseReport } from "../../reports/json.ts";
import { Calibrator } from "../../runner/calibrate/calibrator.ts";
import { openCell } from "../../runner/calibrate/cells.ts";
import { pauseRegularly } from "../../runner/calibrate/pauses.ts";
import { standardCells, standardRun } from "../../runner/calibrate/standard-run.ts";
import { LoadClient } from "../../runner/load-client.ts";
import { Children } from "../../runner/process/children.ts";
import { planPins, readTopology } from "../../runner/process/pin.ts";
import type { LateRun } from "../../schemas/load.ts";
import type { Report } from "../../schemas/report.ts";
import { compare } from "./compare.ts";

// Faults that show in a server's life and in no single message: it stalls, it is slow at first, it keeps what it should let go.

setDefaultTimeout(400_000);

const servers = join(import.meta.dir, "../../runner/calibrate/servers");
const out = mkdtempSync(join(tmpdir(), "tickbench-life-"));
const children = new Children();
const pins = planPins(readTopology());
const load = new LoadClient(children, pins.pinned ? pins.load : null);
const calibrator = new Calibrator(children, load, pins);
beforeAll(() => load.ready());
afterAll(async () => {
  await load.stop();
  await children.close();
  rmSync(out, { recursive: true });
});

describe("the load worker", () => {
  // Bounds from below alone: a busy machine makes every wait longer and none shorter.
  test.each([20, 100])(
    "sees a server that stalls %i ms once a second, and that it was not itself",
    async (ms) => {
      const late = await calibrator.with("stall", [ms * 1e6, 1e9], async (server) => {
        const { late = [] } = await calibrator.measure(server, openCell(1_000, 4_500, 50));
        return late;
      });
      const byServer = late.filter(({ lengthNs, ownNs }) => lengthNs - ownNs > 0.8 * ms * 1e6);
      // Four whole periods lie in it, of which a busy machine may have held up the generator in some.
      expect(byServer.length).toBeGreaterThanOrEqual(2);
    },
  );

  test("tells what it stood still itself, stopped for 30 ms, from what the server did", async () => {
    const pauseNs = 30e6;
    let paused = 0;
    const late = await calibrator.with("plain", [], async (server) => {
      const { pid } = await load.ready();
      const pausing = pauseRegularly(() => pid, pauseNs, 500e6);
      const measured = calibrator.measure(server, openCell(1_000, 2_500, 50));
      const { late: runs = [] } = await measured.finally(async () => {
        paused = (await pausing.end()).length;
      });
      return runs;
    });
    const long = late.filter(({ lengthNs }) => lengthNs > 0.9 * pauseNs);
    const own = ({ lengthNs, ownNs }: LateRun) => ownNs > 0.8 * lengthNs;
    expect(paused).toBeGreaterThanOrEqual(4);
    expect(long.filter(own).length).toBeGreaterThanOrEqual(3);
  });
});

test("a generator that is stopped is not charged to a server, though every window counts", async () => {
  await load.ready();
  const pausing = pauseRegularly(() => load.pid, 30e6, 400e6);
  const cells = standardCells.filter(({ spec }) => spec.workload === "feed");
  const { evidence } = await standardRun(
    calibrator,
    { plain: ["plain"], other: ["plain"] },
    { cells, rounds: 3, keepDisturbed: true },
  ).finally(pausing.end);
  const explained = evidence.results.map(({ stalls }) => stalls?.explained ?? 0);
  expect(explained.reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(6);
  expect(evidence.warnings.filter((w) => w.code === "stalls")).toEqual([]);
});

describe("the command", () => {
  const own = (name: string, program: string, ...args: number[]) => [
    "--candidate",
    `${name}=${[process.execPath, join(servers, program), ...args].join(" ")}`,
  ];
  const warningCodesOf = (report: Report, name: string) =>
    report.warnings
      .filter((w) => w.cell === name || w.cell?.startsWith(`${name} `) === true)
      .map((w) => w.code);

  test("warns of stalls and of a leak, leaves the stalling one out, and says so in its report", async () => {
    const argv = "--profile standard --rounds 5 --force --quiet --json --candidates bun/serve";
    const { stdout, stderr } = await compare([
      ...argv.split(" "),
      ...["--workloads", "feed/json/passthrough/send*", "--out", out],
      // Twice a second, so that each of the five long windows of 450 ms meets one: once a second every second does, by chance too few to tell.
      ...own("stalls", "stall.ts", 100e6, 5e8),
      // A visit of this one cell takes about a second, and less than 10 MB in it is no leak.
      ...own("leaks", "leak.ts", 30e6),
    ]);
    if (stdout === "") throw new Error(stderr);
    const report = parseReport(stdout, "stdout");
    const windows = report.noise.windows;
    const clean = (windows?.clean ?? 0) / ((windows?.clean ?? 0) + (windows?.missing ?? 0));
    if (!(clean > 0.8)) {
      process.stderr.write("server-life: the machine left too few clean windows to judge the command by\n");
      return;
    }
    expect(report.decision.recommended).not.toBe("stalls");
    expect(warningCodesOf(report, "stalls")).toContain("stalls");
    expect(warningCodesOf(report, "leaks")).toContain("memory-grows");
    expect(report.decision.excluded).toContainEqual(
      expect.objectContaining({ candidate: "stalls", code: "stalls" }),
    );
    expect(report.warnings.find((w) => w.code === "stalls")?.touches).toBe("answer");
    const compared = report.comparisons.filter((c) => c.metric === "stallsHz").map((c) => c.a);
    expect(compared.sort()).toEqual(["leaks", "stalls"]);
  });
});
