import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPolicy } from "../../reports/policy-file.ts";
import { readStored } from "../../reports/read-report.ts";
import { readWholeFile } from "../../reports/whole-file.ts";
import { readConfig } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "tickbench-whole-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every door by which a user names a file that is read whole. */
const doors = {
  "--policy": (path: string) => readPolicy(path),
  "--config": (path: string) => readConfig(path),
  "a stored report": (path: string) => readStored(path),
};

async function said(read: (path: string) => unknown, path: string): Promise<string> {
  try {
    await read(path);
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing";
}

const fifo = join(folder, "fifo");
const huge = join(folder, "huge");
// Sparse, so that nothing of it is on the disk.
writeFileSync(huge, "{");
truncateSync(huge, 2 ** 29);
const fifos = Bun.which("mkfifo") !== null && Bun.spawnSync(["mkfifo", fifo]).success;

for (const [name, read] of Object.entries(doors)) {
  test.skipIf(!existsSync("/dev/zero"))(`${name}: a device without end is one line`, async () => {
    expect(await said(read, "/dev/zero")).toMatch(/^.*\/dev\/zero: must be a readable .*, got:? a device/);
  });

  test.skipIf(!fifos)(`${name}: so is a pipe that nobody writes to`, async () => {
    expect(await said(read, fifo)).toMatch(/^.*fifo: must be a readable .*, got:? a device or a pipe/);
  });

  test(`${name}: so is a file far larger than any`, async () => {
    expect(await said(read, huge)).toMatch(
      /^.*huge: must be a readable .*, got:? 536870912 bytes, over \d+$/,
    );
  });
}

test("a file is read whole up to the bound", () => {
  const file = join(folder, "five");
  writeFileSync(file, "12345");
  expect(readWholeFile(file, 5).toString()).toBe("12345");
  expect(() => readWholeFile(file, 4)).toThrow("5 bytes, over 4");
});
