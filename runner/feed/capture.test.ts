import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { decodeJson, encodeJson } from "../../schemas/codec/json.ts";
import { type Capture, readCapture } from "./capture.ts";
import { CaptureError } from "./error.ts";

const dir = mkdtempSync(join(tmpdir(), "tickbench-capture-"));
afterAll(() => rmSync(dir, { recursive: true }));

let files = 0;
function written(content: string | Uint8Array): string {
  const file = join(dir, `${files++}.ndjson`);
  writeFileSync(file, content);
  return file;
}

const read = (lines: readonly string[], stream: string | null = null) =>
  readCapture(written(`${lines.join("\n")}\n`), stream);
const messages = ({ atNs, message }: Capture) => Array.from(atNs, (_, i) => message(i));
const updateIds = (capture: Capture) =>
  messages(capture).map(({ message: { data } }) => ("u" in data ? data.u : -1));

const data = (u: number): string => `{"u":${u},"s":"BTCUSDT","b":"1.10","B":"2.0","a":"1.20","A":"3.0"}`;
const quote = (u: number): string => `{"stream":"btcusdt@bookTicker","data":${data(u)}}`;
const base = 1_700_000_000_000_000_000n;
/** A line at `ms` after the base, in ns. */
const at = (ms: number, frame: string): string => `${base + BigInt(Math.round(ms * 1e6))} ${frame}`;
const good = (count: number): string =>
  Array.from({ length: count }, (_, i) => `${at(i * 0.001001, quote(i))}\n`).join("");

async function failure(file: string, stream: string | null = null): Promise<CaptureError> {
  const error = await readCapture(file, stream).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CaptureError)) throw new Error(`expected a CaptureError, got ${error}`);
  expect(error.message).not.toMatch(/[\p{Cc}]/u);
  expect(error.message.length).toBeLessThan(900);
  return error;
}

describe("a good capture", () => {
  test.each([
    ["plain", good(3)],
    ["without its last newline", good(3).trimEnd()],
    ["with CRLF", good(3).replaceAll("\n", "\r\n")],
    ["with a byte order mark", `\ufeff${good(3)}`],
    ["gzip", gzipSync(good(3))],
    ["gzip in two members", Buffer.concat([gzipSync(good(3).slice(0, 100)), gzipSync(good(3).slice(100))])],
  ])("%s: exact gaps, messages in file order, and their own bytes", async (_, content) => {
    const capture = await readCapture(written(content));
    expect([...capture.atNs]).toEqual([0, 1001, 2002]);
    expect(messages(capture).map(({ message }) => encodeJson(message))).toEqual([0, 1, 2].map(quote));
    expect(messages(capture).map(({ recorded }) => recorded)).toEqual([0, 1, 2].map(quote));
    expect(capture.facts).toMatchObject({
      lines: 3,
      messages: 3,
      durationNs: 2002,
      clock: "ns",
      leftOut: [],
    });
  });

  test.each([
    ["s", 1e9, ["1700000000", "1700000003", "1700000004"], [0, 3e9, 4e9]],
    ["s", 1e3, ["1700000000.5", "1700000000.500123", "1700000001.0"], [0, 123_000, 5e8]],
    ["ms", 1e6, ["1700000000000", "1700000000003", "1700000000900"], [0, 3e6, 9e8]],
    ["µs", 1e3, ["1700000000000000", "1700000000000007", "1700000000900000"], [0, 7000, 9e8]],
    ["ns", 1, ["1700000000000000000", "1700000000000000001", "1700000000900000000"], [0, 1, 9e8]],
    [
      "ISO 8601",
      100,
      ["2023-11-14T22:13:20Z", "2023-11-14T22:13:20.0000001Z", "2023-11-15T00:13:20.9+02:00"],
      [0, 100, 9e8],
    ],
    [
      "ISO 8601",
      1e6,
      ["2024-02-29 23:59:59.999", "2024-03-01 00:00:00.000", "2024-03-01 00:00:00.5"],
      [0, 1e6, 501e6],
    ],
  ])("times in %s, to %p ns", async (clock, resolutionNs, times, gaps) => {
    const capture = await read(times.map((time, u) => `${time} ${quote(u)}`));
    expect([...capture.atNs]).toEqual(gaps);
    expect(capture.facts).toMatchObject({ clock, resolutionNs });
  });

  test("a time that falls a little is raised to the line above, so that the exchange's order stays", async () => {
    const capture = await read([at(0, quote(1)), at(4, quote(2)), at(2, quote(3)), at(4.5, quote(4))]);
    expect([...capture.atNs]).toEqual([0, 4e6, 4e6, 4.5e6]);
    expect(capture.facts).toMatchObject({ raisedTimes: 1, joins: 0 });
    expect(updateIds(capture)).toEqual([1, 2, 3, 4]);
  });

  test("files joined in another order are sorted, and what stands twice is replayed once", async () => {
    const piece = (fromMs: number, first: number) =>
      [0, 100, 200].map((ms, i) => at(fromMs + ms, quote(first + i)));
    const capture = await read([...piece(5000, 10), ...piece(2000, 0), ...piece(5000, 10)]);
    expect(updateIds(capture)).toEqual([0, 1, 2, 10, 11, 12]);
    expect(capture.facts).toMatchObject({ joins: 1, duplicates: 3, messages: 6, raisedTimes: 0 });
  });

  test("a hole is taken out and told; what the recording's own gaps reach is none", async () => {
    const lines: string[] = [];
    for (let i = 0; i < 1000; i++)
      lines.push(at(i * 10 + (i >= 400 ? 7_200_000 : 0) + (i >= 800 ? 400 : 0), quote(i)));
    const { facts, atNs } = await read(lines);
    expect(facts.holes).toEqual({ count: 1, totalNs: 7_200_010e6, longestNs: 7_200_010e6 });
    expect(atNs[800]! - atNs[799]!).toBe(410e6);
    expect(facts.durationNs / 1e6).toBeGreaterThan(10_390);
    expect(facts.durationNs / 1e6).toBeLessThan(10_420);
    const slow = await read(Array.from({ length: 40 }, (_, i) => at(i * 9000, quote(i))));
    expect(slow.facts.holes.count).toBe(0);
  });
});

