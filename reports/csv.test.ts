import { expect, test } from "bun:test";
import { csvField, renderCsv } from "./csv.ts";
import { decided } from "./decision/decided.ts";
import { figuresAround, inventReport, plain } from "./decision/fixture.ts";
import { defaultPolicy } from "./policies.ts";

test("one row for each candidate, cell, round and metric", () => {
  const undecided = inventReport({
    "a,b": { figures: figuresAround(plain, 3) },
    c: { figures: figuresAround(plain, 3) },
  });
  const report = decided(undecided, defaultPolicy);
  const text = renderCsv(report);
  const lines = text.split("\r\n");
  expect(lines[0]).toBe("candidate,workload,codec,cell,round,metric,value,unit");
  expect(lines.at(-1)).toBe("");
  // Two candidates, three rounds, and six metrics over the feed cell and the push cell.
  expect(lines).toHaveLength(1 + 2 * 3 * 6 + 1);
  expect(lines.filter((l) => l.startsWith('"a,b",'))).toHaveLength(18);
  const value = report.results[0]?.metrics.latencyNsP99?.perRound[1];
  expect(lines).toContain(`"a,b",feed,json,feed/json/passthrough/send/s10,2,latencyNsP99,${value},ns`);
});

test("a field is quoted only where it must be", () => {
  expect(["plain", "a,b", 'say "x"', "two\nlines"].map(csvField)).toEqual([
    "plain",
    '"a,b"',
    '"say ""x"""',
    '"two\nlines"',
  ]);
});
