import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { CommandError } from "../../reports/command-error.ts";
import { parseReport, ReportFormatError } from "../../reports/json.ts";
import { policies } from "../../reports/policies.ts";
import { readPolicy } from "../../reports/policy-file.ts";
import { parseArgs } from "../../runner/cli/args.ts";
import { readConfig } from "../../runner/cli/config.ts";
import { UsageError } from "../../runner/cli/usage-error.ts";
import { readCapture } from "../../runner/feed/capture.ts";
import { CaptureError } from "../../runner/feed/error.ts";
import { readRecordedLine } from "../../runner/feed/recorded-line.ts";
import { planFrom } from "../../runner/fixtures/planned.ts";
import { recordOf } from "../../runner/fixtures/scripted-run.ts";
import { makePlan } from "../../runner/plan/plan.ts";
import { readEventLog } from "../../runner/record/event-log.ts";
import { CodecError } from "../../schemas/codec/error.ts";
import { decodeJson, encodeJson, jsonStreamOf, sequenceMember } from "../../schemas/codec/json.ts";
import { encodeSbe } from "../../schemas/codec/sbe.ts";
import { toSpot } from "../../schemas/codec/spot.ts";
import { runEvent } from "../../schemas/event.ts";
import { inventedHost } from "../../schemas/fixtures/host.ts";
import type { Random } from "../../stats/random.ts";
import { answered, type Door, mustBe } from "./fuzz.ts";
import { mutateBytes, mutateJson, pick } from "./mutate.ts";

const text = new TextEncoder();
const plain = new TextDecoder();

const E = 1_700_000_000_123;
const levels = [
  ["1.0", "2.0"],
  ["0.9", "3", []],
];
/** Frames in the shapes that recordings have, with made-up prices. */
const recordedFrames: readonly object[] = [
  {
    stream: "btcusdt@trade",
    data: { e: "trade", E, s: "BTCUSDT", t: 5, p: "100.10", q: "0.5", b: 1, a: 2, T: E, m: true, M: true },
  },
  { stream: "btcusdt@bookTicker", data: { u: 7, s: "BTCUSDT", b: "1.10", B: "2.0", a: "1.20", A: "3.0" } },
  {
    e: "depthUpdate",
    E: E * 1000,
    T: E,
    s: "BTCUSD_PERP",
    ps: "BTCUSD",
    U: 5,
    u: 9,
    pu: 4,
    b: levels,
    a: [],
  },
  { lastUpdateId: 7, E, T: E, bids: levels, asks: levels },
  { stream: "btcusdt@depth20@100ms", data: { lastUpdateId: 7, bids: levels, asks: levels } },
  { stream: "btcusdt@aggTrade", data: { e: "aggTrade", s: "BTCUSDT" } },
  { result: null, id: 1 },
];
const times = [
  "1700000000",
  "1700000000.123456",
  "1700000000123",
  "1700000000123456",
  "1700000000123456789",
  "2023-11-14T22:13:20.1234567Z",
];

function recordedLine(random: Random, time: string): Uint8Array {
  const frame = pick(random, recordedFrames);
  const changed = JSON.stringify(random.below(2) === 0 ? mutateJson(random, frame) : frame) ?? "";
  const by = pick(random, [" ", "\t", ",", ";"]);
  const line = text.encode(
    random.below(8) === 0
      ? `{"localTimestamp":"${time}","message":${changed}}`
      : `${time}${by}${random.below(8) === 0 ? `"${changed.replaceAll('"', '""')}"` : changed}`,
  );
  return random.below(3) === 0 ? mutateBytes(random, line) : line;
}

/** A line that is taken must be a message that the market schema has, in both forms in which it is sent. */
const lineDoor: Door = {
  name: "capture lines",
  try(random) {
    const stream = pick(random, [null, "btcusdt@depth20", "btcusdt@trade"]);
    const read = readRecordedLine(plain.decode(recordedLine(random, pick(random, times))), stream);
    if ("leftOut" in read) {
      if (/[^\x20-\x7e]/.test(read.leftOut)) throw new Error(`a kind named ${JSON.stringify(read.leftOut)}`);
      return;
    }
    const { message, recorded } = read.message;
    const again = decodeJson(encodeJson(message, 3)).message;
    if (!Bun.deepEquals(again, message)) throw new Error(`comes back as ${JSON.stringify(again)}`);
    answered([CodecError], () => encodeSbe(toSpot(message), 3));
    if (recorded === null) return;
    const sent = sequenceMember(3) + recorded.slice(1);
    JSON.parse(sent);
    if (jsonStreamOf(sent) !== message.stream) throw new Error(`goes out as ${jsonStreamOf(sent)}`);
  },
};

