import { accessSync, constants, lstatSync, mkdirSync, statSync } from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";

/**
 * A folder for what can be made again: `preferred`, or where this user cannot write it (an install for everybody, a read-only
 * checkout) one of the user's own under `name`, in $XDG_CACHE_HOME, ~/.cache or the temporary folder. The last of them is given
 * back where none can be written, and whoever writes there meets the reason.
 */
export function cacheFolder(
  preferred: string,
  name: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
  home = homedir(),
): string {
  const xdg = env.XDG_CACHE_HOME ?? "";
  const places = [
    preferred,
    ...(xdg === "" ? [] : [join(xdg, "tickbench", name)]),
    ...(home === "" ? [] : [join(home, ".cache", "tickbench", name)]),
  ];
  const place = places.find((folder) => folderFault(folder) === null);
  return place ?? join(userTemporaryFolder(), name);
}

/** A folder of this user alone: another could have made one of that name before, and put programs into it. */
function userTemporaryFolder(): string {
  const { uid } = userInfo();
  const folder = join(tmpdir(), `tickbench-${uid}`);
  try {
    mkdirSync(folder, { mode: 0o700 });
    return folder;
  } catch {
    const found = lstatSync(folder, { throwIfNoEntry: false });
    const ours = found?.isDirectory() === true && found.uid === uid && (found.mode & 0o022) === 0;
    return ours ? folder : join(tmpdir(), `tickbench-${uid}-${process.pid}`);
  }
}

/**
 * Why a folder can neither be made nor written into, as the code of the error that would come; null where it can. It is
 * judged by the nearest folder that there is, and nothing is made.
 */
export function folderFault(path: string): string | null {
  for (let at = resolve(path); ; at = dirname(at)) {
    try {
      const found = statSync(at, { throwIfNoEntry: false });
      if (found === undefined) continue;
      if (!found.isDirectory()) return "ENOTDIR";
      accessSync(at, constants.W_OK | constants.X_OK);
      return null;
    } catch (error) {
      return error instanceof Error && "code" in error ? String(error.code) : String(error);
    }
  }
}
