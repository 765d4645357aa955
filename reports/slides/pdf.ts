import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CommandError } from "../command-error.ts";
import { chromiumFlags, findChromium } from "./chromium.ts";

/** Why there is no PDF, in one line. */
export class PdfError extends CommandError {
  override readonly name = "PdfError";
}

/** Runs a program to its end and gives its exit code. */
export type Run = (argv: readonly string[]) => Promise<number>;

/** Prints a page to PDF with a Chromium of this machine. Throws PdfError where there is none, or where it fails. */
export async function printPdf(page: string, run: Run, chromium = findChromium()): Promise<Uint8Array> {
  if (chromium === null) {
    throw new PdfError("pdf: needs a Chromium, found none on PATH; install one or set CHROMIUM_PATH to it");
  }
  const folder = await mkdtemp(join(tmpdir(), "tickbench-pdf-"));
  try {
    const source = join(folder, "slides.html");
    const target = join(folder, "slides.pdf");
    await Bun.write(source, page);
    const profile = `--user-data-dir=${join(folder, "profile")}`;
    const flags = [
      "--headless",
      ...chromiumFlags,
      profile,
      "--no-pdf-header-footer",
      `--print-to-pdf=${target}`,
    ];
    const code = await run([chromium, ...flags, pathToFileURL(source).href]);
    const printed = Bun.file(target);
    if (code !== 0 || !(await printed.exists()))
      throw new PdfError(`pdf: ${chromium} ended with ${code} and no PDF`);
    return await printed.bytes();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
