import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Candidate } from "../../../servers/manifest.ts";
import { UsageError } from "../../cli/usage-error.ts";
import { cacheFolder } from "../../process/cache-folder.ts";
import { type NamedPackage, packagesOf } from "./package-choice.ts";

const root = join(import.meta.dir, "..", "..", "..");
const versions = z.record(z.string(), z.string());
const packageJson = z.object({ dependencies: versions });
/** What every program of `servers/` needs besides its framework. */
const shared = ["zod"];
const patienceMs = 120_000;

/**
 * The folder in which a program finds one of its packages in the version that was named, and the others as the lockfile has them.
 * It holds `node_modules` once `installPackage` has been there. Another lockfile makes another folder.
 */
export function packageFolder({ id }: Pick<Candidate, "id">, { name, version }: NamedPackage): string {
  const pinned = ["package.json", "bun.lock"].map((file) => readFileSync(join(root, file), "utf8"));
  const key = Bun.hash(pinned.join("\n")).toString(36);
  const plain = `${id}+${name}@${version}`.replaceAll("/", "-");
  return join(cacheFolder(join(root, ".cache", "packages"), "packages"), `${plain}-${key}`);
}

/**
 * Installs a program's packages beside those of the project, with Bun's own client, and returns their folder. No script of a package
 * runs. Throws UsageError where the registry cannot be asked, or the versions do not go together.
 */
export async function installPackage(
  program: Candidate,
  named: NamedPackage,
  say: (text: string) => void,
): Promise<string> {
  const folder = packageFolder(program, named);
  if (existsSync(folder)) return folder;
  say(`installing ${named.name}@${named.version} for ${program.id}`);
  const parent = join(folder, "..");
  mkdirSync(parent, { recursive: true });
  // Beside its place, so that it gets there whole by a rename, or not at all.
  const draft = mkdtempSync(join(parent, ".draft-"));
  try {
    const { dependencies } = packageJson.parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
    const wanted = [...packagesOf(program), ...shared].map((name) => {
      const pinned = dependencies[name] ?? "*";
      // A package under another name keeps it: npm:@hono/node-server@2.1.9.
      const spec = pinned.startsWith("npm:") ? pinned.replace(/[^@]+$/, named.version) : named.version;
      return [name, name === named.name ? spec : pinned] as const;
    });
    const manifest = { name: "tickbench-upgrade", private: true, dependencies: Object.fromEntries(wanted) };
    writeFileSync(join(draft, "package.json"), JSON.stringify(manifest));
    // What the named version leaves as it was stays at the version of the lockfile.
    cpSync(join(root, "bun.lock"), join(draft, "bun.lock"));
    await install(draft, named);
    renameSync(draft, folder);
  } catch (error) {
    // Another run may have been there first.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}

async function install(folder: string, { name, version }: NamedPackage): Promise<void> {
  const child = Bun.spawn(
    [process.execPath, "install", "--ignore-scripts", "--no-progress", "--no-summary"],
    {
      cwd: folder,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
      timeout: patienceMs,
    },
  );
  const [stderr, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  if (code === 0) return;
  const why = stderr.split("\n").find((line) => line.startsWith("error:")) ?? `exit code ${code}`;
  throw new UsageError(
    `--package: ${name}@${version} could not be installed: ${why.replace(/^error:\s*/, "")}; give a version that the registry has`,
  );
}
