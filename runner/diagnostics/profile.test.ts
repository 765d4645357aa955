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
      node(7, "#look", "/x/runner/diagnostics/inside.ts", 55),
      node(8, "#look", "file:///x/.cache/tickbench/diagnostics-inside.mjs", 90),
    ],
    samples: [2, 3, 4, 5, 6, 7, 8, 2],
    timeDeltas: [900, 100, 200, 100, 500, 500, 500, 900],
  });
  expect(found).toEqual({
    samples: 3,
    frames: [
      { name: "send", where: "ws/lib/sender.js:354", share: 0.75 },
      { name: "(anonymous)", where: "ws.mjs:10", share: 0.25 },
    ],
  });
});
