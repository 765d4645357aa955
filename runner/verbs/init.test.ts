import { afterAll, expect, spyOn, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultPolicy } from "../../reports/policies.ts";
import { readPolicy } from "../../reports/policy-file.ts";
import { readConfig } from "../cli/config.ts";
import { main } from "../main.ts";

const base = mkdtempSync(join(tmpdir(), "tickbench-init-"));
afterAll(() => rmSync(base, { recursive: true }));

/** The exit code, with what was printed on either stream. */
async function init(folder: string) {
  const said = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    spyOn(process[name], "write").mockImplementation((text) => {
      said[name] += String(text);
      return true;
    }),
  );
  try {
    return { code: await main(["init", folder]), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test("init writes a config and a policy that the tool reads, with comments", async () => {
  const folder = join(base, "new");
  const [config, policy] = [join(folder, "tickbench.jsonc"), join(folder, "tickbench.policy.jsonc")];
  const { code, stdout } = await init(folder);
  expect([code, stdout]).toEqual([0, `${config}\n${policy}\n`]);
  expect(readConfig(config)).toMatchObject({
    flags: { profile: "quick", candidates: "default", policy },
    candidates: [],
  });
  expect(readPolicy(policy)).toEqual({ ...defaultPolicy, name: "mine" });
  // What is commented out is meant to be taken in.
  for (const file of [config, policy]) {
    const open = readFileSync(file, "utf8").replaceAll(/\/\/ (?=["{])/g, "");
    writeFileSync(file, open);
  }
  expect(readConfig(config).candidates.map(({ name }) => name)).toEqual(["mine"]);
  expect(readPolicy(policy).require.map(({ kind }) => kind)).toEqual(["reach", "slo"]);
});

test("init overwrites nothing, and then writes nothing either", async () => {
  const folder = join(base, "old");
  await init(folder);
  const policy = join(folder, "tickbench.policy.jsonc");
  writeFileSync(policy, "mine");
  rmSync(join(folder, "tickbench.jsonc"));
  const { code, stderr } = await init(folder);
  expect([code, stderr]).toEqual([2, `init: ${policy}: already exists; move it, or choose another folder\n`]);
  expect(readFileSync(policy, "utf8")).toBe("mine");
  expect(readdirSync(folder)).toEqual(["tickbench.policy.jsonc"]);
  expect(existsSync(join(folder, "tickbench.jsonc"))).toBe(false);
});

test("a folder that cannot be made is told in one line, without a stack", async () => {
  const file = join(base, "a-file");
  writeFileSync(file, "");
  const { code, stdout, stderr } = await init(join(file, "below"));
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toBe(`init: ${join(file, "below")}: must be a folder that can be written to, got ENOTDIR\n`);
});
