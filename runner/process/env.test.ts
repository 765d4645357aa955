import { expect, test } from "bun:test";
import { childEnv } from "./env.ts";

test("passes on what any program needs, and nothing that tunes a runtime", () => {
  const from = {
    PATH: "/bin",
    HOME: "/h",
    NODE_OPTIONS: "--jitless",
    BUN_JSC_useJIT: "0",
    UV_THREADPOOL_SIZE: "1",
  };
  expect(childEnv({ PORT: "0" }, from)).toEqual({ PATH: "/bin", HOME: "/h", PORT: "0" });
});
