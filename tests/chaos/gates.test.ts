import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseReport, reportJson } from "../../reports/json.ts";
import type { MetricName } from "../../schemas/metric.ts";
import type { MetricResult, Report } from "../../schemas/report.ts";
import { compare } from "./compare.ts";

setDefaultTimeout(120_000);

/** Held and broken whatever the noise, and whether or not the generator was the limit. */
const held = "node/ws push rss < 1000GiB";
const broken = "node/ws push rss < 1KiB";

const root = join(import.meta.dir, "..", "..");
const out = mkdtempSync(join(tmpdir(), "tickbench-gates-"));
afterAll(() => rmSync(out, { recursive: true }));

const short = [
  ..."--profile smoke --rounds 3 --force --keep-disturbed --quiet --candidates node/ws --workloads push --report csv".split(
    " ",
  ),
  "--out",
  out,
];

const run = (env: Record<string, string>, ...argv: string[]) => compare([...short, ...argv], env);

test("a broken budget is measured again, told, and ends the command with 1", async () => {
  const summary = join(out, "summary.md");
  const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary };
  const { stdout, stderr, code } = await run(env, "--json", "--assert", broken, "--assert", held);
  expect(code).toBe(1);
  const report = parseReport(stdout, "stdout");
  expect(stderr).toContain("Gates failed: 1 failed, 1 held.");
  expect(stderr).toMatch(/^::error title=node\/ws push rss < 1KiB::node\/ws push\//m);
  const folder = join(out, report.run.id);
  expect(readFileSync(summary, "utf8")).toBe(readFileSync(join(folder, "gates.md"), "utf8"));
  const [repeat = ""] = readdirSync(join(folder, "gate"));
  expect(existsSync(join(folder, "gate", repeat, "events.ndjson"))).toBe(true);
  const again = parseReport(readFileSync(join(folder, "gate", repeat, "report.json"), "utf8"), "repeat");
  expect(again.run).toMatchObject({ roundsRun: 3, seed: report.run.seed + 1 });
  // Another pinning would be another environment, in which a repeat confirms nothing.
  expect(again.host).toEqual(report.host);
});

describe("a baseline", () => {
  let measured: Report;
  beforeAll(async () => {
    measured = parseReport((await run({}, "--json")).stdout, "stdout");
  });

  /**
   * The measured run as a baseline, with every figure `factor` times as good as it was: beyond any noise. Its rates are no
   * lower bounds, however slow a busy machine made the generator.
   */
  function baseline(name: string, factor: number): string {
    const results = measured.results.map((result) => ({
      ...result,
      headroom: 10,
      metrics: better(result.metrics, factor),
    }));
    const file = join(out, name);
    writeFileSync(file, reportJson({ ...measured, results }));
    return file;
  }

  test("that was far better ends the command with 1, once the repeat agrees", async () => {
    const far = baseline("far.json", 1e9);
    const { stdout, code } = await run({}, "--baseline", far, "--fail-on", "regression:5%");
    expect(stdout).toMatch(/Gates failed: \d failed/);
    expect(stdout).toMatch(/failed: node\/ws push\/json\S*: server CPU per message .* the repeat agrees: /);
    expect(stdout).not.toContain("not confirmed");
    expect(code).toBe(1);
  });

  test("that was far worse ends it with 0", async () => {
    const far = baseline("near.json", 1e-9);
    const { stdout, code } = await run({}, "--baseline", far, "--fail-on", "regression");
    expect(stdout).toMatch(/Gates held: \d held\./);
    expect(code).toBe(0);
  });

  test("with nothing in common is refused before anything is measured", async () => {
    const { stderr, code } = await run(
      {},
      "--baseline",
      join(root, "tests", "golden", "report.json"),
      "--fail-on",
      "regression",
      "--candidates",
      "python/aiohttp-asyncio",
    );
    // The candidates are given twice here, which is told first.
    expect(stderr).toMatch(
      /^--baseline: .*: must have measured a candidate and a cell of this run, it has .*\n$/m,
    );
    expect(code).toBe(2);
  });
});

type Metrics = Report["results"][number]["metrics"];

function better(metrics: Metrics, factor: number): Metrics {
  const changed: Metrics = {};
  for (const [name, figure] of Object.entries(metrics) as [MetricName, MetricResult][]) {
    const by = (value: number) => (figure.better === "higher" ? value * factor : value / factor);
    const orNull = (value: number | null) => (value === null ? null : by(value));
    changed[name] = {
      ...figure,
      median: by(figure.median),
      ciLow: orNull(figure.ciLow),
      ciHigh: orNull(figure.ciHigh),
      perRound: figure.perRound.map(orNull),
    };
  }
  return changed;
}

test("a budget that holds ends it with 0, and nothing is measured again", async () => {
  const { stdout, code } = await run({ GITHUB_ACTIONS: "" }, "--assert", held);
  expect(code).toBe(0);
  expect(stdout).toContain("Gates held: 1 held.");
  expect(stdout).not.toContain("::");
});
