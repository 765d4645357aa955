import { accessSync, constants, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { UsageError } from "./usage.ts";

/** Makes the folder of a new run, which no other run may share. Throws UsageError where it cannot be written. */
export function makeRunFolder(out: string, runId: string): { folder: string; runId: string } {
  try {
    mkdirSync(resolve(out), { recursive: true });
    for (let nth = 1; ; nth += 1) {
      // Ids tell seconds apart, and two runs may begin in one.
      const id = nth === 1 ? runId : `${runId}-${nth}`;
      const folder = join(resolve(out), id);
      if (!makeNew(folder)) continue;
      accessSync(folder, constants.W_OK);
      return { folder, runId: id };
    }
  } catch (error) {
    throw new UsageError(`--out: must be a folder that can be written, got ${out} (${reason(error)})`);
  }
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

/** Points `latest` beside the run's folder at it. Not worth failing for: some file systems have no links. */
export function linkLatest(folder: string): void {
  const link = join(folder, "..", "latest");
  try {
    rmSync(link, { force: true });
    symlinkSync(relative(join(folder, ".."), folder), link, "dir");
  } catch {
    // The report lies in its own folder all the same.
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
