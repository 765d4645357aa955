import { expect, test } from "bun:test";
import { join } from "node:path";
import { candidates } from "../../servers/manifest.ts";
import { type Row, tableOf, verdictOf } from "./table.ts";

const steady = [0.99, 1, 1.01, 1, 0.99, 1.01, 1];

function row(candidate: string, workload: Row["workload"], throughput: readonly number[]): Row {
  return { candidate, workload, ratios: { throughput, cpuPerMessage: steady } };
}

const slow = [0.8, 0.81, 0.79, 0.8, 0.8, 0.81, 0.79];

test("within, explained, unexplained and unclear are distinguished", () => {
  expect(verdictOf(row("node/ws", "echo", steady))).toBe("yes");
  expect(verdictOf(row("bun/ws", "push", slow))).toBe("[joined-writes](#joined-writes)");
  expect(verdictOf(row("node/ws", "echo", slow))).toBe("**unexplained**");
  const wide = [0.7, 0.92, 1.3, 0.9, 1.2, 0.8, 0.93];
  expect(verdictOf(row("node/ws", "echo", wide))).toBe("unclear: more rounds");
});

test("a candidate that does better is within", () => {
  const fast = slow.map((ratio) => 1 / ratio);
  expect(verdictOf(row("node/ws", "echo", fast))).toBe("yes");
});

test("CPU time counts as much as throughput", () => {
  const costly = slow.map((ratio) => 1 / ratio);
  const ratios = { throughput: steady, cpuPerMessage: costly };
  expect(verdictOf({ candidate: "node/ws", workload: "echo", ratios })).toBe("**unexplained**");
});

test("prints medians with intervals, the extremes of too few rounds, and what does not run", () => {
  const table = tableOf([
    row("bun/ws", "push", slow),
    { candidate: "node/ws", workload: "echo", ratios: { throughput: [0.9, 1], cpuPerMessage: [1, 1.1] } },
    { candidate: "node/uws", workload: "echo", ratios: null },
  ]);
  const [, , first, second, third] = table.split("\n");
  expect(first).toMatch(
    /^\| bun\/ws \| push \| 7 \| 0\.800 \| 0\.79\d–0\.81\d \| 1\.000 \| 0\.9\d\d–1\.0\d\d \| \[joined-writes\]/,
  );
  expect(second).toContain("| 0.950 | 0.900–1.000 (extremes) |");
  expect(third).toBe("| node/uws | echo | – | – | – | – | – | does not run here |");
});

test("docs/candidates.md has this table, a row for each candidate and workload", async () => {
  const text = await Bun.file(join(import.meta.dir, "../../docs/candidates.md")).text();
  const rows = candidates.flatMap(({ id }) =>
    (["echo", "push"] as const).map((workload) => ({ candidate: id, workload, ratios: null })),
  );
  const [head = "", rule = "", ...lines] = tableOf(rows).split("\n");
  const [, table = ""] = text.split(`${head}\n${rule}\n`);
  const shown = table.slice(0, table.indexOf("\n\n")).split("\n");
  const begins = (line: string) => line.split(" | ").slice(0, 2).join(" | ");
  expect(shown.map(begins)).toEqual(lines.map(begins));
  for (const line of shown) expect(line.split(" | ")).toHaveLength(head.split(" | ").length);
});
