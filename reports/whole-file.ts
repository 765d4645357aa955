import { readFileSync, statSync } from "node:fs";

/** Why a path is not read; the message completes "must be …, got". */
export class UnreadableFileError extends Error {
  override readonly name = "UnreadableFileError";
}

/**
 * Reads a file of at most `bytesMax` bytes that somebody has named. A device or a pipe may have no end, or never begin, and is
 * not opened. Throws UnreadableFileError.
 */
export function readWholeFile(path: string, bytesMax: number): Buffer {
  try {
    const found = statSync(path);
    if (found.isDirectory()) throw new UnreadableFileError("a folder");
    if (!found.isFile()) throw new UnreadableFileError("a device or a pipe, which is not read");
    if (found.size > bytesMax) throw new UnreadableFileError(`${found.size} bytes, over ${bytesMax}`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof UnreadableFileError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new UnreadableFileError(code, { cause: error });
  }
}

/** Far beyond any policy or config that a person writes. */
const settingsBytesMax = 2 ** 20;

/** Reads JSON that a person has written, with comments and trailing commas as they like. Throws UnreadableFileError. */
export function readSettings(path: string): unknown {
  const text = readWholeFile(path, settingsBytesMax).toString("utf8");
  try {
    return Bun.JSONC.parse(text);
  } catch (error) {
    throw new UnreadableFileError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
