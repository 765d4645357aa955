import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { renderHtml } from "../../reports/html/html.ts";
import { chromiumFlags, findChromium } from "../../reports/slides/chromium.ts";
import { policy } from "../../schemas/policy.ts";
import { packedChromium } from "./packed-chromium.ts";
import { tornReport } from "./torn-report.ts";

const executablePath = findChromium() ?? (await packedChromium());
const axe = require.resolve("axe-core/axe.min.js");
/** A browser starts and draws in its own time on a busy machine. */
const patience = 60_000;
const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true };

if (executablePath === null) console.warn("browser tests skipped: no Chromium here; set CHROMIUM_PATH");

describe.skipIf(executablePath === null)("report.html in a browser", () => {
  let browser: Browser;
  let folder: string;
  let url: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tickbench-page-"));
    const file = join(folder, "report.html");
    await Bun.write(file, await renderHtml(await tornReport()));
    url = pathToFileURL(file).href;
    browser = await chromium.launch({
      executablePath: executablePath ?? "",
      headless: true,
      args: chromiumFlags,
    });
  }, patience);

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens the page without a network and gives what it asked for and complained of beside it. */
  async function open(options: BrowserContextOptions, use: (page: Page, noise: string[]) => Promise<void>) {
    const context = await browser.newContext({ offline: true, ...options });
    try {
      const page = await context.newPage();
      const noise: string[] = [];
      page.on("console", (message) => noise.push(`${message.type()}: ${message.text()}`));
      page.on("pageerror", (error) => noise.push(`error: ${error.message}`));
      page.on("request", (request) => {
        if (request.url() !== url && !request.url().startsWith("data:"))
          noise.push(`request: ${request.url()}`);
      });
      await page.goto(url);
      await page.waitForSelector("[data-drawn]");
      await use(page, noise);
    } finally {
      await context.close();
    }
  }

  const answer = (page: Page) => page.locator("#answer strong").textContent();

  for (const colorScheme of ["light", "dark"] as const) {
    test(
      `every chart is drawn, ${colorScheme}, and the console stays empty`,
      () =>
        open({ colorScheme }, async (page, noise) => {
          await page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true");
          await page.waitForFunction(
            "[...document.querySelectorAll('[data-chart]')].every((c) => c.dataset.drawn !== undefined)",
          );
          const charts = page.locator("[data-chart]");
          expect(await charts.count()).toBeGreaterThan(8);
          for (const chart of await charts.all()) {
            expect(await chart.getAttribute("data-drawn")).toBe(colorScheme);
            expect(await chart.locator("svg path").count()).toBeGreaterThan(3);
          }
          expect(noise).toEqual([]);
        }),
      patience,
    );
  }

  test(
    "a slider moved by keyboard changes the answer, and a policy brings its own back",
    () =>
      open({}, async (page, noise) => {
        const before = await answer(page);
        await page.focus("#w-memory");
        await page.keyboard.press("End");
        await page.waitForFunction("document.querySelector('#answer strong').textContent === 'bun/elysia'");
        await page.focus("#w-memory");
        await page.keyboard.press("Home");
        await page.waitForFunction("document.querySelector('#answer strong').textContent === 'bun/serve'");
        expect(await page.locator('output[for="w-memory"]').textContent()).toBe("0 %");
        await page.check('input[name="preset"][value="latency"]');
        await page.check('input[name="preset"][value="balanced"]');
        const same = `document.querySelector('#answer strong').textContent === ${JSON.stringify(before)}`;
        await page.waitForFunction(same);
        expect(noise).toEqual([]);
      }),
    patience,
  );

  test(
    "a moved policy is marked, kept in the address, handed out as a file, and put back",
    () =>
      open({}, async (page, noise) => {
        expect(await page.locator("#stored").isVisible()).toBe(false);
        await page.focus("#w-memory");
        await page.keyboard.press("End");
        await page.fill('input[name="p99Ms"]', "250");
        await page.waitForFunction("document.querySelector('#answer strong').textContent === 'bun/elysia'");
        expect(await page.locator("#stored strong").textContent()).toBe("bun/elysia");
        expect(await page.locator("#stored").isVisible()).toBe(true);
        const file = (await page.locator("#policy-file").getAttribute("href")) ?? "";
        const handed = policy.parse(
          JSON.parse(decodeURIComponent(file.replace("data:application/json,", ""))),
        );
        expect(handed.weights.memory).toBe(100);
        const address = page.url();
        await page.goto("about:blank");
        await page.goto(address);
        await page.waitForFunction("document.querySelector('#answer strong').textContent === 'bun/elysia'");
        expect(await page.inputValue('input[name="p99Ms"]')).toBe("250");
        await page.click('button[value="reset"]');
        await page.waitForFunction("document.querySelector('#stored').hidden");
        expect(page.url()).not.toContain("policy?");
        expect(await page.inputValue('input[name="p99Ms"]')).toBe("");
        expect(noise.filter((line) => !line.includes("about:blank"))).toEqual([]);
      }),
    patience,
  );

  test(
    "the list of sections opens the one that it leads to, and marks it",
    () =>
      open({ viewport: { width: 1500, height: 900 } }, async (page) => {
        const noise = page.locator("#noise details");
        expect(await noise.getAttribute("open")).toBeNull();
        await page.click('nav a[href="#noise"]');
        await page.waitForFunction("document.querySelector('#noise details').open");
        await page.waitForFunction(
          "document.querySelector('nav a[aria-current]')?.getAttribute('href') === '#noise'",
        );
        expect(await page.locator("nav").evaluate((nav) => getComputedStyle(nav).position)).toBe("fixed");
      }),
    patience,
  );

  test(
    "a price and a limit change the answer too",
    () =>
      open({}, async (page) => {
        await page.fill('input[name="rssMiB"]', "100");
        await page.waitForFunction(
          "document.querySelector('#verdict').textContent.includes('RSS peak at most')",
        );
        expect(await answer(page)).toBe("bun/elysia");
        await page.fill('input[name="rssMiB"]', "");
        await page.fill('input[name="gibHour"]', "0");
        await page.waitForFunction("document.querySelector('#answer strong').textContent === 'bun/serve'");
        await page.fill('input[name="vcpuHour"]', "");
        await page.waitForFunction(
          "document.querySelector('#answer').textContent.startsWith('Set at least')",
        );
      }),
    patience,
  );

  test(
    "a phone reads it without scrolling sideways",
    () =>
      open(phone, async (page, noise) => {
        await page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true");
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
        expect(noise).toEqual([]);
      }),
    patience,
  );

  for (const [name, options] of Object.entries({
    "desktop, light": {},
    "desktop, dark": { colorScheme: "dark" },
    phone,
  } satisfies Record<string, BrowserContextOptions>)) {
    test(
      `axe finds nothing serious, ${name}`,
      () =>
        open(options, async (page) => {
          await page.addScriptTag({ path: axe });
          const violations = await page.evaluate(async () => {
            const { axe } = globalThis as unknown as {
              axe: {
                run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
              };
            };
            const result = await axe.run();
            return result.violations.map((v) => `${v.impact} ${v.id}: ${v.nodes[0]?.html}`);
          });
          expect(violations.filter((v) => /^(serious|critical)/.test(v))).toEqual([]);
        }),
      patience,
    );
  }
});
