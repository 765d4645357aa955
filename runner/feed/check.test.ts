import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FeedSpec } from "../../schemas/feed.ts";
import { checkFeed, feedHz, recordingLine, recordingOf } from "./check.ts";
import { FeedError } from "./error.ts";

const dir = mkdtempSync(join(tmpdir(), "tickbench-check-"));
afterAll(() => rmSync(dir, { recursive: true }));

/** A capture of `count` messages, `gapMs` apart. */
function captured(count: number, gapMs: number): FeedSpec {
  const file = join(dir, `${count}-${gapMs}.ndjson`);
  const line = (u: number) =>
    `${1_700_000_000_000 + u * gapMs} {"u":${u},"s":"BTCUSDT","b":"1.10","B":"2.0","a":"1.20","A":"3.0"}\n`;
  writeFileSync(file, Array.from({ length: count }, (_, u) => line(u)).join(""));
  return { source: "capture", file, rate: 10 };
}
const quiet: FeedSpec = { source: "synthetic", preset: "quiet", seed: 1, rate: 0.5, meanHz: null };

test("a feed that can be measured by has nothing to tell", async () => {
  expect(await checkFeed(captured(2000, 10), 150)).toEqual([]);
  expect(await feedHz(captured(2000, 10))).toBeCloseTo(1000, 0);
});

test.each<[string, FeedSpec, RegExp]>([
  [
    "too few messages a window",
    captured(100, 1000),
    /at least 10 messages on average, got 1\.5.*use --feed-rate 66\.\d or more$/,
  ],
  [
    "a model's too",
    quiet,
    /^synthetic:quiet: a window of 150 ms must have at least 10.*got 4\.5.*use --feed-rate 1\.2 or more$/,
  ],
  ["too few in all", captured(19, 1), /at least 20 messages .*, got 19/],
])("%s is refused, with the way out", async (_, feed, line) => {
  const refused = checkFeed(feed, 150);
  await expect(refused).rejects.toThrow(FeedError);
  await expect(refused).rejects.toThrow(line);
});

test("what a short or thin capture cannot show is one line each", async () => {
  const lines = await checkFeed(captured(200, 5), 150);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/holds 200 messages, and a p99 needs 1000 .* up to p95;/);
  expect(lines[1]).toMatch(/lasts 0\.99 s, and one window replays 1\.50 s at --feed-rate 10/);
});

test("a capture is told in one line", async () => {
  const recording = await recordingOf(captured(20, 5));
  expect(recordingLine(recording!)).toMatch(/20 messages on 20 lines over 0\.1 s, times in ms$/);
});
