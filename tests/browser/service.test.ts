import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { chromiumFlags, findChromium } from "../../reports/slides/chromium.ts";
import { runSummary } from "../../service/api/run.ts";
import { followed, reportOfDay } from "../../service/fixtures/reports.ts";
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
  const shots = process.env.SHOTS;
  const picture = async (page: Page, name: string) => {
    if (shots !== undefined) await page.screenshot({ path: `${shots}/${name}.png` });
  };

  test(
    "a run is watched to its end, and its report opened",
    () =>
      open({ viewport: { width: 390, height: 844 }, colorScheme: "dark" }, async (page, noise) => {
        await page.goto(service.url);
        await page.getByText("Start a comparison").press("Enter");
        await page.getByLabel(/^Profile/).selectOption(shortRun.profile);
        await page.getByLabel(/^Candidates/).fill("bun/serve, node/ws");
        await page.getByLabel(/^Workloads/).fill(shortRun.workloads.join(" "));
        await page.getByLabel(/^Label/).fill("watched");
        await page.getByLabel(/^Rounds/).fill("1");
        await page.getByLabel("Count disturbed windows too").check();
        await page.getByLabel("Run even if the machine is busy").check();
        expect(await faults(page)).toEqual([]);
        await picture(page, "start-390-dark");
        await page.getByRole("button", { name: "Start", exact: true }).click();
        await page.waitForURL("**/run?id=*");
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

  test(
    "stored runs are filtered, compared, followed and decided again",
    () =>
      open({ viewport: { width: 1440, height: 900 }, colorScheme: "light" }, async (page, noise) => {
        const ids: string[] = [];
        for (const nth of [1, 2, 3]) {
          const stored = await service.post("/api/v1/import", reportOfDay(nth, nth));
          ids.push(runSummary.parse(await stored.json()).id);
        }
        await page.goto(service.url);
        await page.locator(`[id="${ids[0]}"]`).waitFor();
        expect(await faults(page)).toEqual([]);
        await picture(page, "list-1440-light");
        await page.getByLabel("Search").fill("no such run");
        await page.getByRole("button", { name: "Filter" }).press("Enter");
        await page.locator("#runs:empty").waitFor({ state: "attached" });

        await page.goto(`${service.url}/compare?a=${ids[0]}&b=${ids[1]}`);
        await page.getByText("Other sitting.").waitFor();
        expect(await page.locator("#comparison tbody tr").count()).toBeGreaterThan(0);
        expect(await faults(page)).toEqual([]);
        await picture(page, "compare-1440-light");

        await page.goto(`${service.url}/trend?${new URLSearchParams(followed)}`);
        await page.locator("#trend circle").first().waitFor();
        expect(await page.locator("#trend circle").count()).toBe(3);
        expect(await faults(page)).toEqual([]);
        await picture(page, "trend-1440-light");

        await page.goto(`${service.url}/decision?id=${ids[0]}`);
        await page.locator("#ranking tbody tr").first().waitFor();
        expect(await page.locator("#answer").textContent()).toStartWith("Under balanced:");
        await page.getByLabel("throughput").press("End");
        await page.getByText("Under own weights:").waitFor();
        expect(await faults(page)).toEqual([]);
        await picture(page, "decision-1440-light");
        // Whoever is sent the address sees the same.
        await page.goto(page.url());
        await page.getByText("Under own weights:").waitFor();
        expect(await page.getByLabel("throughput").inputValue()).toBe("1");
        expect(noise).toEqual([]);
      }),
    patience,
  );
});
