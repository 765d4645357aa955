import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";

/** Folders of a package may have a package.json of their own, which names neither. */
const packageJson = z.object({ name: z.string(), version: z.string() });

/**
 * The version of a framework, and the names and versions of the packages that go with it: `1.4.30 + @elysiajs/node 1.4.5`.
 * Each is what the program imports it as. The framework alone would not say what is measured.
 */
export function packageVersions(framework: string, ...parts: readonly string[]): string {
  const require = createRequire(import.meta.url);
  const others = parts.map((part) => packageFrom(require, part));
  return [
    packageFrom(require, framework).version,
    ...others.map(({ name, version }) => `${name} ${version}`),
  ].join(" + ");
}

/**
 * What the package.json says that lies above the file which an import would load. Asking the resolver keeps it true
 * wherever the program lives, and whatever the package's exports hide.
 */
export function packageFrom(require: NodeJS.Require, imported: string): z.infer<typeof packageJson> {
  const entry = require.resolve(imported);
  for (let folder = dirname(entry); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, "package.json");
    if (!existsSync(path)) continue;
    const found = packageJson.safeParse(JSON.parse(readFileSync(path, "utf8")));
    if (found.success) return found.data;
  }
  throw new Error(`no package.json of ${imported} above ${entry}`);
}
