/** How a file writes its receive times: the digits of a count since the epoch, or a date. */
export type ClockUnit = "s" | "ms" | "µs" | "ns" | "ISO 8601";

/** A receive time as two whole numbers, which a double holds exactly. */
export interface ReceiveTime {
  unit: ClockUnit;
  seconds: number;
  /** 0..999,999,999. */
  nanos: number;
  /** Digits behind the second that were written: 0 for whole seconds, 9 for nanoseconds. */
  digits: number;
}

const units: Partial<Record<number, ClockUnit>> = { 10: "s", 13: "ms", 16: "µs", 19: "ns" };
export const timeRule = "a receive time of 10, 13, 16 or 19 digits (s, ms, µs, ns since 1970) or in ISO 8601";

const iso = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))?$/;
const count = /^(\d+)(?:\.(\d{1,9}))?$/;

/** Reads `1700000000123`, `1700000000.123456` or `2023-11-14T22:13:20.123456Z`; null for what is none of them. */
export function parseReceiveTime(text: string): ReceiveTime | null {
  const [, whole, fraction = ""] = count.exec(text) ?? [];
  if (whole !== undefined) {
    const unit = units[whole.length];
    if (unit === undefined) return null;
    const behind = (whole.slice(10) + fraction).slice(0, 9);
    return {
      unit,
      seconds: Number(whole.slice(0, 10)),
      nanos: Number(behind.padEnd(9, "0")),
      digits: behind.length,
    };
  }
  const parts = iso.exec(text);
  if (parts === null) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(ms);
  // `Date.UTC` would take February 30th for March 1st.
  if (
    back.getUTCMonth() !== month - 1 ||
    back.getUTCDate() !== day ||
    hour > 23 ||
    minute > 59 ||
    second > 59
  )
    return null;
  const offset =
    parts[8] === undefined ? 0 : (parts[8] === "-" ? -60 : 60) * (Number(parts[9]) * 60 + Number(parts[10]));
  const behind = parts[7] ?? "";
  return {
    unit: "ISO 8601",
    seconds: ms / 1000 - offset,
    nanos: Number(behind.padEnd(9, "0")),
    digits: behind.length,
  };
}
