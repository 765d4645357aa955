import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { readStored } from "../../reports/read-report.ts";
import { chromiumFlags, findChromium } from "../../reports/slides/chromium.ts";
import { renderSlides } from "../../reports/slides/slides.ts";
import type { Report } from "../../schemas/report.ts";
import { packedChromium } from "./packed-chromium.ts";
import { tornReport } from "./torn-report.ts";

const executablePath = findChromium() ?? (await packedChromium());
const patience = 60_000;

if (executablePath === null) console.warn("slide tests skipped: no Chromium here; set CHROMIUM_PATH");

/** The sample has the longest first slide that a run of ours gave, and a chart of three panels where the figure that decides is shown. */
const sample = (): Promise<Report> => readStored(join(import.meta.dir, "../../docs/SAMPLE-REPORT"));

/** Decided by the throughput of an echo, whose chart is the tallest. */
async function tall(): Promise<Report> {
  const report = await sample();
  return { ...report, comparisons: report.comparisons.filter(({ workload }) => workload !== "push") };
}

describe.skipIf(executablePath === null)("slides.html in a browser", () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tickbench-slides-"));
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: chromiumFlags });
  }, patience);
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each([
    ["the sample", sample],
    ["one decided by a chart of many panels", tall],
    ["another report", tornReport],
  ] as const)(
    "no slide holds more than it can show: %s",
    async (_, reportOf) => {
      const file = join(folder, "slides.html");
      await Bun.write(file, renderSlides(await reportOf()));
      const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
      try {
        await page.goto(pathToFileURL(file).href);
        const over = await page.$$eval("section", (slides) =>
          slides.map((s) => Math.max(s.scrollHeight - s.clientHeight, s.scrollWidth - s.clientWidth)),
        );
        expect(over.length).toBeGreaterThan(5);
        expect(over).toEqual(over.map(() => 0));
      } finally {
        await page.close();
      }
    },
    patience,
  );
});
