import { expect, test } from "bun:test";
import type { AgentRequest } from "../../schemas/agent.ts";
import { Children } from "../process/children.ts";
import { ServerSide } from "./server-side.ts";

const asking = { protocol: "p", run: "r", server: "1" };
const serve = {
  ...{ type: "serve" as const, ...asking, port: 0, readyMs: 1_000 },
  ...{ slowConsumer: "disconnect" as const, backpressureLimitBytes: 1 },
};

test("no job starts a program that the manifest does not name", async () => {
  const children = new Children();
  const side = new ServerSide(children, { pinned: false, reason: "a test" });
  for (const candidate of ["/bin/sh", "../../bin/sh", "bun/serve; true", "bun/*", "__proto__", ""]) {
    const asked: Extract<AgentRequest, { type: "serve" }> = { ...serve, candidate };
    expect(await side.serve(asked)).toMatchObject({ type: "serves-not" });
  }
  expect(children.pids).toEqual([]);
  // Nor is a server looked at or ended that it has not started.
  expect(side.alive({ type: "alive", ...asking })).toBeNull();
  expect(await side.stop({ type: "stop", ...asking, graceMs: 1 })).toBeNull();
});
