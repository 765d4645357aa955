import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { z } from "zod";
import { candidates } from "../../../servers/manifest.ts";
import { installPackage, packageFolder } from "./package-folder.ts";

const packageJson = z.object({ version: z.string() });
const program = candidates.find(({ id }) => id === "node/ws");

test("a version stands in a folder of its own, and one that the registry lacks leaves nothing", async () => {
  if (program === undefined) throw new Error("the manifest has no node/ws");
  const versionIn = (folder: string) =>
    packageJson.parse(createRequire(join(folder, "entry.mjs"))("ws/package.json")).version;
  const named = { name: "ws", version: "8.22.0" };
  const said: string[] = [];
  const folder = await installPackage(program, named, (text) => said.push(text));
  expect(folder).toBe(packageFolder(program, named));
  expect(versionIn(folder)).toBe("8.22.0");
  // Once it is there, nobody is asked.
  said.length = 0;
  await installPackage(program, named, (text) => said.push(text));
  expect(said).toEqual([]);

  const missing = { name: "ws", version: "8.9999.0" };
  rmSync(packageFolder(program, missing), { recursive: true, force: true });
  await expect(installPackage(program, missing, () => undefined)).rejects.toThrow(
    /^--package: ws@8\.9999\.0 /,
  );
  expect(await Bun.file(join(packageFolder(program, missing), "package.json")).exists()).toBe(false);
});
