import { expect, test } from "bun:test";
import { nearName } from "./usage-error.ts";

test.each([
  ["node/wss", "node/ws"],
  ["nod/ws", "node/ws"],
  ["--candidate", "--candidates"],
  ["brust", "burst"],
])("%s is near to %s", (value, name) => {
  expect(nearName(value, ["node/ws", "--candidates", "burst"])).toBe(name);
});

test.each(["node/zz", "hono", "--calibrate", "x", ""])("%s is near to nothing", (value) => {
  expect(nearName(value, ["node/ws", "--candidates", "burst", "echo"])).toBeNull();
});
