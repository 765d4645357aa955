import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CommandError } from "../command-error.ts";
import { chromiumFlags, findChromium } from "./chromium.ts";

/** Why there is no PDF or PNG, in one line. */
export class PdfError extends CommandError {
  override readonly name = "PdfError";
}

/** Runs a program to its end and gives its exit code. */
export type Run = (argv: readonly string[]) => Promise<number>;

/** Prints a page to PDF with a Chromium of this machine. Throws PdfError where there is none, or where it fails. */
export const printPdf = (page: string, run: Run, chromium = findChromium()): Promise<Uint8Array> =>
  made("pdf", page, (target) => ["--no-pdf-header-footer", `--print-to-pdf=${target}`], run, chromium);

/** Draws an SVG of a size as PNG in the same way. */
export const drawPng = (
  svg: string,
  { width, height }: { readonly width: number; readonly height: number },
  run: Run,
  chromium = findChromium(),
): Promise<Uint8Array> =>
  made(
    "png",
    `<!doctype html><meta charset="utf-8"><style>body{margin:0}svg{display:block}</style>${svg}`,
    (target) => ["--hide-scrollbars", `--window-size=${width},${height}`, `--screenshot=${target}`],
    run,
    chromium,
  );

/** What a Chromium makes of a page. */
async function made(
  form: "pdf" | "png",
  page: string,
  flagsOf: (target: string) => readonly string[],
  run: Run,
  chromium: string | null,
): Promise<Uint8Array> {
  if (chromium === null) {
    throw new PdfError(
      `${form}: needs a Chromium, found none on PATH; install one or set CHROMIUM_PATH to it`,
    );
  }
  const folder = await mkdtemp(join(tmpdir(), `tickbench-${form}-`));
  try {
    const source = join(folder, "page.html");
    const target = join(folder, `page.${form}`);
    await Bun.write(source, page);
    const profile = `--user-data-dir=${join(folder, "profile")}`;
    const flags = ["--headless", ...chromiumFlags, profile, ...flagsOf(target)];
    const code = await run([chromium, ...flags, pathToFileURL(source).href]);
    const file = Bun.file(target);
    if (code !== 0 || !(await file.exists()))
      throw new PdfError(`${form}: ${chromium} ended with ${code} and no ${form.toUpperCase()}`);
    return await file.bytes();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
