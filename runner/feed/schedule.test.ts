import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJson, encodeJson } from "../../schemas/codec/json.ts";
import { decodeSbe, encodeSbe } from "../../schemas/codec/sbe.ts";
import type { FeedPreset, FeedSpec } from "../../schemas/feed.ts";
import { feedPresets } from "../../schemas/names.ts";
import { FeedError } from "./error.ts";
import { type FeedRequest, loadFeed, type Schedule } from "./schedule.ts";

const second = 1e9;
const load = (
  feed: FeedSpec,
  codec: "json" | "sbe",
  windowNs: number,
  leadNs = 0,
  more: Partial<FeedRequest> = {},
) => loadFeed({ feed, codec, windowNs, leadNs, ...more });
const synthetic = (preset: FeedPreset, seed = 1, rate = 1, meanHz: number | null = null): FeedSpec => ({
  source: "synthetic",
  preset,
  seed,
  rate,
  meanHz,
});

const dir = mkdtempSync(join(tmpdir(), "tickbench-schedule-"));
afterAll(() => rmSync(dir, { recursive: true }));

function hash({ intendedNs, payloads }: Schedule): string {
  const hasher = new Bun.CryptoHasher("sha256").update(new Uint8Array(intendedNs.buffer));
  for (const payload of payloads) hasher.update(payload);
  return hasher.digest("hex").slice(0, 16);
}

describe.each([...feedPresets])("synthetic:%s", (preset) => {
  test("every message is valid, carries its position, and survives JSON → SBE → JSON", async () => {
    const schedule = await load(synthetic(preset), "json", 2 * second, second / 2);
    expect(schedule.payloads.length).toBeGreaterThan(100);
    schedule.payloads.forEach((payload, position) => {
      const { n, message } = decodeJson(payload);
      expect(n).toBe(position);
      expect(message.stream).toBe(schedule.streams[schedule.streamOf[position]!]!);
      const back = decodeSbe(encodeSbe(message, n));
      expect(encodeJson(back.message, back.n)).toBe(new TextDecoder().decode(payload));
    });
  });

  test("JSON and SBE have the same times and messages", async () => {
    const [json, sbe] = await Promise.all([
      load(synthetic(preset), "json", second),
      load(synthetic(preset), "sbe", second),
    ]);
    expect([json.opcode, sbe.opcode]).toEqual([1, 2]);
    expect(sbe.intendedNs).toEqual(json.intendedNs);
    expect(sbe.payloads.map((bytes) => decodeSbe(bytes))).toEqual(
      json.payloads.map((bytes) => decodeJson(bytes)),
    );
  });

  test("times lie in the window and its lead, and never fall", async () => {
    const { intendedNs, leadMessages, facts } = await load(synthetic(preset), "sbe", second, second / 2);
    expect(intendedNs.findIndex((at, n) => n > 0 && at < intendedNs[n - 1]!)).toBe(-1);
    expect(intendedNs[0]!).toBeGreaterThanOrEqual(0);
    expect(intendedNs.at(-1)!).toBeLessThan(1.5 * second);
    expect(intendedNs.filter((at) => at < second / 2)).toHaveLength(leadMessages);
    expect(facts.stretch.messages).toBe(intendedNs.length - leadMessages);
  });

  test("each stretch is another part of the feed, and the same for whoever asks", async () => {
    const of = (stretch: number) => load(synthetic(preset), "json", second / 4, 0, { stretch });
    const numbers = Array.from({ length: 40 }, (_, i) => i);
    const all = await Promise.all(numbers.map(of));
    expect(new Set(all.map(hash)).size).toBe(numbers.length);
    // In another order, and by then out of any cache.
    for (const stretch of [37, 3, 0]) expect(hash(await of(stretch))).toBe(hash(all[stretch]!));
    expect(all.map(({ facts }) => facts.stretch.stretch)).toEqual(numbers);
    expect(new Set(all.map(({ facts }) => facts.description)).size).toBe(1);
  });
});

test("one seed gives the same bytes on every machine, another gives others", async () => {
  expect(hash(await load(synthetic("burst"), "json", second))).toBe("8cf021e3a57800d4");
  expect(hash(await load(synthetic("burst"), "sbe", second))).toBe("19773fb76ea1ab9f");
  expect(hash(await load(synthetic("burst", 2), "json", second))).not.toBe("8cf021e3a57800d4");
});

test("a rate of 2 sends twice the model's time in the same window", async () => {
  const slow = await load(synthetic("burst"), "json", 2 * second, second);
  const fast = await load(synthetic("burst", 1, 2), "json", second, second / 2);
  expect(fast.payloads).toEqual(slow.payloads);
  const doubled = fast.intendedNs.map((at) => Math.round(at * 2));
  expect(doubled).toEqual(slow.intendedNs.map((at) => Math.round(at)));
  expect(fast.facts.stretch.sourceHz).toBe(2 * slow.facts.stretch.sourceHz);
});

