import { describe, expect, test } from "bun:test";
import { readSettings } from "./settings.ts";

const token = { TICKBENCH_TOKEN: "a-token-of-some-length" };

test("flags go before variables, and an empty variable is none", () => {
  expect(readSettings([], {})).toMatchObject({ host: "127.0.0.1", port: 4600 });
  expect(readSettings([], { PORT: "", HOST: "" })).toMatchObject({
    ...{ host: "127.0.0.1", port: 4600 },
    access: { token: null },
  });
  expect(readSettings([], { PORT: "5000", HOST: "::1" })).toMatchObject({ host: "::1", port: 5000 });
  expect(readSettings(["--port", "0"], { PORT: "5000" })?.port).toBe(0);
  const open = ["--host", "0.0.0.0", "--allow-host", "Bench.example", "--allow-host", "[fd00::1]"];
  expect([...(readSettings(open, token)?.access.hosts ?? [])]).toEqual([
    ...["127.0.0.1", "localhost", "[::1]", "bench.example", "[fd00::1]"],
  ]);
});

describe("what is wrong is reported by the name that it was given by", () => {
  test.each([
    [["--port", "80x"], {}, '--port: must be 0 to 65535, got "80x"'],
    [["--port", ""], {}, '--port: must be 0 to 65535, got ""'],
    [["--port", "65536"], {}, '--port: must be 0 to 65535, got "65536"'],
    [[], { PORT: "80x" }, 'PORT: must be 0 to 65535, got "80x"'],
    [[], { HOST: "desk" }, "HOST: must be 127.0.0.1 or ::1 where no token is set, got desk"],
    [["--host", "desk"], { HOST: "::1" }, "--host: must be 127.0.0.1 or ::1 where no token is set, got desk"],
    [["--host", "0.0.0.0"], token, "--host: 0.0.0.0 is not a host name"],
    [
      ["--allow-host", "http://desk:80"],
      {},
      "--allow-host[0]: must be a host name or address, without scheme and port",
    ],
    [["--token-file", "/nowhere"], {}, "--token-file: /nowhere: must be a readable file"],
    [[], { TICKBENCH_TOKEN: "short" }, "TICKBENCH_TOKEN: must be 16 or more visible ASCII characters, got 5"],
    [["--watch-every", "0"], {}, "--watch-every: must be 1 to 500 hours"],
  ])("%p under %p", (argv, env: Record<string, string>, text) => {
    let said = "";
    try {
      readSettings(argv, env);
    } catch (error) {
      said = String(error);
    }
    expect(said).toStartWith(`CommandError: ${text}`);
  });
});
