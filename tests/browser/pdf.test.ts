import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cardSize } from "../../reports/card.ts";
import { reportJson } from "../../reports/json.ts";
import { renderCommand, renderStored } from "../../reports/render.ts";
import { findChromium } from "../../reports/slides/chromium.ts";
import { printPdf, type Run } from "../../reports/slides/pdf.ts";
import { tornReport } from "./torn-report.ts";

const render = (argv: readonly string[]): Promise<string> =>
  renderStored(renderCommand().parse(argv, { from: "user" }));
const chromium = findChromium();
if (chromium === null) console.warn("PDF test skipped: no Chromium here; set CHROMIUM_PATH");

test.skipIf(chromium === null)(
  "the slides print one a page",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "tickbench-slides-"));
    try {
      await Bun.write(join(folder, "report.json"), reportJson(await tornReport()));
      expect(await render([folder, "--report", "pdf"])).toBe(`${folder}/slides.pdf\n`);
      const pdf = Buffer.from(await Bun.file(join(folder, "slides.pdf")).bytes()).toString("latin1");
      expect(pdf).toStartWith("%PDF-");
      expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(8);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  60_000,
);

test.skipIf(chromium === null)(
  "the card is a picture of the size that pages show",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "tickbench-card-"));
    try {
      await Bun.write(join(folder, "report.json"), reportJson(await tornReport()));
      expect(await render([folder, "--report", "png"])).toBe(`${folder}/card.png\n`);
      const png = Buffer.from(await Bun.file(join(folder, "card.png")).bytes());
      expect(png.toString("latin1", 1, 4)).toBe("PNG");
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([cardSize.width, cardSize.height]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  60_000,
);

test("without a Chromium the PDF is refused in one line, and so is one that fails", async () => {
  const message = async (run: Run, chromium: string | null) =>
    printPdf("<p>slides", run, chromium).catch((error: Error) => `${error.name}: ${error.message}`);
  expect(await message(async () => 0, null)).toStartWith(
    "PdfError: pdf: needs a Chromium, found none on PATH",
  );
  expect(await message(async () => 133, "broken")).toBe("PdfError: pdf: broken ended with 133 and no PDF");
});
