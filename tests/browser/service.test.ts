import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { chromiumFlags, findChromium } from "../../reports/slides/chromium.ts";
import { runSummary } from "../../service/api/run.ts";
import { ownFolder, shortRun, startService } from "../../service/fixtures/service.ts";
import { packedChromium } from "./packed-chromium.ts";

const executablePath = findChromium() ?? (await packedChromium());
const axe = require.resolve("axe-core/axe.min.js");
const patience = 60_000;
if (executablePath === null) console.warn("browser tests skipped: no Chromium here; set CHROMIUM_PATH");

describe.skipIf(executablePath === null)("the dashboard in a browser", () => {
  let browser: Browser;
  let service: Awaited<ReturnType<typeof startService>>;
  const own = ownFolder();

  beforeAll(async () => {
    service = await startService(own.folder);
    browser = await chromium.launch({
      executablePath: executablePath ?? "",
      headless: true,
      args: chromiumFlags,
    });
  }, patience);

  afterAll(async () => {
    await browser?.close();
    await service?.end();
    own[Symbol.dispose]();
  });

  /** A page and what it complained of, a broken policy of its own among it. */
  async function open(options: BrowserContextOptions, use: (page: Page, noise: string[]) => Promise<void>) {
    const context = await browser.newContext(options);
    try {
      const page = await context.newPage();
      const noise: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error") noise.push(message.text());
      });
      page.on("pageerror", (error) => noise.push(error.message));
      await use(page, noise);
    } finally {
      await context.close();
    }
  }

  /** Rules of axe that the page breaks, and whether it is wider than its window. */
  async function faults(page: Page): Promise<unknown> {
    await page.evaluate(await Bun.file(axe).text());
    return page.evaluate(`axe.run(document, { iframes: false }).then(({ violations }) => [
      ...violations.map(({ id, nodes }) => id + " " + nodes.map((n) => n.html).join(" ").slice(0, 300)),
      ...(document.documentElement.scrollWidth > innerWidth ? ["wider than the window"] : []),
    ])`);
  }
  const shots = process.env["SHOTS"];
  const picture = async (page: Page, name: string) => {
    if (shots !== undefined) await page.screenshot({ path: `${shots}/${name}.png` });
  };

  test(
    "a run is watched to its end, and its report opened",
    () =>
      open({ viewport: { width: 390, height: 844 }, colorScheme: "dark" }, async (page, noise) => {
        const asked = await service.post("/api/v1/runs", {
          ...shortRun,
          candidates: ["bun/serve", "node/ws"],
          label: "watched",
        });
        const { id } = runSummary.parse(await asked.json());
        await page.goto(service.url);
        await page.getByRole("link", { name: "watched" }).click();
        await page.waitForURL(`**/run?id=${id}`);
        await page.locator("#chart circle").first().waitFor();
        await picture(page, "live-390-dark");
        await page.locator("#ended").waitFor();
        await page.frameLocator("#report").locator("#answer").waitFor();
        expect(await page.locator("#state").textContent()).toContain("finished");
        expect(await page.locator("#chart circle").count()).toBeGreaterThan(1);
        expect(await faults(page)).toEqual([]);
        await picture(page, "run-390-dark");
        expect(noise).toEqual([]);
      }),
    patience,
  );
});