const known = (kind: string, suffix: string, members: object) => ({
  kind,
  stream: `btcusdt${suffix}`,
  data: members,
});
const [E, T] = [1_700_000_000_123, 1_700_000_000_120];
const trade = { e: "trade", E, s: "BTCUSDT", t: 5, p: "100.10", q: "0.5", T, m: true, M: true };
const update = { e: "depthUpdate", E, s: "BTCUSDT", U: 5, u: 9, b: [["1.0", "2.0"]], a: [] };
const futures = {
  e: "depthUpdate",
  E,
  T,
  s: "BTCUSDT",
  U: 5,
  u: 9,
  pu: 4,
  b: [["1.0", "2.0"]],
  a: [["1.1", "0"]],
};

describe("what exchanges send and have sent", () => {
  test.each<[string, object, string, object]>([
    [
      "trade with the order ids of before June 2024",
      { ...trade, b: 88, a: 89 },
      "@trade",
      known("trade", "@trade", trade),
    ],
    [
      "event times in µs",
      { ...trade, E: E * 1000 + 456, T: T * 1000 + 1 },
      "@trade",
      known("trade", "@trade", trade),
    ],
    [
      "levels of three members",
      { ...update, b: [["1.0", "2.0", []]] },
      "@depth@100ms",
      known("depthUpdate", "@depth@100ms", update),
    ],
    [
      "a coin-margined update with its pair",
      { ...futures, ps: "BTCUSD" },
      "@depth@0ms",
      known("depthUpdate", "@depth@0ms", futures),
    ],
    [
      "a futures quote with its pair and state",
      { e: "bookTicker", u: 1, s: "BTCUSDT", ps: "BTCUSD", b: "1", B: "2", a: "3", A: "4", T, E, st: 2 },
      "@bookTicker",
      known("bookTicker", "@bookTicker", {
        e: "bookTicker",
        u: 1,
        s: "BTCUSDT",
        b: "1",
        B: "2",
        a: "3",
        A: "4",
        T,
        E,
      }),
    ],
    [
      "the top of a futures book, which comes as an update",
      futures,
      "@depth20@100ms",
      known("depthSnapshot", "@depth20@100ms", { lastUpdateId: 9, bids: futures.b, asks: futures.a, E }),
    ],
  ])("%s: all of it passes through, and the known form is known", async (_, sent, suffix, expected) => {
    const stream = `btcusdt${suffix}`;
    const frame = JSON.stringify({ stream, data: sent });
    for (const [line, recorded] of [
      [frame, frame],
      [`"${frame.replaceAll('"', '""')}"`, frame],
    ] as const) {
      const capture = await read([at(0, line), at(1, line)]);
      const first = capture.message(0);
      expect(first.message).toEqual(expected as never);
      expect(first.recorded).toBe(recorded);
      expect(decodeJson(encodeJson(first.message)).message).toEqual(first.message);
    }
  });

  test.each<[string, string, string | null, string]>([
    ["a trade", JSON.stringify(trade), null, "btcusdt@trade"],
    ["a spot quote", data(7), null, "btcusdt@bookTicker"],
    ["an update", JSON.stringify(update), null, "btcusdt@depth"],
    [
      "an update whose stream was given",
      JSON.stringify(update),
      "btcusdt@depth@100ms",
      "btcusdt@depth@100ms",
    ],
    ["a trade among what was said to be updates", JSON.stringify(trade), "btcusdt@depth", "btcusdt@trade"],
    [
      "the top of the book, whose stream was given",
      '{"lastUpdateId":7,"bids":[["1.0","2.0"]],"asks":[],"T":1}',
      "btcusdt@depth20",
      "btcusdt@depth20",
    ],
  ])("%s without the wrapper gets it", async (_, frame, told, stream) => {
    const capture = await read([at(0, frame), at(1, frame)], told);
    expect(capture.message(0).message.stream).toBe(stream);
    expect(capture.message(0).recorded).toBe(`{"stream":"${stream}","data":${frame}}`);
  });

  test("the frames of a replay server, each a line with its local time", async () => {
    const line = (time: string, u: number) => `{"localTimestamp":"${time}","message":${quote(u)}}`;
    const capture = await read([
      line("2023-11-14T22:13:20.000Z", 1),
      line("2023-11-14T22:13:20.0000005Z", 2),
    ]);
    expect([...capture.atNs]).toEqual([0, 500]);
    expect(capture.message(1).recorded).toBe(quote(2));
  });

  test("columns under a heading, with commas, semicolons or tabs", async () => {
    for (const by of [",", ";", "\t", ", "]) {
      const capture = await read([
        `local_timestamp${by}message`,
        `1700000000000${by}${quote(1)}`,
        `"1700000000005"${by}${quote(2)}`,
      ]);
      expect([...capture.atNs]).toEqual([0, 5e6]);
      expect(capture.facts.leftOut).toMatchObject([
        { kind: "line without a receive time", lines: 1, firstLine: 1 },
      ]);
    }
  });

  test("a frame with a sequence of an earlier replay loses it", async () => {
    const capture = await read([at(0, encodeJson(decodeJson(quote(1)).message, 7)), at(1, quote(2))]);
    expect(capture.message(0).recorded).toBe(quote(1));
  });
});

