import { expect, test } from "bun:test";
import { topFrames } from "./profile.ts";

const node = (id: number, functionName: string, url = "", lineNumber = -1) => ({
  id,
  callFrame: { functionName, url, lineNumber },
});

test("shares are of the busy time, without the profiler's own; one function is one line from wherever it was called", () => {
  const found = topFrames({
    nodes: [
      node(1, "(root)"),
      node(2, "(idle)"),
      node(3, "send", "file:///x/node_modules/ws/lib/sender.js", 353),
      node(4, "send", "file:///x/node_modules/ws/lib/sender.js", 353),
      node(5, "", "file:///x/servers/node/ws.mjs", 9),
      node(6, "post", "node:inspector", 114),
    ],
    samples: [2, 3, 4, 5, 6, 2],
    timeDeltas: [900, 100, 200, 100, 500, 900],
  });
  expect(found).toEqual({
    samples: 3,
    frames: [
      { name: "send", where: "ws/lib/sender.js:354", share: 0.75 },
      { name: "(anonymous)", where: "ws.mjs:10", share: 0.25 },
    ],
  });
});
