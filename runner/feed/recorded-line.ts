import { jsonStreamOf } from "../../schemas/codec/json.ts";
import { readRecorded } from "../../schemas/recorded.ts";
import { parseReceiveTime, type ReceiveTime } from "./receive-time.ts";
import type { FeedMessage } from "./source.ts";

/** What a line of a recording holds: a message with its receive time, or something that is left out and counted. */
export type RecordedLine =
  | { readonly time: ReceiveTime; readonly message: FeedMessage }
  | { readonly leftOut: string; readonly reason: string | null };

/**
 * Reads `<receive time> <frame>`, with a space, a tab, a comma or a semicolon between them, the frame quoted or not as CSV
 * has it; and `{"localTimestamp": <receive time>, "message": <frame>}`. `stream` is for frames that name none.
 */
export function readRecordedLine(line: string, stream: string | null): RecordedLine {
  // CSV may quote the time as well.
  const text = line.trim().replace(/^"([^"{]*)"(?=[\s,;])/, "$1");
  if (text === "") return leftOut("blank line");
  const parts = split(text);
  if (parts === null)
    return leftOut(text.startsWith("{") ? "frame without a receive time" : "line without a receive time");
  const time = parseReceiveTime(parts.time);
  if (time === null)
    return {
      leftOut: "line without a receive time",
      reason: `receive time: ${JSON.stringify(parts.time.slice(0, 40))}`,
    };
  const frame = typeof parts.frame === "string" ? parsed(parts.frame) : { value: parts.frame, text: null };
  if (frame === null) return leftOut("frame that is not JSON");
  const recorded = readRecorded(frame.value, stream);
  if ("leftOut" in recorded) return recorded;
  return { time, message: { message: recorded.message, recorded: asSent(frame, recorded.message.stream) } };
}

function leftOut(kind: string): RecordedLine {
  return { leftOut: kind, reason: null };
}

/** The time, and the frame as text; as a value where the whole line is one JSON object. */
function split(text: string): { time: string; frame: string | object } | null {
  if (text.startsWith("{")) {
    const whole = parsed(text)?.value;
    if (typeof whole !== "object" || whole === null || !("message" in whole)) return null;
    const time =
      "localTimestamp" in whole
        ? whole.localTimestamp
        : "local_timestamp" in whole
          ? whole.local_timestamp
          : null;
    if (typeof time !== "string" && typeof time !== "number") return null;
    return typeof whole.message === "string" || (typeof whole.message === "object" && whole.message !== null)
      ? { time: String(time), frame: whole.message }
      : null;
  }
  const start = text.search(/["{[]/);
  if (start < 0) {
    const [time = "", ...rest] = text.split(/[\s,;]+/);
    return parseReceiveTime(time) === null ? null : { time, frame: rest.join(" ") };
  }
  const time = text.slice(0, start).replace(/[\s,;]+$/, "");
  const frame = text.slice(start);
  if (time === "") return null;
  const quoted = frame.startsWith('"') && frame.endsWith('"') && frame.length > 1;
  return { time, frame: quoted ? frame.slice(1, -1).replaceAll('""', '"') : frame };
}

/** A frame's value and its own text; the text is null where there is none. */
interface Frame {
  readonly value: unknown;
  readonly text: string | null;
}

function parsed(text: string): Frame | null {
  try {
    return { value: JSON.parse(text) as unknown, text };
  } catch {
    return null;
  }
}

/** The frame as it goes to a gateway that passes bytes through, before its sequence: its own text, in the combined wrapper. */
function asSent({ value, text }: Frame, stream: string): string | null {
  if (typeof value !== "object" || value === null) return null;
  if (!("stream" in value && "data" in value))
    return `{"stream":"${stream}","data":${text ?? JSON.stringify(value)}}`;
  // One that was recorded behind a gateway of ours has a sequence already.
  const wrapped = text !== null && !("n" in value) ? text : null;
  if (wrapped !== null && value.stream === stream && jsonStreamOf(wrapped) === stream) return wrapped;
  return `{"stream":"${stream}","data":${JSON.stringify(value.data)}}`;
}
