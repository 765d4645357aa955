import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { readmeWithSample } from "../docs/sample.ts";
import { sampleReadme } from "../docs/sample-readme.ts";
import {
  commandOf,
  coreSample,
  faultOf,
  inOneTheme,
  isTaken,
  sampleFolder,
  slots,
  textOf as textFilesOf,
  withoutPlaces,
} from "../docs/sample-slots.ts";
import packageJson from "../package.json" with { type: "json" };
import { markdownFiles } from "../reports/markdown/markdown.ts";
import { idOf } from "../reports/sections/document.ts";
import { parseArgs } from "../runner/cli/args.ts";
import { depths } from "../runner/plan/depth.ts";
import { selectCells } from "../runner/plan/plan.ts";
import { workloads } from "../schemas/cell.ts";

const root = join(import.meta.dir, "..");
const readmes = ["README.md", `${sampleFolder}/README.md`];
const textOf = (file: string) => readFileSync(join(root, file), "utf8");
const readme = textOf("README.md");

test("the excerpt is the sample report's (bun run docs/sample.ts renews it)", async () => {
  expect(await readmeWithSample(readme)).toBe(readme);
});

test("the samples' README tells of the samples that are there (bun run docs/sample.ts renews it)", async () => {
  expect(textOf(`${sampleFolder}/README.md`)).toBe(await sampleReadme());
});

test("the commands name the Bun that is pinned", () => {
  const named = [...readme.matchAll(/npx --yes bun@(\S+)/g)].map((match) => match[1]);
  expect(named.length).toBeGreaterThan(0);
  expect(new Set(named)).toEqual(new Set([packageJson.dependencies.bun]));
  expect(packageJson.engines.bun).toBe(packageJson.dependencies.bun);
});

test.each(readmes)("every document and picture that %s names exists", (file) => {
  const text = textOf(file);
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)|src(?:set)?="([^"]+)"/g)];
  expect(links.length).toBeGreaterThan(4);
  const missing = links
    .map(([, link, picture]) => link ?? picture ?? "")
    .filter((link) => !existsSync(join(root, dirname(file), link)));
  expect(missing).toEqual([]);
});

test("the sample of core is a run of what it is for, and tells nothing of the machine's folders", async () => {
  expect(faultOf(slots.core, await coreSample())).toBeNull();
});

test("the samples together are of every workload", () => {
  const cells = Object.values(slots).flatMap((slot) => {
    const invocation = parseArgs(commandOf(slot).split(" ").slice(3), "0");
    if (invocation.kind !== "run") throw new Error(`${commandOf(slot)} is no run`);
    return selectCells(invocation.options, depths[slot.profile]);
  });
  expect(new Set(cells.map(({ spec }) => spec.workload))).toEqual(new Set(workloads));
});

test("a sample with charts keeps those for dark pages that its first page shows, and every chart for light ones", async () => {
  const files = inOneTheme(markdownFiles(await coreSample()));
  const paths = files.map(({ path }) => path);
  const shown = (path: string) =>
    [...String(files.find((file) => file.path === path)?.content).matchAll(/src(?:set)?="([^"]+)"/g)].map(
      ([, chart = ""]) => chart,
    );
  const [answer, details] = [shown("report.md"), shown("details.md")];
  expect(details.filter((chart) => chart.endsWith("-dark.svg"))).toEqual([]);
  expect(answer.filter((chart) => chart.endsWith("-dark.svg")).length).toBeGreaterThan(0);
  expect(new Set([...answer, ...details])).toEqual(new Set(paths.filter((path) => path.endsWith(".svg"))));
});

test("a sample of text alone has no picture, and points at nothing that it leaves out", async () => {
  const files = textFilesOf(await coreSample());
  const text = (path: string) => String(files.find((file) => file.path === path)?.content);
  const details = text("details.md");
  expect(`${text("report.md")}${details}`).not.toContain("<picture>");
  expect(details.length).toBeLessThan(textOf(`${slots.core.folder}/details.md`).length / 1.5);
  const named = [...text("report.md").matchAll(/\]\(details\.md#([^)]+)\)/g)].map(([, id = ""]) => id);
  expect(named.length).toBeGreaterThan(5);
  const ids = [...details.matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => idOf(heading));
  expect(named.filter((id) => !ids.includes(id))).toEqual([]);
});

describe.each(Object.values(slots).filter(isTaken))("the sample of $name", (slot) => {
  const folder = join(root, slot.folder);
  const files = ["report.md", "details.md"].map((name) => readFileSync(join(folder, name), "utf8"));

  test("has its report and details, with every chart that they show", () => {
    const charts = files.flatMap((file) => [...file.matchAll(/src(?:set)?="([^"]+)"/g)]);
    expect(charts.length > 2).toBe(slot.forms !== null);
    for (const [, chart = ""] of charts) expect(existsSync(join(folder, chart))).toBe(true);
    expect(existsSync(join(folder, "report.html"))).toBe(slot.forms !== null);
  });

  test("gives the answer in the first ten lines of at most 120", () => {
    const lines = (files[0] ?? "").split("\n");
    expect(lines.slice(0, 10).join("\n")).toContain("**Answer:** ");
    expect(lines.length).toBeLessThanOrEqual(120);
  });
});

test("the samples take three million bytes at most", () => {
  const sizes = readdirSync(join(root, sampleFolder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)).size);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(3_000_000);
});

describe("a run that is offered as a sample", async () => {
  const report = await coreSample();
  const run = (more: Partial<typeof report.run>) => ({ ...report, run: { ...report.run, ...more } });

  test.each([
    [run({ profile: "quick" }), "got --profile quick"],
    [run({ argv: [] }), "got --candidates default"],
    [run({ argv: ["--candidates", "core", "--workloads", "echo"] }), "got --workloads echo"],
    [run({ argv: ["--candidates", "core", "--rounds", "3"] }), "got --rounds 3"],
    [
      run({ argv: ["--candidates", "core", "--colour"] }),
      "got flags of another version: --candidates core --colour",
    ],
    [run({ interrupted: true }), "got one that was cut"],
    [{ ...report, candidates: report.candidates.slice(1) }, `got one without ${report.candidates[0]?.id}`],
  ])("is refused in one line where it is another: %#", (offered, got) => {
    const said = faultOf(slots.core, offered);
    expect(said).toStartWith(
      `must be a whole run of --candidates core --profile standard, ${got}; measure it: `,
    );
    expect(said).not.toContain("\n");
  });

  test("does not say where it was kept", () => {
    const argv = ["--candidates", "core", "--out", "/srv/runs", "--out=/srv/runs", "--force"];
    expect(withoutPlaces(run({ argv })).run.argv).toEqual(["--candidates", "core", "--force"]);
    expect(faultOf(slots.core, run({ argv: ["--candidates", "core", "--policy", "/srv/me/p.json"] }))).toBe(
      "must hold no path of the machine that made it, got /srv/me/p.json",
    );
  });
});
