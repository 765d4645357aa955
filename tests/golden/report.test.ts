import { expect, test } from "bun:test";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { renderCharts } from "../../reports/charts/svg.ts";
import { parseReport } from "../../reports/json.ts";
import { publishedSchemas } from "../../reports/json-schema.ts";
import { renderDetails, renderMarkdown } from "../../reports/markdown/markdown.ts";
import { makeReport } from "./make-report.ts";

// UPDATE_GOLDEN=1 writes the golden files anew; look at the difference before you commit it.
const update = process.env.UPDATE_GOLDEN === "1";
const reportFile = join(import.meta.dir, "report.json");
const chartDir = join(import.meta.dir, "charts");

const report = parseReport(await Bun.file(reportFile).text(), "tests/golden/report.json");
const charts = renderCharts(report);
const files: [path: string, content: string][] = [
  [join(import.meta.dir, "report.md"), renderMarkdown(report, charts)],
  [join(import.meta.dir, "details.md"), renderDetails(report, charts)],
  ...charts.map(({ name, svgLight }): [string, string] => [join(chartDir, `${name}-light.svg`), svgLight]),
];

if (update) {
  rmSync(chartDir, { recursive: true, force: true });
  for (const [path, content] of files) await Bun.write(path, content);
}

test("the fixed report is what its script makes", () => {
  expect(report).toEqual(makeReport());
});

test("Markdown and charts are as they were, byte for byte", async () => {
  for (const [path, content] of files) expect(content).toBe(await Bun.file(path).text());
});

test("no chart is left over from an earlier set", () => {
  const names = charts.map(({ name }) => `${name}-light.svg`);
  expect(readdirSync(chartDir).toSorted()).toEqual(names.toSorted());
});

test("a dark chart is the light one in other colours and shades", () => {
  const plain = (svg: string) =>
    svg.replace(/#[0-9a-f]{3,8}\b|rgba?\([^)]*\)|-opacity="[\d.]+"/g, "#").replaceAll(/-(light|dark)\b/g, "");
  for (const { svgLight, svgDark } of charts) {
    expect(svgDark).not.toBe(svgLight);
    expect(plain(svgDark)).toBe(plain(svgLight));
  }
});

test("drawing twice gives the same bytes", () => {
  expect(renderCharts(report)).toEqual(charts);
}, 60_000);

test("the published JSON Schemas are in step with the zod schemas", async () => {
  const published = publishedSchemas();
  expect(published).toHaveLength(3);
  for (const { file, text } of published) expect(await Bun.file(file).text()).toBe(text);
});