describe("lines that are no market message", () => {
  test("are left out, and counted by kind with the first line of each", async () => {
    const lines = [
      '{"result":null,"id":1}',
      at(0, quote(1)),
      at(1, '{"result":null,"id":2}'),
      at(2, '{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","s":"BTCUSDT"}}'),
      at(3, '{"stream":"btcusdt@markPrice","data":{"e":"markPriceUpdate","s":"BTCUSDT","p":"1"}}'),
      at(4, '{"e":"serverShutdown","E":1700000000000}'),
      at(5, '{"lastUpdateId":7,"E":1,"T":1,"bids":[["1.0","2.0"]],"asks":[]}'),
      at(6, '{"error":{"code":2,"msg":"no"},"id":1}'),
      at(7, '{"stream":"!ticker@arr","data":[{"e":"24hrTicker"}]}'),
      at(8, quote(2)),
      at(9, quote(2).replace('"1.10"', '"1,10"')),
      at(10, "[1,2]"),
      at(11, "ping"),
      `12 ${quote(3)}`,
      quote(4),
      at(13, quote(5)).slice(0, -20),
      "",
      "",
    ];
    const { facts, atNs } = await read(lines);
    expect([...atNs]).toEqual([0, 8e6]);
    expect(facts.leftOut.map(({ kind, lines: count, firstLine }) => [kind, count, firstLine])).toEqual([
      ["frame without a receive time", 2, 1],
      ["frame that is not JSON", 2, 13],
      ["blank line", 2, 17],
      ["answer to a request", 1, 3],
      ["aggTrade", 1, 4],
      ["markPriceUpdate", 1, 5],
      ["serverShutdown", 1, 6],
      ["order book without a stream", 1, 7],
      ["error message", 1, 8],
      ["arr", 1, 9],
      ["unreadable bookTicker", 1, 11],
      ["no JSON object", 1, 12],
      ["line without a receive time", 1, 14],
    ]);
    expect(facts.leftOut.find(({ kind }) => kind === "unreadable bookTicker")?.reason).toMatch(
      /data\.b: must be a decimal/,
    );
    expect(facts.lines).toBe(18);
  });

  test("may be of any length, or no text at all", async () => {
    const content = Buffer.concat([
      Buffer.from(good(2)),
      Buffer.alloc(100 * 2 ** 20, 0x78),
      Buffer.from("\n"),
      new Uint8Array([0x89, 0xff, 0xfe, 0x0a, 0, 0, 0, 0, 0x0a]),
      Buffer.from(`${at(9, `{"stream":"btcusdt@trade","data":${"[".repeat(100_000)}`)}\n`),
      Buffer.from(at(10, quote(5))),
    ]);
    const { facts } = await readCapture(written(content));
    expect(facts.messages).toBe(3);
    expect(facts.leftOut.map(({ kind, lines }) => [kind, lines])).toEqual([
      ["line of over 16 MiB", 1],
      ["bytes that are not UTF-8", 1],
      ["line without a receive time", 1],
      ["frame that is not JSON", 1],
    ]);
  });

  test("make a bounded number of kinds, whatever a file calls them", async () => {
    const odd = Array.from({ length: 200 }, (_, i) => at(i, `{"e":"kind\u001b[31m${i}"}`));
    const { leftOut } = (await read([...odd, at(300, quote(1)), at(301, quote(2))])).facts;
    expect(leftOut.length).toBeLessThanOrEqual(31);
    expect(leftOut.every(({ kind }) => /^[\w!@.? -]+$/.test(kind))).toBe(true);
  });
});

describe("a capture that cannot be replayed", () => {
  const zipped = gzipSync(good(2000));
  test.each<[string, string | Uint8Array, number | null, RegExp]>([
    ["empty", "", null, /must hold messages, got an empty file/],
    ["gzip of nothing", gzipSync(""), null, /must contain market messages.*got no lines/],
    ["one message", good(1), null, /received at two times or more, got 1/],
    ["one time", `${at(5, quote(1))}\n${at(5, quote(2))}\n`, null, /received at two times or more/],
    ["truncated gzip", zipped.subarray(0, zipped.length / 2), null, /whole gzip file.*unexpected end/],
    ["gzip header alone", zipped.subarray(0, 2), null, /whole gzip file/],
    [
      "gzip of junk inside",
      Buffer.concat([zipped.subarray(0, 40), Buffer.alloc(64, 0xaa)]),
      null,
      /whole gzip/,
    ],
    [
      "zstd",
      new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 1, 2]),
      null,
      /unpack it first, got a file packed with zstd/,
    ],
    ["UTF-16", new Uint8Array([0xff, 0xfe, 0x31, 0]), null, /must be UTF-8; convert it/],
    ["binary junk", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe]), 1, /1 × bytes that are not UTF-8/],
    ["zeros alone", new Uint8Array(5000), 1, /1 × line without a receive time/],
    [
      "JSON of another kind",
      '{\n  "name": "x"\n}\n',
      2,
      /10, 13, 16 or 19 digits.*frame without a receive time/,
    ],
    ["no times", `${quote(3)}\n${quote(4)}\n`, 1, /2 × frame without a receive time/],
    [
      "times of another length",
      `17000000000 ${quote(1)}\n17000000001 ${quote(2)}\n`,
      1,
      /receive time: "17000000000"/,
    ],
    [
      "wrong values alone",
      `${at(1, quote(2).replace('"1.10"', '"1,10"'))}\n`,
      1,
      /data\.b: must be a decimal/,
    ],
    ["acknowledgements alone", `${at(1, '{"result":null,"id":1}')}\n`, 1, /1 × answer to a request/],
    [
      "books without a stream",
      `${at(1, '{"lastUpdateId":7,"bids":[],"asks":[]}')}\n`,
      1,
      /1 × order book without a stream/,
    ],
    [
      "times of two units",
      `${at(1, quote(1))}\n\n1700000000002 ${quote(2)}\n`,
      3,
      /line 3: receive time: must be in ns as on the lines before.*got one in ms/,
    ],
  ])("%s", async (_, content, line, rule) => {
    const error = await failure(written(content));
    expect(error.message).toMatch(rule);
    expect(error.line).toBe(line);
  });

  test("missing, a directory, and a device without end", async () => {
    expect((await failure(join(dir, "absent"))).message).toMatch(/absent: must be a readable file.*ENOENT/);
    expect((await failure(dir)).message).toMatch(/must be a readable.*a folder/);
    if (existsSync("/dev/zero")) expect((await failure("/dev/zero")).message).toMatch(/a device or a pipe/);
  });
});

const captures = join(import.meta.dir, "../../../shared/captures");
const real = existsSync(captures);
if (!real) console.warn("skipped: ../shared/captures is not there");

test.skipIf(!real).each([
  ["spot-btcusdt.ndjson.gz", 41_248, [["order book without a stream", 1]], 119],
  ["perp-btcusdt-burst.ndjson.gz", 11_716, [], 390],
])("%s is read whole, without holes, and byte for byte", async (name, count, left, meanHz) => {
  const capture = await readCapture(join(captures, name));
  const { facts, atNs } = capture;
  expect(atNs).toHaveLength(count);
  expect(facts).toMatchObject({
    messages: count,
    clock: "ns",
    raisedTimes: 0,
    joins: 0,
    holes: { count: 0 },
  });
  expect(facts.leftOut.map(({ kind, lines }) => [kind, lines])).toEqual(left);
  expect((count / facts.durationNs) * 1e9).toBeCloseTo(meanHz, -1);
  for (let i = 0; i < count; i += 97)
    expect(encodeJson(capture.message(i).message)).toBe(capture.message(i).recorded!);
});
