import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "./command.ts";
import { decide } from "./decision/decide.ts";
import { decided } from "./decision/decided.ts";
import { figuresAround, inventReport, plain } from "./decision/fixture.ts";
import { diffCommand, diffStored } from "./diff.ts";
import { parseReport, reportJson } from "./json.ts";
import { defaultPolicy, policyByName } from "./policies.ts";
import { upToDate } from "./read-report.ts";
import { renderCommand, renderStored } from "./render.ts";

const undecided = inventReport({
  a: { figures: figuresAround(plain) },
  b: { figures: figuresAround(plain) },
});
const report = decided(undecided, defaultPolicy);

const render = async (argv: readonly string[]): Promise<string> =>
  renderStored(parse(renderCommand(), argv) ?? renderCommand());
const diff = async (...runs: string[]): Promise<string> =>
  diffStored(parse(diffCommand(), runs) ?? diffCommand());

describe("render", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tickbench-render-"));
    await Bun.write(join(folder, "report.json"), reportJson(report, { indent: true }));
    const text = reportJson(report, { indent: true });
    const ofVersion = (version: number) => text.replace('"schemaVersion": 2', `"schemaVersion": ${version}`);
    await Bun.write(join(folder, "newer.json"), ofVersion(3));
    await Bun.write(join(folder, "older.json"), ofVersion(0));
    await Bun.write(join(folder, "cut.json"), text.slice(0, text.length / 2));
    await Bun.write(join(folder, "other.json"), JSON.stringify({ name: "another file" }));
    await Bun.write(join(folder, "torn.json"), text.replace(/"cores": \d+/, '"cores": "many"'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("tells the answer where it decides again, and only there", async () => {
    const heard: string[] = [];
    const ask = (...argv: string[]) =>
      renderStored(
        parse(renderCommand(), [folder, "--out", join(folder, "again"), "--report", "adr", ...argv]) ??
          renderCommand(),
        (answer) => heard.push(answer),
      );
    await ask();
    expect(heard).toEqual([]);
    await ask("--policy", "cost");
    expect(heard).toEqual([expect.stringContaining("under the cost policy")]);
  });

  test("writes the forms asked for, and says which files", async () => {
    const out = join(folder, "out");
    const said = await render([join(folder, "report.json"), "--report", "csv,adr,ci", "--out", out]);
    const names = [
      "adr.md",
      "bencher.json",
      "benchmark-bigger-is-better.json",
      "benchmark-smaller-is-better.json",
      "ratios.csv",
      "results.csv",
    ];
    expect((await readdir(out)).sort()).toEqual(names);
    expect(said.trim().split("\n").sort()).toEqual(names.map((name) => `${out}/${name}`));
  });

  test("takes a run's folder and writes beside the report", async () => {
    expect(await render([folder, "--report", "csv"])).toBe(`${folder}/results.csv\n${folder}/ratios.csv\n`);
  });

  test("decides anew under a policy that is named, and keeps the stored decision without one", async () => {
    const file = join(folder, "mine.json");
    await Bun.write(file, JSON.stringify({ ...defaultPolicy, name: "mine" }));
    const decided = async (...policy: string[]) => {
      const out = join(folder, "decided", ...policy.slice(-1).map((p) => p.replaceAll("/", "_")));
      await render([join(folder, "report.json"), "--report", "json,adr", "--out", out, ...policy]);
      const written = parseReport(await Bun.file(join(out, "report.json")).text(), "report.json");
      expect(await Bun.file(join(out, "adr.md")).text()).toContain(written.decision.policy);
      return written.decision;
    };
    expect(await decided()).toEqual(report.decision);
    for (const name of ["latency", "cost"]) {
      const policy = policyByName(name);
      if (policy === undefined) throw new Error(`there is no policy ${name}`);
      expect(await decided("--policy", name)).toEqual(decide(undecided, policy));
    }
    expect(await decided("--policy", file)).toEqual(decide(undecided, { ...defaultPolicy, name: "mine" }));
  });

  const wrongFiles = [
    [
      "newer.json",
      "newer.json: schemaVersion: must be 2, got 3; use the tickbench that wrote it, or a newer one",
    ],
    ["older.json", "older.json: schemaVersion: must be 2, got 0; render it with the tickbench that wrote it"],
    ["cut.json", "cut.json: must be JSON, got: "],
    [
      "other.json",
      "other.json: schemaVersion: must be a number, got nothing; is this a report.json of tickbench?",
    ],
    ["torn.json", 'torn.json: host.cores: must be a number, got "many"'],
    ["absent.json", "absent.json: must be a readable report.json, or the folder of a run, got ENOENT"],
  ] as const;

  test.each(wrongFiles)("and comparing two runs refuse %p in one line", async (file, message) => {
    const path = join(folder, file);
    const errors = await Promise.all(
      [render([path]), diff(path, folder), diff(folder, path)].map((command) =>
        command.then(
          () => "none",
          (error: unknown) => String((error as Error).message),
        ),
      ),
    );
    for (const error of errors) {
      expect(error).toContain(message);
      expect(error).not.toContain("\n");
    }
  });

  test.each([
    [["report.json", "--report", "powerpoint"], "--report: must be of json, md,"],
    [["report.json", "--colour"], "unknown option '--colour'; see --help"],
    [["report.json", "--repor", "md"], "unknown option '--repor' (Did you mean --report?); see --help"],
    [
      ["report.json", "--policy", "speed"],
      "--policy: must be balanced, latency, cost or the path of a policy file, got speed; no such file",
    ],
    [["report.json", "--policy", import.meta.path], "render.test.ts: must be a readable JSON file, got: "],
    [[], "missing required argument 'report'; see --help"],
  ])("refuses %p in one line", async (argv, message) => {
    const [first, ...rest] = argv;
    const full = first === undefined ? [] : [join(folder, first), ...rest];
    const error = await render(full).catch((caught: unknown) => caught);
    expect(String((error as Error).message)).toContain(message);
    expect(String((error as Error).message)).not.toContain("\n");
  });
});

test("an older version is brought up step by step, and one without steps is refused", () => {
  const old = { schemaVersion: -1, count: 1 };
  const twice = (r: Record<string, unknown>) => ({ ...r, count: Number(r.count) * 2 });
  expect(upToDate(old, "old.json", { [-1]: twice, 0: twice, 1: twice })).toEqual({
    schemaVersion: 2,
    count: 8,
  });
  expect(() => upToDate(old, "old.json", { [-1]: twice })).toThrow(
    "old.json: schemaVersion: must be 2, got -1; render it with the tickbench that wrote it",
  );
});
