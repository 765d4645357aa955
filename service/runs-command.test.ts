import { afterAll, expect, spyOn, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reportJson } from "../reports/json.ts";
import { reportOfDay } from "./fixtures/reports.ts";
import { runStoredRuns, runsCommand } from "./runs-command.ts";
import { Store } from "./store/store.ts";

const folder = mkdtempSync(join(tmpdir(), "tickbench-runs-"));
afterAll(() => rmSync(folder, { recursive: true }));
const db = join(folder, "tickbench.db");

const runs = (...argv: string[]): Promise<string> =>
  runStoredRuns(runsCommand().parse([...argv, "--db", db], { from: "user" }));
const refusal = (...argv: string[]): Promise<string> =>
  runs(...argv).then(
    () => "",
    (error: Error) => `${error.name}: ${error.message}`,
  );

test("the store is read and written from the command line", async () => {
  expect(await refusal("list")).toMatch(
    /^CommandError: --db: \S+: must be the store of a service, found none; /,
  );
  const files = [0, 1].map((day) => {
    const file = join(folder, `${day}.json`);
    writeFileSync(file, reportJson(reportOfDay(day, day === 0 ? 1 : 1.5)));
    return file;
  });
  const [a = "", b = ""] = (await runs("import", ...files)).trim().split("\n");
  expect(await runs("import", files[0] ?? "")).toBe(`${a} (stored already)\n`);
  const listed = JSON.parse(await runs("list", "--json")) as { runs: { id: string }[]; total: number };
  expect([listed.runs.map(({ id }) => id), listed.total]).toEqual([[b, a], 2]);
  expect(await runs("list", "--limit", "1")).toContain("1 of 2");
  expect(await runs("show", a)).toContain(a);
  const compared = JSON.parse(await runs("compare", a, b, "--json")) as { otherSitting: boolean };
  expect(compared.otherSitting).toBe(true);
  expect(await runs("compare", a, b)).toContain("made at different times");
  const out = join(folder, "out");
  expect(await runs("export", a, "--report", "json,csv", "--out", out)).toContain(`${out}/results.csv\n`);
  expect(JSON.parse(readFileSync(join(out, "report.json"), "utf8"))).toEqual(reportOfDay(0));

  expect(await refusal("lst")).toBe(
    "CommandError: runs: must be one of list, show, compare, import, export, got lst",
  );
  expect(await refusal("show", "nobody")).toStartWith(
    "CommandError: nobody: must be a stored run, found none",
  );
  expect(await refusal("compare", a)).toStartWith("CommandError: runs compare RUN RUN: needs 2 runs");
  expect(await refusal("list", "--limit", "0")).toBe('CommandError: --limit: must be at least 1, got "0"');
  expect(await refusal("export", a, "--report", "pdf")).toStartWith(
    "CommandError: --report: must be of json, ",
  );
  expect(existsSync(`${db}-wal`)).toBe(false);
});

test("what is no report is refused with what to give in its place", async () => {
  const made = (name: string, files: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, name, path, ".."), { recursive: true });
      writeFileSync(join(folder, name, path), text);
    }
    return join(folder, name);
  };
  const text = reportJson(reportOfDay(7));
  const cases = [
    [made("cut", { "events.ndjson": "" }), /this one has only its record: .*compare --resume \S+cut, /],
    [made("page", { "report.html": "<p>" }), /has report\.html without it: .* --report json /],
    [made("table", { "results.csv": "a,b" }), /has results\.csv without it/],
    [made("many", { "one/report.json": text, "two/report.json": text }), /one by one, such as \S+many\/one$/],
    [
      made("other", { "notes.txt": "" }),
      /must be the folder of a run, which holds a report\.json, found none$/,
    ],
    [join(folder, "nowhere"), /must be a readable report\.json, or the folder of a run, got ENOENT$/],
    [
      join(made("lines", { "events.ndjson": "{}\n{}\n" }), "events.ndjson"),
      /is it a complete report\.json\?$/,
    ],
    [
      join(made("list", { "report.json": "[]" })),
      /\(top level\): must be an object.* report\.json of tickbench\?$/,
    ],
  ] as const;
  for (const [path, said] of cases) {
    const line = await refusal("import", path);
    expect(line).toMatch(/^(CommandError|ReportFormatError): \S+: /);
    expect(line).toMatch(said);
    expect(line).not.toContain("\n");
  }
  // The folder of a run, and of an export of one with its report.json, is taken.
  const [id = ""] = (await runs("import", made("whole", { "report.json": text }))).trim().split("\n");
  const out = join(folder, "exported");
  await runs("export", id, "--out", out);
  expect(await runs("import", out)).toBe(`${id} (stored already)\n`);
});

test("a store that cannot be written is told in a line", async () => {
  const file = join(folder, "2.json");
  writeFileSync(file, reportJson(reportOfDay(2)));
  const full = spyOn(Store.prototype, "importReport").mockImplementation(() => {
    throw Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });
  });
  expect(await refusal("import", file)).toBe(
    `CommandError: --db: ${db}: must be writable, got SQLITE_FULL; stored runs are kept`,
  );
  full.mockRestore();
});
