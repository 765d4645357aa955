import {
  accessSync,
  appendFileSync,
  constants,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import type { Content } from "../../reports/file.ts";
import { writeWhole } from "../../reports/write.ts";
import { UsageError } from "../cli/usage-error.ts";

/** Makes the folder of a new run, which no other run may share. Throws UsageError where it cannot be written. */
export function makeRunFolder(out: string, runId: string): { folder: string; runId: string } {
  try {
    mkdirSync(resolve(out), { recursive: true });
    for (let nth = 1; ; nth += 1) {
      // An id names the second, and two runs may begin in one.
      const id = nth === 1 ? runId : `${runId}-${nth}`;
      const folder = join(resolve(out), id);
      if (!makeNew(folder)) continue;
      accessSync(folder, constants.W_OK);
      return { folder, runId: id };
    }
  } catch (error) {
    throw unfit(out, reason(error));
  }
}

/** The error for a folder that runs cannot go into. */
export function unfit(out: string, why: string): UsageError {
  return new UsageError(
    `--out: must be a folder that can be written, got ${out} (${why}); give one of your own, e.g. --out ${join(tmpdir(), "tickbench")}`,
  );
}

/** Whether the folder was made; false where there is one. */
function makeNew(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if (reason(error) !== "EEXIST") throw error;
    return false;
  }
}

/** Writes a file of a run's folder, whole or not at all, and the folders it needs. Throws UsageError where that is not possible. */
export function writeInto(folder: string, path: string, content: Content): void {
  const file = join(folder, path);
  orUsageError(file, () => writeWhole(file, content));
}

/** Appends a line to a file of a run. Throws UsageError where that is not possible. */
export function appendLine(file: string, line: string): void {
  orUsageError(file, () => appendFileSync(file, `${line}\n`));
}

/** Opens a file of a run, made where there is none. Throws UsageError where that is not possible. */
export function openForAppending(file: string): number {
  return orUsageError(file, () => openSync(file, "a"));
}

/** A full disk is no fault of the tool, and takes nothing from what is on it already. */
export function orUsageError<T>(file: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new UsageError(
      `--out: ${file}: must be writable, got ${reason(error)}; then continue with --resume and the run's folder`,
    );
  }
}

/** Points `latest` beside the run's folder at it. Not worth failing for: some file systems have no links. */
export function linkLatest(folder: string): void {
  const link = join(folder, "..", "latest");
  const draft = `${link}.${process.pid}`;
  try {
    // By a rename, so that whoever looks meanwhile finds the one or the other.
    rmSync(draft, { force: true });
    symlinkSync(relative(join(folder, ".."), folder), draft, "dir");
    renameSync(draft, link);
  } catch {
    // The report lies in its own folder all the same.
    rmSync(draft, { force: true });
  }
}

/** `20261124T031500Z-standard`: sorts by time, and says what it was. */
export function runIdOf(startedAt: Date, profile: string): string {
  return `${startedAt.toISOString().replace(/[-:]|\.\d+/g, "")}-${profile}`;
}

function reason(error: unknown): string {
  if (error instanceof Error && "code" in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}