test("flat is constant, and other presets refuse a rate of their own", async () => {
  const flat = await load(synthetic("flat", 1, 1, 250), "json", second, 0.1 * second);
  expect(flat.streams).toEqual(["btcusdt@bookTicker"]);
  expect([...flat.intendedNs.slice(0, 3)]).toEqual([0, 4e6, 8e6]);
  expect([flat.leadMessages, flat.payloads.length]).toEqual([25, 275]);
  await expect(load(synthetic("burst", 1, 1, 5), "json", second)).rejects.toThrow(FeedError);
});

test("Poisson arrivals have the rate, and gaps as long as exponential ones", async () => {
  const { intendedNs, streams } = await load(synthetic("flat-poisson", 3, 1, 1000), "json", 20 * second);
  const gaps = [...intendedNs].map((at, n) => (n === 0 ? at : at - intendedNs[n - 1]!));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
  expect(streams).toEqual(["btcusdt@bookTicker"]);
  expect(Math.abs(mean / 1e6 - 1)).toBeLessThan(0.03);
  expect(Math.abs(deviation / mean - 1)).toBeLessThan(0.05);
});

test("an opening begins with the snapshot", async () => {
  const { streams, streamOf, leadMessages } = await load(synthetic("open"), "json", second, second);
  expect(streams[streamOf[leadMessages]!]).toBe("btcusdt@depth20");
});

function captured(offsetsMs: number[]): string {
  const file = join(dir, `${offsetsMs.length}.ndjson`);
  const lines = offsetsMs.map((at, u) => {
    const data = { u, s: "BTCUSDT", b: "1.10", B: "2.0", a: "1.20", A: "3.0" };
    return `${1723161253000000000n + BigInt(at) * 1000000n} {"stream":"btcusdt@bookTicker","data":${JSON.stringify(data)}}\n`;
  });
  writeFileSync(file, lines.join(""));
  return file;
}

const updateIds = ({ payloads }: Schedule): number[] =>
  payloads.map((payload) => {
    const { data } = decodeJson(payload).message;
    return "u" in data ? data.u : -1;
  });

describe("capture", () => {
  test.each([1, 2, 0.5])("arrival times are replayed exactly, at rate %p", async (rate) => {
    const offsets = [0, 7, 7, 20, 150, 151, 600];
    const spec: FeedSpec = { source: "capture", file: captured(offsets), rate };
    const schedule = await load(spec, "json", 700e6 / rate);
    expect([...schedule.intendedNs]).toEqual(offsets.map((at) => (at * 1e6) / rate));
    expect(updateIds(schedule)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(schedule.facts.loops).toBe(0);
  });

  test("a capture shorter than the window begins anew with a continuing sequence, and says so", async () => {
    const spec: FeedSpec = { source: "capture", file: captured([0, 100, 200]), rate: 1 };
    const schedule = await load(spec, "json", 700e6, 250e6);
    expect(updateIds(schedule)).toEqual([1, 2, 0, 1, 2, 0, 1, 2, 0]);
    expect([...schedule.intendedNs]).toEqual(
      [50, 150, 250, 350, 450, 550, 650, 750, 850].map((at) => at * 1e6),
    );
    expect(schedule.payloads.map((payload) => decodeJson(payload).n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(schedule.leadMessages).toBe(2);
    expect(schedule.facts).toMatchObject({ stretch: { messages: 7 }, loops: 2 });
  });
});

describe("what a user can put right is one line", () => {
  test.each<[FeedSpec, RegExp]>([
    [
      synthetic("burst", 1, 1e6),
      /^feed synthetic:burst: a window may hold at most 2000000 .*, got 272000000$/,
    ],
    [synthetic("flat", 1, 1, 1e9), /^feed synthetic:flat: a window may hold/],
    [{ source: "capture", file: captured([0, 1]), rate: 1e9 }, /^feed capture:.*a window may hold at most/],
  ])("%j", async (spec, line) => {
    await expect(load(spec, "json", second)).rejects.toThrow(line);
  });

  test("a decimal that SBE cannot carry", async () => {
    const file = join(dir, "huge.ndjson");
    const quote = (u: number): string =>
      `{"stream":"btcusdt@bookTicker","data":{"u":${u},"s":"BTCUSDT","b":"999999999999999999.999","B":"1","a":"1","A":"1"}}`;
    writeFileSync(file, `1700000000000 ${quote(1)}\n1700000000001 ${quote(2)}\n`);
    await expect(load({ source: "capture", file, rate: 1 }, "sbe", 2e6)).rejects.toThrow(
      /cannot be sent as SBE/,
    );
  });
});
