import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { optionsFrom } from "../fixtures/planned.ts";
import { parseArgs } from "./args.ts";
import { UsageError } from "./usage-error.ts";

const folder = mkdtempSync(join(tmpdir(), "tickbench-config-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "c.json");

function optionsOf(config: unknown, ...argv: string[]) {
  writeFileSync(file, typeof config === "string" ? config : JSON.stringify(config));
  return optionsFrom("--config", file, ...argv);
}

function errorOf(config: unknown): string {
  try {
    optionsOf(config);
  } catch (error) {
    if (error instanceof UsageError) return error.message.replace(file, "c.json");
    throw error;
  }
  return "none";
}

describe("--config", () => {
  test("gives flags, which the command line overrules", () => {
    const config = { profile: "quick", rounds: 7, codec: ["json", "sbe"], force: true, runtime: "node@24" };
    expect(optionsOf(config, "--rounds", "3")).toMatchObject({
      profile: "quick",
      rounds: 3,
      codecs: ["json", "sbe"],
      force: true,
      runtimes: ["node@24"],
    });
  });

  test("as docs/ADD-YOUR-SERVER.md shows it can be read", () => {
    const text = readFileSync(join(import.meta.dir, "..", "..", "docs", "ADD-YOUR-SERVER.md"), "utf8");
    const shown = [...text.matchAll(/```json\n(.*?)```/gs)].map(([, json = ""]) => json);
    const config = shown.find((json) => json.includes('"candidates"')) ?? "";
    const { candidates, custom } = optionsOf(config);
    expect(candidates).toEqual(["core", "!node/hono"]);
    expect(custom.map((o) => [o.name, o.launch.kind])).toEqual([
      ["go/gorilla", "command"],
      ["staging", "running"],
    ]);
  });

  test("takes every flag but those that docs/ADD-YOUR-SERVER.md names", () => {
    const help = parseArgs(["--help"], "0");
    const flags = [...(help.kind === "print" ? help.text : "").matchAll(/^ {2}--([a-z-]+)/gm)].map(
      ([, long = ""]) => long,
    );
    const refused = flags.filter((long) => {
      const name = long.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
      return errorOf({ [name]: null }).includes("unknown field");
    });
    expect(refused).toEqual([...["candidate", "config", "resume", "version", "end-with-stdin", "debug"]]);
    const text = readFileSync(join(import.meta.dir, "..", "..", "docs", "ADD-YOUR-SERVER.md"), "utf8");
    for (const long of refused.filter((each) => each !== "version")) expect(text).toContain(`\`--${long}\``);
  });

  test("describes servers of one's own, with their folder from the file's", () => {
    const own = {
      name: "mine",
      command: ["./run", "fast"],
      cwd: "server",
      env: { MODE: "fast" },
      paths: { echo: "/ws" },
      subprotocol: "md.v1",
      headers: { "X-Token": "t" },
    };
    const { candidates, custom: parsed } = optionsOf({ candidates: ["node/*", "!node/hono", own] });
    expect(candidates).toEqual(["node/*", "!node/hono"]);
    expect(parsed).toEqual([
      {
        name: "mine",
        launch: {
          kind: "command",
          command: ["./run", "fast"],
          cwd: join(folder, "server"),
          env: { MODE: "fast" },
          listensOn: null,
        },
        endpoint: {
          host: "localhost",
          paths: { echo: "/ws", push: "/push", feed: "/feed", publish: "/publish" },
          subprotocol: "md.v1",
          headers: { "X-Token": "t" },
        },
      },
    ]);
    expect(optionsOf({ candidates: [own] }).candidates).toEqual(["default"]);
  });

  test.each([
    [{ round: 3 }, 'c.json: (top level): unknown field "round"; did you mean rounds?'],
    [
      { resume: "x" },
      'c.json: (top level): unknown field "resume"; it can only be given on the command line',
    ],
    [
      { candidate: ["m=x"] },
      'c.json: (top level): unknown field "candidate"; put your own servers into candidates',
    ],
    [{ rounds: 0 }, "c.json: rounds: must be 1..1000, got 0"],
    [{ force: "yes" }, 'c.json: force: must be true or false, got "yes"'],
    [
      { candidates: [{ name: "m", command: "x", env: { PORT: "80" } }] },
      "c.json: candidates[0]: env: PORT is chosen for each start; a server that listens elsewhere says so in a ready line",
    ],
    [{ candidates: [{ name: "m", command: " " }] }, "c.json: candidates[0]: command: must name a program"],
    [
      { candidates: [{ name: "m", command: "x", cwdd: "y" }] },
      'c.json: candidates[0]: unknown field "cwdd"; did you mean cwd?',
    ],
    [
      { candidates: [{ name: "m", command: "x", paths: { ech: "/" } }] },
      'c.json: candidates[0].paths: unknown field "ech"; did you mean echo?',
    ],
    [
      { candidates: [{ name: "m", command: "x", subprotocol: "a, b" }] },
      'c.json: candidates[0].subprotocol: must be one token (RFC 6455 section 4.1), without spaces or commas, got "a, b"',
    ],
    [
      { candidates: [{ name: "m", command: "x", headers: { host: "a.example" } }] },
      "c.json: candidates[0].headers.host: must be no part of the handshake, which the tool writes itself, got host; leave it out",
    ],
    [
      { candidates: [{ name: "m", command: "x", headers: { "Sec-WebSocket-Key": "k" } }] },
      'c.json: candidates[0].headers["Sec-WebSocket-Key"]: must be no part of the handshake, which the tool writes itself, got Sec-WebSocket-Key; leave it out',
    ],
    [
      { candidates: [{ name: "m", command: "x", headers: { "Sec-WebSocket-Protocol": "md.v1" } }] },
      'c.json: candidates[0].headers["Sec-WebSocket-Protocol"]: must be no part of the handshake, which the tool writes itself, got Sec-WebSocket-Protocol; give it as subprotocol',
    ],
    [
      { candidates: [{ name: "m", command: "x", headers: { "X Token": "t" } }] },
      'c.json: candidates[0].headers["X Token"]: must be the name of a header: letters, digits and dashes, got "X Token"',
    ],
    [
      { candidates: [{ name: "m", command: "x", headers: { "X-Token": "a\r\nb" } }] },
      'c.json: candidates[0].headers["X-Token"]: must be one line, without control characters, got "a\\r\\nb"',
    ],
    [
      { candidates: [{ name: "m", command: "http://127.0.0.1:80" }] },
      "c.json: candidates[0]: command: must name a program, got http://127.0.0.1:80; an address goes into url",
    ],
    [
      { candidates: [{ name: "m", url: "http://127.0.0.1:80" }] },
      "c.json: candidates[0]: must be ws://127.0.0.1:PORT, got http://127.0.0.1:80",
    ],
    [
      { candidates: [{ name: "m" }] },
      'c.json: candidates[0]: must have a command or a url, and not both, got {"name":"m"}',
    ],
    [
      { candidates: ["all", { name: "m", command: "x", env: { A: 1 } }] },
      "c.json: candidates[1].env.A: must be a string, got 1",
    ],
    [
      { candidates: [{ name: "m", command: "x", paths: { echo: "ws" } }] },
      'c.json: candidates[0].paths.echo: must begin with a slash and hold no space, got "ws"',
    ],
    [
      { candidates: [{ name: "m", url: "ws://192.0.2.7:1" }] },
      "c.json: candidates[0]: must be on this machine (127.0.0.1, localhost or [::1]), got 192.0.2.7; load goes nowhere else",
    ],
    [
      { candidates: [{ name: "m", command: "x", pid: 3 }] },
      "c.json: candidates[0]: pid: is for a url only; a command's process is known",
    ],
  ])("%p is one clear line", (config, message) => {
    expect(errorOf(config)).toBe(`--config: ${message}`);
  });

  test("a file that is not there or no JSON is told so", () => {
    expect(errorOf("{")).toStartWith("--config: c.json: must be a readable JSON file, got: ");
    expect(() => parseArgs(["--config", join(folder, "absent")], "0")).toThrow("ENOENT");
  });

  test("a name is given once", () => {
    expect(() => optionsOf({ candidates: [{ name: "m", command: "x" }] }, "--candidate", "m=y")).toThrow(
      "--candidate: must give each server a different name, got m twice",
    );
  });
});
