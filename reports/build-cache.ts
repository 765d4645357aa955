import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeWhole } from "./write.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const cache = join(root, "node_modules", ".cache", "tickbench");

/** What is built into one file of an install's own sources and packages, and takes longer to build than to read. */
export interface Built {
  /** What its file is called, before the stamp. */
  readonly name: string;
  /** Its first module, from the project's root. */
  readonly entry: string;
  /** The source files that it may be made of, beside packages, or folders of them: from the project's root. */
  readonly sources: readonly string[];
  readonly config: Pick<Bun.BuildConfig, "target" | "format" | "define">;
}

/** Its text, as it was built before; else it is built, and kept where that is possible. */
export const builtText = (of: Built): Promise<string> => keptText(of, () => build(of));

/** A text as it was made before from the same sources, packages and Bun; else it is made, and kept where that is possible. */
export async function keptText(
  of: Pick<Built, "name" | "sources">,
  make: () => string | Promise<string>,
): Promise<string> {
  const file = fileOf(of);
  try {
    return readFileSync(file, "utf8");
  } catch {
    const text = await make();
    keep(file, text);
    return text;
  }
}

/**
 * What its first module exports: hundreds of modules of a package load in a fraction of the time where they are one file. Where it cannot
 * be kept, as in a read-only install, the modules are loaded one by one by `source`.
 */
export async function builtModule<Module>(
  of: Built,
  source: () => Promise<Module>,
  folder = cache,
): Promise<Module> {
  const file = fileOf(of, folder);
  if (existsSync(file)) return await import(file);
  // To build what cannot be kept would take longer than the modules do, each time.
  return canKeepIn(folder) && keep(file, await build(of)) ? await import(file) : await source();
}

function canKeepIn(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function keep(file: string, text: string): boolean {
  try {
    writeWhole(file, text);
    return true;
  } catch {
    return false;
  }
}

const fileOf = (of: Pick<Built, "name" | "sources">, folder = cache): string =>
  join(folder, `${of.name}-${stampOf(of)}.js`);

/** Changes with every source file, with the lock file and with Bun. */
function stampOf({ sources }: Pick<Built, "sources">): string {
  const stats = [...sources.flatMap(filesOf).toSorted(), join(root, "bun.lock")].map((path) => {
    const { size, mtimeMs } = statSync(path);
    return `${path} ${size} ${mtimeMs}`;
  });
  return Bun.hash([Bun.version, ...stats].join("\n")).toString(36);
}

function filesOf(source: string): string[] {
  if (source.endsWith(".ts")) return [join(root, source)];
  return readdirSync(join(root, source), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => join(root, source, path));
}

async function build({ name, entry, config }: Built): Promise<string> {
  const { outputs } = await Bun.build({ entrypoints: [join(root, entry)], minify: true, ...config });
  const [script] = outputs;
  if (script === undefined) throw new Error(`${name} did not build`);
  return script.text();
}
