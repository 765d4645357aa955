import { describe, expect, test } from "bun:test";
import { UsageError } from "../../cli/usage-error.ts";
import { parseCustomCandidate } from "./custom-candidate.ts";

const paths = { echo: "/echo", push: "/push", feed: "/feed", publish: "/publish" };
const endpoint = { host: "127.0.0.1", paths, subprotocol: null, headers: {} };

function errorOf(value: string): string {
  try {
    parseCustomCandidate(value, "/home/u");
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "none";
}

const noShell = (sign: string, got: string) =>
  `--candidate m: command: no shell is used, so ${sign} would not work, got "${got}"; write a script, or use env and cwd in a config file`;

describe("what only a shell could read", () => {
  test.each([
    ["node y.mjs | tee log", "|"],
    ["node y.mjs; echo", ";"],
    ["node y.mjs > log", ">"],
    ["node y.mjs 2>&1", ">"],
    ["node y.mjs < in", "<"],
    ["node y.mjs &", "&"],
    ["node a.mjs || node b.mjs", "||"],
    ["(node y.mjs)", "("],
    ["node $HOME/y.mjs", "$H"],
    ["node y.mjs --port $PORT", "$PORT"],
    ["node y.mjs --port $" + "{PORT}", "$" + "{PORT"],
    ["node $(pwd)/y.mjs", "$("],
    ["node `pwd`/y.mjs", "`"],
    ["~/bin/server --quiet", "~/"],
    ["export A=b", "export"],
    ["NODE_ENV=production node y.mjs", "NODE_ENV=production"],
  ])("%s is refused for %s", (command, sign) => {
    expect(errorOf(`m=${command}`)).toStartWith(
      `--candidate m: command: no shell is used, so ${sign} would not work, got `,
    );
  });

  test.each([
    [
      "node y.mjs --filter='a|b;c' \"--where=x > 1 && y\"",
      ["node", "y.mjs", "--filter=a|b;c", "--where=x > 1 && y"],
    ],
    ["node y.mjs --env=A=b file~1 100% a*", ["node", "y.mjs", "--env=A=b", "file~1", "100%", "a*"]],
    ["node -e '$x = `y`'", ["node", "-e", "$x = `y`"]],
    ["bash -c 'cd foo && exec node y.mjs'", ["bash", "-c", "cd foo && exec node y.mjs"]],
  ])("%s is no such thing", (command, words) => {
    expect(parseCustomCandidate(`m=${command}`, "/").launch).toMatchObject({ command: words });
  });
});

describe("--candidate", () => {
  test("a command is split at spaces outside quotes, and runs where the user is", () => {
    expect(parseCustomCandidate(`mine=node 'my server.mjs' --name="a b" x=y`, "/home/u")).toEqual({
      name: "mine",
      launch: {
        kind: "command",
        command: ["node", "my server.mjs", "--name=a b", "x=y"],
        cwd: "/home/u",
        env: {},
        listensOn: null,
      },
      endpoint: { ...endpoint, host: "localhost" } as never,
    });
  });

  test("an address is a server that runs already", () => {
    expect(parseCustomCandidate("mine=ws://127.0.0.1:9001", "/").launch).toEqual({
      kind: "running",
      port: 9001,
      pid: null,
    });
    expect(parseCustomCandidate("go/ws=ws://localhost:9001/ws,pid=42", "/")).toEqual({
      name: "go/ws",
      launch: { kind: "running", port: 9001, pid: 42 },
      endpoint: { ...endpoint, host: "localhost", paths: { ...paths, echo: "/ws" } } as never,
    });
    expect(parseCustomCandidate("six=ws://[::1]:9001/", "/").endpoint).toMatchObject({
      host: "::1",
      paths: { echo: "/" },
    });
  });

  test.each([
    ["mine", '--candidate: must be NAME=COMMAND or NAME=ws://127.0.0.1:PORT, got "mine"'],
    ["=node x", '--candidate: must be NAME=COMMAND or NAME=ws://127.0.0.1:PORT, got "=node x"'],
    ["a b=node x", "--candidate: the name must be letters, digits, dots, slashes and dashes, got a b"],
    ["m=ws://127.0.0.1", "--candidate m: must be ws://127.0.0.1:PORT, got ws://127.0.0.1"],
    ["m=ws://127.0.0.1:0", "--candidate m: must be ws://127.0.0.1:PORT, got ws://127.0.0.1:0"],
    ["m=http://127.0.0.1:80", "--candidate m: must be ws://127.0.0.1:PORT, got http://127.0.0.1:80"],
    ["m=wss://127.0.0.1:1", "--candidate m: must be ws://127.0.0.1:PORT, got wss://127.0.0.1:1"],
    [
      "m=ws://192.0.2.7:9001",
      "--candidate m: must be on this machine (127.0.0.1, localhost or [::1]), got 192.0.2.7; load goes nowhere else",
    ],
    // A user name that looks like a host must not pass for one.
    [
      "m=ws://127.0.0.1:80@192.0.2.7:9001",
      "--candidate m: must be ws://127.0.0.1:PORT, got ws://127.0.0.1:80@192.0.2.7:9001",
    ],
    ["m=ws://127.0.0.1:1,pid=x", "--candidate: only pid=N may follow the address, got pid=x"],
    [`m=""`, "--candidate m: command: must name a program"],
    ["m=cd foo && node y.mjs", noShell("cd", "cd foo && node y.mjs")],
    ["m=PORT=9 node y.mjs", noShell("PORT=9", "PORT=9 node y.mjs")],
    [`m=node "x`, `--candidate m: must close its quotes, got node "x`],
  ])("%p is one clear line", (value, message) => {
    expect(errorOf(value)).toBe(message);
  });
});
