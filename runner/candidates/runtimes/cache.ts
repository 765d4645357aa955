import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UsageError } from "../../cli/usage-error.ts";
import type { PublishedVersion, Registry } from "./registry.ts";

/** What the cache knows of one version: it lies beside what was unpacked. */
const entrySchema = z.strictObject({
  package: z.string(),
  version: z.string(),
  integrity: z.string(),
  /** Of the program as it was unpacked: the tarball, which `integrity` is of, is not kept. */
  programIntegrity: z.string(),
});
const entryFile = "entry.json";

/** A runtime's program in the cache. */
export interface CachedRuntime {
  readonly path: string;
  readonly version: string;
}

/**
 * Runtimes from the registry, each version in its own folder. A line (`24`, `1.3`) that the cache holds a version of
 * is answered without the network; remove the folder to look for a newer one.
 */
export class RuntimeCache {
  readonly #folder: string;
  readonly #registry: Registry;
  /** Where versions are found, beside those that are installed here: an install that this user cannot write. */
  readonly #found: readonly string[];
  /** Programs that were looked at already: a hundred megabytes need not be read for each candidate. */
  readonly #whole = new Set<string>();

  constructor(folder: string, registry: Registry, alsoIn = folder) {
    this.#folder = folder;
    this.#found = [...new Set([folder, alsoIn])];
    this.#registry = registry;
  }

  /**
   * The newest version of `line` in the cache; null where there is none, or where its program is not what was unpacked.
   * `program` is its path in the package.
   */
  find(name: string, line: string, program: string): CachedRuntime | null {
    const held = this.#found.flatMap((at) => (existsSync(at) ? readdirSync(at).map((e) => join(at, e)) : []));
    const fitting = held.flatMap((folder) => {
      const known = readEntry(folder);
      const path = join(folder, "package", program);
      if (known?.package !== name || !isOf(line, known.version)) return [];
      return [{ path, version: known.version, integrity: known.programIntegrity }];
    });
    const newestFirst = fitting.toSorted((a, b) => Bun.semver.order(b.version, a.version));
    const whole = newestFirst.find(({ path, integrity }) => this.#isWhole(path, integrity));
    return whole === undefined ? null : { path: whole.path, version: whole.version };
  }

  /**
   * The newest version of `line`, fetched where the cache holds none. Throws UsageError where the registry has none or
   * cannot be asked, and where what came is not what it promised. `say` is called before what takes long.
   */
  async fetch(
    name: string,
    line: string,
    program: string,
    say: (text: string) => void,
  ): Promise<CachedRuntime> {
    const held = this.find(name, line, program);
    if (held !== null) return held;
    say(`looking for ${name} ${line} on npm`);
    const newest = (await this.#registry.versions(name, line))
      .filter(({ version }) => isOf(line, version))
      .toSorted((a, b) => Bun.semver.order(b.version, a.version))[0];
    if (newest === undefined)
      throw new UsageError(`--runtime: the registry has no ${name} of version ${line}`);
    say(`fetching ${name}@${newest.version}`);
    return this.#install(name, newest, program);
  }

  #isWhole(path: string, integrity: string): boolean {
    if (this.#whole.has(path)) return existsSync(path);
    if (!existsSync(path) || sha512(readFileSync(path)) !== integrity) return false;
    this.#whole.add(path);
    return true;
  }

  async #install(name: string, { version, integrity }: PublishedVersion, program: string) {
    mkdirSync(this.#folder, { recursive: true });
    // Beside its place, so that it gets there whole by a rename, or not at all.
    const draft = mkdtempSync(join(this.#folder, ".draft-"));
    try {
      const tarball = await this.#registry.download(name, version, draft);
      const bytes = readFileSync(tarball);
      checkIntegrity(bytes, integrity, `${name}@${version}`);
      await new Bun.Archive(bytes).extract(draft);
      rmSync(tarball);
      const path = join(draft, "package", program);
      if (!existsSync(path)) throw new UsageError(`--runtime: ${name}@${version} contains no ${program}`);
      chmodSync(path, 0o755);
      const entry = { package: name, version, integrity, programIntegrity: sha512(readFileSync(path)) };
      writeFileSync(join(draft, entryFile), JSON.stringify(entry satisfies z.infer<typeof entrySchema>));
      const folder = join(this.#folder, `${name.replaceAll("/", "+")}@${version}`);
      rmSync(folder, { recursive: true, force: true });
      renameSync(draft, folder);
      return { path: join(folder, "package", program), version };
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
}

function readEntry(folder: string): z.infer<typeof entrySchema> | null {
  try {
    return entrySchema.parse(JSON.parse(readFileSync(join(folder, entryFile), "utf8")));
  } catch {
    // A draft, or what another program left: it is fetched anew.
    return null;
  }
}

/** Whether a version lies on a line: 24.8.0 on 24, 1.3.14 on 1.3. Versions before a release lie on none. */
function isOf(line: string, version: string): boolean {
  return /^\d+\.\d+\.\d+$/.test(version) && `${version}.`.startsWith(`${line}.`);
}

function sha512(bytes: Uint8Array): string {
  return `sha512-${new Bun.CryptoHasher("sha512").update(bytes).digest("base64")}`;
}

function checkIntegrity(bytes: Uint8Array, integrity: string, what: string): void {
  if (sha512(bytes) === integrity) return;
  throw new UsageError(
    `--runtime: ${what}: the tarball must match ${integrity.slice(0, 24)}…, it does not; nothing was installed`,
  );
}
