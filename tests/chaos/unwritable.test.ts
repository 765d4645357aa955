import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

setDefaultTimeout(120_000);

const root = join(import.meta.dir, "..", "..");
/** A number that no user of this system has, so that nothing here is his. */
const uid = 65_531;
const out = mkdtempSync(join(tmpdir(), "tickbench-other-"));
chmodSync(out, 0o777);
afterAll(() => {
  rmSync(out, { recursive: true });
  rmSync(join(tmpdir(), `tickbench-${uid}`), { recursive: true, force: true });
});

/** Root can write anything, so that the command is run as somebody else; who is not root cannot become him. */
async function asOther(...argv: string[]) {
  const as = ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"];
  const child = Bun.spawn([...as, process.execPath, "runner/compare.ts", ...argv], {
    cwd: root,
    env: { PATH: process.env.PATH ?? "", HOME: "/nonexistent" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, code };
}

const able = userInfo().uid === 0 && Bun.which("setpriv") !== null && (await asOther("--version")).code === 0;
if (!able) process.stderr.write("unwritable: not tried, since no other user can be become here\n");

describe.skipIf(!able)("an install that the user cannot write to", () => {
  const short =
    "--profile smoke --rounds 1 --force --keep-disturbed --candidates node/ws --workloads push/json*".split(
      " ",
    );

  test("measures all the same, and puts what it makes where the user may", async () => {
    const { stdout, stderr, code } = await asOther(...short, "--json", "--quiet", "--out", join(out, "runs"));
    expect([stderr, code]).toEqual(["", 0]);
    expect(JSON.parse(stdout).candidates[0].status).toBe("ok");
  });

  test("runs that name no place go to one of the user's own, in one line", async () => {
    const { stderr, code } = await asOther("plan", ...short);
    expect(code).toBe(0);
    expect(stderr).toBe(
      `reports/out is not writable by this user; writing to ${tmpdir()}/tickbench-${uid}/runs instead\n`,
    );
  });

  test("a command that writes nothing needs no place", async () => {
    const { stderr, code } = await asOther(
      "verify",
      "--candidates",
      "node/ws",
      "--workloads",
      "push",
      "--quiet",
    );
    expect([stderr, code]).toEqual(["", 0]);
  });

  test("a place that was named and cannot be written is one line and exit code 2", async () => {
    const { stdout, stderr, code } = await asOther(...short, "--out", "reports/mine");
    expect([stdout, code]).toEqual(["", 2]);
    expect(stderr).toMatch(
      /^--out: must be a folder that can be written, got reports\/mine \(EACCES\); give .+\n$/,
    );
    expect(existsSync(join(root, "reports", "mine"))).toBe(false);
  });
});