/** A door that reads its own file; `every` of its turns does, since files cost. */
function fileDoor(
  name: string,
  every: number,
  read: (random: Random, file: string) => void | Promise<void>,
): Door {
  const folder = mkdtempSync(join(tmpdir(), "tickbench-fuzz-"));
  let turn = 0;
  return {
    name,
    try: (random) => (turn++ % every === 0 ? read(random, join(folder, "file")) : undefined),
    close: () => rmSync(folder, { recursive: true }),
  };
}

const captureFiles = () =>
  fileDoor("capture files", 20, async (random, file) => {
    const time = pick(random, times);
    const lines = Array.from({ length: random.below(12) }, () =>
      recordedLine(random, random.below(20) === 0 ? pick(random, times) : time),
    );
    const all = Buffer.concat(
      lines.flatMap((line) => [line, text.encode(pick(random, ["\n", "\n", "\r\n"]))]),
    );
    const packed = random.below(3) === 0 ? gzipSync(all) : all;
    writeFileSync(file, random.below(4) === 0 ? mutateBytes(random, packed) : packed);
    try {
      const { atNs, message, facts } = await readCapture(
        file,
        random.below(2) === 0 ? null : "btcusdt@depth20",
      );
      for (let i = 0; i < atNs.length; i++) {
        message(i);
        if (i > 0 && !(atNs[i]! >= atNs[i - 1]!)) throw new Error(`time ${i} falls`);
      }
      if (facts.messages !== atNs.length) throw new Error(`${facts.messages} messages of ${atNs.length}`);
    } catch (error) {
      mustBe([CaptureError], error);
    }
  });

/** Text of a JSON file: a valid value with members changed, or its bytes. */
function jsonText(random: Random, value: unknown): Uint8Array {
  const whole = text.encode(JSON.stringify(random.below(4) === 0 ? value : mutateJson(random, value)));
  return random.below(3) === 0 ? mutateBytes(random, whole) : whole;
}

const policyFiles = () =>
  fileDoor("policies", 2, (random, file) => {
    writeFileSync(file, jsonText(random, pick(random, policies)));
    answered([CommandError], () => readPolicy(file));
  });

const config = {
  profile: "smoke",
  candidates: [
    "bun/*",
    { name: "mine", command: ["node", "server.mjs"], env: { A: "1" }, paths: { feed: "/ws" } },
  ],
  workloads: "feed",
  rounds: 4,
  feed: "synthetic:burst",
  feedRate: 10,
  slo: ["p99<5ms@50000"],
  quiet: true,
};

const configFiles = () =>
  fileDoor("configs", 2, (random, file) => {
    writeFileSync(file, jsonText(random, config));
    answered([UsageError], () => readConfig(file));
    answered([UsageError], () => {
      const invocation = parseArgs(["--config", file], "0");
      if (invocation.kind === "run") makePlan(invocation.options);
    });
  });

function eventFiles(): Door {
  const of = "--candidates bun/serve --workloads feed/json/passthrough/send* --rounds 1";
  const plan = planFrom(...of.split(" "));
  const at = "2026-03-04T09:30:00.000Z";
  const start = runEvent.options.find((option) => option.shape.type.value === "run-started");
  const eventVersion: unknown =
    start !== undefined && "eventVersion" in start.shape ? start.shape.eventVersion.value : null;
  const started = {
    type: "run-started",
    at,
    eventVersion,
    runId: "fuzz",
    argv: [],
    toolVersion: "0",
    host: inventedHost,
    clockResolutionNs: 40,
    plan,
  };
  runEvent.parse(started);
  const events: readonly unknown[] = [started, ...recordOf({ plan })];
  return fileDoor("event records", 4, (random, file) => {
    const folder = `${file}.run`;
    mkdirSync(folder, { recursive: true });
    const changed = random.below(events.length);
    const lines = events.map((event, i) =>
      i === changed ? jsonText(random, event) : text.encode(JSON.stringify(event)),
    );
    writeFileSync(
      join(folder, "events.ndjson"),
      Buffer.concat(lines.flatMap((line) => [line, text.encode("\n")])),
    );
    answered([UsageError], () => readEventLog(folder));
  });
}

function reportTexts(): Door {
  const whole = readFileSync(join(import.meta.dir, "..", "golden", "report.json"), "utf8");
  const value = JSON.parse(whole) as unknown;
  let turn = 0;
  return {
    name: "reports",
    try(random) {
      // A report takes as long to read as a thousand lines.
      if (turn++ % 200 !== 0) return;
      const changed = plain.decode(jsonText(random, value));
      answered([ReportFormatError], () => parseReport(changed, "report.json"));
    },
  };
}

/** What a file holds. */
export function fileDoors(): Door[] {
  return [lineDoor, captureFiles(), policyFiles(), configFiles(), eventFiles(), reportTexts()];
}
