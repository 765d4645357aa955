import { gunzipSync } from "node:zlib";
import { readWholeFile, UnreadableFileError } from "../../reports/whole-file.ts";
import type { RecordingFacts } from "../../schemas/feed.ts";
import { CaptureError } from "./error.ts";
import { type ReceiveTime, timeRule } from "./receive-time.ts";
import { readRecordedLine } from "./recorded-line.ts";
import type { FeedMessage } from "./source.ts";
import { timelineOf } from "./timeline.ts";

/** A recording of a market-data connection, as it is replayed. */
export interface Capture {
  /** Receive times, ns from the first message, never falling, with holes taken out. */
  atNs: Float64Array;
  /** Message `i`, read from the file's bytes each time. */
  message(i: number): FeedMessage;
  facts: RecordingFacts;
}

const bytesMax = 2 ** 30;
const lineBytesMax = 16 * 2 ** 20;
const newline = 0x0a;
const utf8 = new TextDecoder("utf-8", { fatal: true });
const lineRule = `must contain market messages, one a line as \`<receive time> <JSON frame>\`, with ${timeRule}`;

/**
 * Reads a capture: a line a frame, plain or gzip, as `readRecordedLine` takes them. Lines that are no market message are left
 * out and counted by kind. Receive times are an arrival schedule and nothing else: the recorder's clock is not the
 * exchange's. `stream` is for frames that name none. Keeps the file's bytes, of which there may be 1 GiB, and 24 bytes a message.
 * Throws CaptureError for a file that cannot be read, has times of two units, or holds nothing to replay.
 */
export async function readCapture(file: string, stream: string | null = null): Promise<Capture> {
  const unpacked = withoutMark(file, unpack(file, readBytes(file)));
  // A Buffer is searched natively, a plain array byte by byte.
  const bytes = Buffer.from(unpacked.buffer, unpacked.byteOffset, unpacked.byteLength);
  const starts: number[] = [];
  const ends: number[] = [];
  const times: number[] = [];
  const left = new LeftOut();
  let first: ReceiveTime | null = null;
  let digits = 0;
  let lines = 0;
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(newline, start);
    const end = found < 0 ? bytes.length : found;
    lines++;
    const read = readBytesOfLine(bytes.subarray(start, end), stream);
    if ("leftOut" in read) left.add(read.leftOut, lines, read.reason);
    else {
      const { time } = read;
      first ??= time;
      if (time.unit !== first.unit) {
        const rule = `receive time: must be in ${first.unit} as on the lines before, since one file has one unit; convert it`;
        throw new CaptureError(file, lines, rule, `one in ${time.unit}`);
      }
      digits = Math.max(digits, time.digits);
      starts.push(start);
      ends.push(end);
      times.push((time.seconds - first.seconds) * 1e9 + (time.nanos - first.nanos));
    }
    start = end + 1;
  }
  if (first === null) throw nothingLeft(file, bytes, left, lines);
  const resolutionNs = 10 ** (9 - digits);
  const textOf = (i: number) => bytes.subarray(starts[i], ends[i]);
  const same = (a: number, b: number) => Buffer.compare(textOf(a), textOf(b)) === 0;
  const { order, atNs, ...timeline } = timelineOf(Float64Array.from(times), resolutionNs, same);
  if ((atNs.at(-1) ?? 0) === 0) {
    const rule = "must contain messages received at two times or more";
    throw new CaptureError(file, null, rule, `${atNs.length} at one`);
  }
  return {
    atNs,
    message: (i) => {
      const read = readBytesOfLine(textOf(order[i]!), stream);
      if ("leftOut" in read)
        throw new Error(`line of message ${i} has changed since it was read: ${read.leftOut}`);
      return read.message;
    },
    facts: {
      file,
      lines,
      messages: atNs.length,
      durationNs: atNs.at(-1)!,
      clock: first.unit,
      resolutionNs,
      raisedTimes: timeline.raised,
      joins: timeline.joins,
      duplicates: timeline.duplicates,
      holes: timeline.holes,
      leftOut: left.kinds(),
    },
  };
}

function readBytesOfLine(bytes: Uint8Array, stream: string | null) {
  if (bytes.length > lineBytesMax)
    return { leftOut: `line of over ${lineBytesMax / 2 ** 20} MiB`, reason: null };
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { leftOut: "bytes that are not UTF-8", reason: null };
  }
  return readRecordedLine(text, stream);
}

/** Lines that are left out, by kind: a file cannot create more kinds than are distinguished here. */
class LeftOut {
  readonly #kinds = new Map<string, RecordingFacts["leftOut"][number]>();

  add(kind: string, line: number, reason: string | null): void {
    const key = this.#kinds.has(kind) || this.#kinds.size < 30 ? kind : "of further kinds";
    const known = this.#kinds.get(key);
    if (known !== undefined) known.lines++;
    else
      this.#kinds.set(key, { kind: key, lines: 1, firstLine: line, reason: reason?.slice(0, 200) ?? null });
  }

  kinds(): RecordingFacts["leftOut"] {
    return [...this.#kinds.values()].toSorted((a, b) => b.lines - a.lines);
  }
}

function readBytes(file: string): Uint8Array {
  const rule = "must be a readable file of lines, plain or gzip";
  try {
    const bytes = readWholeFile(file, bytesMax);
    if (bytes.length === 0) throw new CaptureError(file, null, "must hold messages", "an empty file");
    return bytes;
  } catch (error) {
    if (error instanceof UnreadableFileError) throw new CaptureError(file, null, rule, error.message);
    throw error;
  }
}

/** What else a file may be packed with, by its first bytes. */
const packers: readonly (readonly [string, readonly number[]])[] = [
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
  ["lz4", [0x04, 0x22, 0x4d, 0x18]],
];

function unpack(file: string, bytes: Uint8Array): Uint8Array {
  const begins = (...magic: readonly number[]) => magic.every((byte, i) => bytes[i] === byte);
  if (begins(0x1f, 0x8b)) return gunzip(file, bytes);
  const packer = packers.find(([, magic]) => begins(...magic));
  if (packer === undefined) return bytes;
  throw new CaptureError(
    file,
    null,
    "must be plain or gzip; unpack it first",
    `a file packed with ${packer[0]}`,
  );
}

function gunzip(file: string, bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: bytesMax });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const rule = `must be a whole gzip file of at most ${bytesMax} bytes unpacked (record or copy it again)`;
    throw new CaptureError(file, null, rule, reason);
  }
}

/** The bytes behind a byte order mark. */
function withoutMark(file: string, bytes: Uint8Array): Uint8Array {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return bytes.subarray(3);
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (wide) throw new CaptureError(file, null, "must be UTF-8; convert it", "UTF-16");
  return bytes;
}

function nothingLeft(file: string, bytes: Uint8Array, left: LeftOut, lines: number): CaptureError {
  const kinds = left.kinds();
  const examples = kinds.slice(0, 3).map(({ kind, lines: count }) => `${count} × ${kind}`);
  const reason = kinds.find((kind) => kind.reason !== null);
  const worst = reason ?? kinds[0];
  const why = reason === undefined ? "" : `, ${reason.reason}`;
  const head = new TextDecoder().decode(bytes.subarray(0, 60));
  const got = lines === 0 ? "no lines" : `${examples.join(", ")}${why}: ${JSON.stringify(head)}`;
  return new CaptureError(file, worst?.firstLine ?? null, lineRule, got);
}
