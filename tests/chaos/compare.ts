import { join } from "node:path";

const root = join(import.meta.dir, "..", "..");

/** The command as a user starts it, with its output still to come. `env` goes on top of this process's own. */
export function startCompare(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return Bun.spawn([process.execPath, "runner/compare.ts", ...argv], {
    cwd: root,
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

/** The command to its end. */
export async function compare(argv: readonly string[], env?: Readonly<Record<string, string>>) {
  const child = startCompare(argv, env);
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, code };
}
