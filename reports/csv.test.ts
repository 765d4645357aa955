import { expect, test } from "bun:test";
import { makeReport } from "../tests/golden/make-report.ts";
import { csvField, csvParts, renderRatiosCsv } from "./csv.ts";
import { decided } from "./decision/decided.ts";
import { figuresAround, inventReport, plain } from "./decision/fixture.ts";
import { defaultPolicy } from "./policies.ts";

test("one row for each candidate, cell, round and metric", () => {
  const undecided = inventReport({
    "a,b": { figures: figuresAround(plain, 3) },
    c: { figures: figuresAround(plain, 3) },
  });
  const report = decided(undecided, defaultPolicy);
  const text = [...csvParts(report)].join("");
  const lines = text.split("\r\n");
  expect(lines[0]).toBe(
    "run,startedAt,toolVersion,profile,cpu,cores,os,candidate,runtime,framework,workload,codec,cell,round,metric,value,unit",
  );
  expect(lines.at(-1)).toBe("");
  // Two candidates, three rounds, and six metrics over the feed cell and the push cell.
  expect(lines).toHaveLength(1 + 2 * 3 * 6 + 1);
  const ofPair = lines.filter((l) => l.includes(',"a,b",'));
  expect(ofPair).toHaveLength(18);
  for (const line of lines.slice(1, -1))
    expect(line).toStartWith(`${report.run.id},${report.run.startedAt},`);
  const value = report.results[0]?.metrics.latencyNsP99?.perRound[1];
  expect(
    ofPair.some((l) => l.endsWith(`,feed,json,feed/json/passthrough/send/s10,2,latencyNsP99,${value},ns`)),
  ).toBe(true);
});

test("every comparison is a row of ratios.csv, declared or not", () => {
  const report = makeReport();
  const lines = renderRatiosCsv(report).split("\r\n").slice(0, -1);
  expect(lines).toHaveLength(1 + report.comparisons.length);
  const columns = lines.map((line) => line.split(",").length);
  expect(new Set(columns).size).toBe(1);
  expect(lines.filter((line) => line.endsWith(",exploratory"))).toHaveLength(
    report.comparisons.filter((c) => c.code === "exploratory").length,
  );
});

test("a field is quoted only where it must be", () => {
  expect(["plain", "a,b", 'say "x"', "two\nlines"].map(csvField)).toEqual([
    "plain",
    '"a,b"',
    '"say ""x"""',
    '"two\nlines"',
  ]);
});
