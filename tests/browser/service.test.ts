import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { chromiumFlags, findChromium } from "../../reports/slides/chromium.ts";
import { runSummary } from "../../service/api/run.ts";
import { followed, reportOfDay } from "../../service/fixtures/reports.ts";
import { ownFolder, shortRun, startService } from "../../service/fixtures/service.ts";
import { packedChromium } from "./packed-chromium.ts";

const executablePath = findChromium() ?? (await packedChromium());
const axe = require.resolve("axe-core/axe.min.js");
const patience = 120_000;
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

  /** A page and what it complained of, such as a broken policy. */
  async function open(options: BrowserContextOptions, use: (page: Page, noise: string[]) => Promise<void>) {
    const context = await browser.newContext(options);
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(patience);
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
        await page
          .locator("#start")
          .getByLabel(/^Profile/)
          .selectOption(shortRun.profile);
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
        await page.getByLabel("Search").fill("");
        await page.getByLabel("Origin").selectOption("imported");
        await page
          .locator("#filter")
          .getByLabel(/^Profile/)
          .selectOption("standard");
        await page.getByRole("button", { name: "Filter" }).press("Enter");
        await page.locator(`[id="${ids[0]}"]`).waitFor();
        await page.getByLabel("Origin").selectOption("watch");
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

        for (const path of ["/run", "/decision"]) {
          await page.goto(`${service.url}${path}`);
          await page.getByText("The address names no run").waitFor();
        }
        await page.goto(`${service.url}/decision?id=${ids[0]}`);
        await page.locator("#ranking tbody tr").first().waitFor();
        expect(await page.locator("#answer").textContent()).toStartWith("Under balanced:");
        await page.getByLabel("throughput").press("End");
        await page.getByText("Under own weights:").waitFor();
        expect(await page.locator("output[for=weight-throughput]").textContent()).toBe("1.00");
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

  test(
    "a report is imported by hand, had as a picture, and removed after a question",
    () =>
      open({ viewport: { width: 1440, height: 900 }, colorScheme: "dark" }, async (page) => {
        await page.goto(service.url);
        await page.getByText("Import a report").click();
        const file = {
          name: "report.json",
          mimeType: "application/json",
          buffer: Buffer.from(JSON.stringify(reportOfDay(40))),
        };
        await page.getByLabel("report.json").setInputFiles(file);
        expect(await faults(page)).toEqual([]);
        await page.getByRole("button", { name: "Import", exact: true }).click();
        await page.waitForURL("**/run?id=*");
        const id = new URL(page.url()).searchParams.get("id");
        await page.locator("#ended").waitFor();
        const drawn = await service.ask(`/api/v1/runs/${id}/files/png/card.png`);
        expect(drawn.headers.get("content-type")).toBe("image/png");
        expect([...new Uint8Array(await drawn.arrayBuffer()).slice(1, 4)]).toEqual([80, 78, 71]);
        await page.goto(service.url);
        await page.locator(`[id="${id}"]`).waitFor();
        // What others bring in and remove is seen without a reload.
        const other = runSummary.parse(await (await service.post("/api/v1/import", reportOfDay(41))).json());
        await page.locator(`[id="${other.id}"]`).waitFor();
        await service.ask(`/api/v1/runs/${other.id}`, { method: "DELETE" });
        await page.locator(`[id="${other.id}"]`).waitFor({ state: "detached" });
        const remove = page.getByRole("button", { name: `Remove ${id}` });
        page.once("dialog", (dialog) => void dialog.dismiss());
        await remove.click();
        expect((await service.ask(`/api/v1/runs/${id}`)).status).toBe(200);
        page.once("dialog", (dialog) => void dialog.accept());
        await remove.click();
        await page.locator(`[id="${id}"]`).waitFor({ state: "detached" });
        expect((await service.ask(`/api/v1/runs/${id}`)).status).toBe(404);
      }),
    patience,
  );

  test(
    "a suspicion is checked from its trend, and the watch tells of what it found",
    () =>
      open({ viewport: { width: 390, height: 844 }, colorScheme: "light" }, async (page, noise) => {
        for (let nth = 50; nth < 80; nth += 1) {
          const isNew = nth >= 65;
          await service.post(
            "/api/v1/import",
            reportOfDay(nth, (isNew ? 2 : 1) * (1 + (nth % 3) / 100), { node: isNew ? "24.2.0" : "24.1.0" }),
          );
        }
        // The run itself would fetch two builds of Node: what the page asks for is what matters here.
        const asked: unknown[] = [];
        await page.route("**/api/v1/trend/check", async (route) => {
          asked.push(route.request().postDataJSON());
          await route.fulfill({ status: 202, json: {} });
        });
        await page.goto(`${service.url}/trend?${new URLSearchParams(followed)}`);
        const button = page.getByRole("button", { name: "Measure old and new together" });
        await button.first().waitFor();
        expect(await faults(page)).toEqual([]);
        await picture(page, "trend-390-light");
        await button.first().click();
        await page.waitForResponse((response) => response.url().includes("/api/v1/trend?"));
        expect(asked).toEqual([expect.objectContaining(followed)]);
        await page.goto(`${service.url}/watch`);
        await page.getByText("None was measured yet.").waitFor();
        expect(await faults(page)).toEqual([]);
        await picture(page, "watch-390-light");
        expect(noise).toEqual([]);
      }),
    patience,
  );

  test(
    "a page asks for the token, and finds a service again that began anew",
    () =>
      open({ viewport: { width: 390, height: 844 }, colorScheme: "dark" }, async (page) => {
        using apart = ownFolder();
        const token = "a-token-of-some-length";
        const headers = { authorization: `Bearer ${token}` };
        {
          await using first = await startService(apart.folder, [], { TICKBENCH_TOKEN: token });
          // Not on the list alone: an address that was sent may be that of any page.
          for (const path of ["/watch", "/decision?id=20260101T000000Z-smoke-abcdef", "/api", "/"]) {
            await page.goto(`${first.url}${path}`);
            await page.getByLabel("Token of this service").waitFor();
          }
          await page.getByLabel("Token of this service").fill("not-the-right-token");
          await page.getByRole("button", { name: "Enter" }).click();
          await page.getByText("token: must be the service's token").waitFor();
          expect(await faults(page)).toEqual([]);
          await page.getByLabel("Token of this service").fill(token);
          await page.getByRole("button", { name: "Enter" }).click();
          await page.locator("#session").waitFor({ state: "hidden" });
          await page.locator("#runs:empty").waitFor({ state: "attached" });
          // The field's value is in no address and in no storage.
          expect(page.url()).not.toContain(token);
        }
        await using open = await startService(apart.folder);
        await page.goto(open.url);
        await page.locator("#count", { hasText: "0 of 0" }).waitFor();
        const { port } = new URL(open.url);
        expect(await open.end()).toBe(0);
        await page.getByText("The connection is lost").waitFor();
        await using again = await startService(apart.folder, ["--port", port]);
        await again.post("/api/v1/import", reportOfDay(1), headers);
        // Without a reload: the page's own socket comes back.
        await page.locator("#count", { hasText: "1 of 1" }).waitFor();
        await page.getByText("The connection is lost").waitFor({ state: "detached" });
        expect(await page.locator("#runs tr").count()).toBe(1);
      }),
    patience,
  );
});
