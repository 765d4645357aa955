import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "tickbench-fakes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a peer on the PATH is measured, one that fails is a line, and one that is absent is told of", async () => {
  const programs = {
    load_test: 'echo "args $*"\nfor i in 1 2; do echo "Msg/sec: 2000.000000"; done\nexec /bin/sleep 60',
    k6: 'echo "starting"\necho "no such flag" >&2\nexit 7',
  };
  for (const [name, body] of Object.entries(programs))
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  const flags = ["--rounds", "1", "--seconds", "0.1", "--only", "32 × 1,"];
  const bench = Bun.spawn([process.execPath, join(import.meta.dir, "generators.ts"), ...flags], {
    env: { ...process.env, PATH: folder },
    stdout: "pipe",
    stderr: "inherit",
  });
  const lines = (await new Response(bench.stdout).text()).split("\n");
  expect(await bench.exited).toBe(0);

  const row = lines.find((line) => line.includes("| load_test |")) ?? "";
  expect(row.split(" | ").slice(2, 5)).toEqual(["load_test", "2", "2–2"]);
  expect(lines.filter((line) => line.includes("| k6 |"))).toEqual([]);
  const told = Object.fromEntries(
    lines.flatMap((line) => {
      const [, name = "", standing = ""] = /^- (load_test|k6|tcpkali|artillery|go): (.*)$/.exec(line) ?? [];
      return name === "" ? [] : [[name, standing]];
    }),
  );
  expect(told.load_test).toContain(join(folder, "load_test"));
  expect(told.k6).toMatch(/^failed .*32 × 1.*exit code 7.*no such flag$/);
  for (const absent of ["tcpkali", "artillery", "go"]) expect(told[absent]).toBe("not installed");
});
