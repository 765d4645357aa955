import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Content, ReportFile } from "./file.ts";

/** Writes rendered files below a folder, making the folders they need. Throws what the file system throws. */
export function writeFiles(folder: string, files: readonly ReportFile[]): void {
  for (const { path, content } of files) writeWhole(join(folder, path), content);
}

/**
 * Writes a file whole or not at all: a full disk or a kill in the middle leaves what stood there before, and never half a file
 * under its name. Throws what the file system throws.
 */
export function writeWhole(file: string, content: Content): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = join(dirname(file), `.${basename(file)}.${process.pid}`);
  try {
    if (typeof content === "function") writeParts(draft, content());
    else writeFileSync(draft, content);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/**
 * Parts of a file are written together until they have as many bytes: a system call for each took longer than making them. They are put
 * into the same memory again and again: strings of that length are collected late, and a table of 16 MB took 40 MB.
 */
const writtenTogether = 2 ** 18;

function writeParts(file: string, parts: Iterable<string>): void {
  const open = openSync(file, "w");
  try {
    const held = Buffer.allocUnsafe(writtenTogether);
    let used = 0;
    const write = () => {
      writeFileSync(open, held.subarray(0, used));
      used = 0;
    };
    for (const part of parts) {
      const bytes = Buffer.byteLength(part);
      if (used + bytes > held.length) write();
      if (bytes > held.length) writeFileSync(open, part);
      else used += held.write(part, used);
    }
    write();
  } finally {
    closeSync(open);
  }
}
