import { expect, test } from "bun:test";
import { join } from "node:path";

const script = `
const { despiteSignal } = await import(${JSON.stringify(join(import.meta.dir, "children.ts"))});
await despiteSignal(process.argv.at(-1) === "told", async () => {
  process.once("SIGHUP", () => console.log("heard"));
  console.log("working");
  for await (const line of console) if (line === "go on") break;
});
console.log("done");
process.exit(0);
`;

/** Sends signals to a process that does its last work, each when the one before was heard; gives what it said and its exit code. */
async function hungUp(signals: number, ...args: string[]) {
  const child = Bun.spawn([process.execPath, "-e", script, "--", ...args], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  let said = "";
  let sent = 0;
  let isFreed = false;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += chunk;
    for (; sent < signals && said.split("\n").length > sent + 1; sent += 1) child.kill("SIGHUP");
    if (!isFreed && signals === 1 && said.includes("heard")) {
      isFreed = true; // Once: a process that has gone on may have ended, and what is written to it then fails.
      child.stdin.write("go on\n");
      child.stdin.flush();
    }
  }
  return [said.trim().split("\n"), await child.exited] as const;
}

test("the last work of a command is done though a signal comes", async () => {
  expect(await hungUp(1)).toEqual([["working", "heard", "done"], 0]);
});

test("a second signal ends it at once, and the first does where it was told before", async () => {
  expect((await hungUp(2))[1]).toBe(129);
  expect((await hungUp(1, "told"))[1]).toBe(129);
});
