import { expect, test } from "bun:test";
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  HistogramLogReader,
} from "hdr-histogram-js";
import { decided } from "./decision/decided.ts";
import { figuresAround, inventReport, plain } from "./decision/fixture.ts";
import { renderHlogs } from "./hlog.ts";
import { defaultPolicy } from "./policies.ts";

test("a log that HdrHistogram's reader gives back whole", () => {
  const histogram = build({ numberOfSignificantValueDigits: 3 });
  for (let i = 1; i <= 10_000; i += 1) histogram.recordValue(i * 1000);
  const undecided = inventReport({ "bun/serve": { figures: figuresAround(plain) } });
  const encoded = encodeIntoCompressedBase64(histogram);
  const results = undecided.results.map((r, i) => (i === 0 ? { ...r, histogram: encoded } : r));
  const files = renderHlogs({ ...decided(undecided, defaultPolicy), results });

  expect(files.map((f) => f.path)).toEqual(["latency/bun~serve_feed~json~passthrough~send~s10.hlog"]);
  const reader = new HistogramLogReader(String(files[0]?.content));
  const read = reader.nextIntervalHistogram();
  expect(read?.totalCount).toBe(10_000);
  expect(read?.getValueAtPercentile(99)).toBe(decodeFromCompressedBase64(encoded).getValueAtPercentile(99));
  expect(read?.startTimeStampMsec).toBe(Date.parse(undecided.run.startedAt));
  // Eight rounds of 200 ms.
  expect((read?.endTimeStampMsec ?? 0) - (read?.startTimeStampMsec ?? 0)).toBeCloseTo(1600, 3);
  expect(reader.nextIntervalHistogram()).toBeNull();
});

test("no two candidates share a file", () => {
  const ids = [
    "node/ws",
    "node-ws",
    "node--ws",
    "node/-ws",
    "node-/ws",
    "node_ws",
    "node/ws#2",
    "node/ws-2",
    "node/ws@24",
  ];
  const figures = figuresAround(plain);
  const undecided = inventReport(Object.fromEntries(ids.map((id) => [id, { figures }])));
  const encoded = encodeIntoCompressedBase64(build());
  const results = undecided.results.map((r) => ({ ...r, histogram: encoded }));
  const files = renderHlogs({ ...decided(undecided, defaultPolicy), results });
  expect(files).toHaveLength(2 * ids.length);
  expect(new Set(files.map((f) => f.path)).size).toBe(files.length);
  for (const { path } of files) expect(path).toMatch(/^latency\/[\w.~%@-]+\.hlog$/);
});
