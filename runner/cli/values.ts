import { homedir } from "node:os";
import { join } from "node:path";
import { hasWholeBraces, splitGlobs } from "../../schemas/glob.ts";
import { nearName, UsageError } from "./usage-error.ts";

/** A value as it was given: every reader below takes what a sensible person types, or names the right form. */
export type Raw = string | boolean | readonly string[] | undefined;

/** The text of a value; empty where it has none. */
export function text(value: Raw): string {
  return typeof value === "string" ? value.trim() : "";
}

/** A path, `~` at its beginning being the home folder: behind `=` no shell writes it out. */
export function path(value: Raw): string {
  const given = typeof value === "string" ? value : "";
  return given === "~" || given.startsWith("~/") ? join(homedir(), given.slice(1)) : given;
}

/** A list with commas or spaces between its items. */
export function list(flag: string, value: Raw): string[] {
  const items = splitGlobs(typeof value === "string" ? value : "");
  if (items.length === 0)
    throw new UsageError(`${flag}: must name at least one, got ${JSON.stringify(value)}`);
  const open = items.find((item) => !hasWholeBraces(item));
  if (open !== undefined) throw new UsageError(`${flag}: must close its braces, got ${open}`);
  return items;
}

/** One of several names, however it is capitalised. `meant` gives the right name, or a whole remark, for what others call it. */
export function oneOf<T extends string>(
  flag: string,
  value: string,
  known: readonly T[],
  meant: Readonly<Record<string, string>> = {},
): T {
  const lower = value.toLowerCase();
  const found = known.find((k) => k === lower);
  if (found !== undefined) return found;
  throw new UsageError(
    `${flag}: must be one of ${known.join(", ")}, got ${value}${remark(value, known, Object.hasOwn(meant, lower) ? meant[lower] : undefined)}`,
  );
}

function remark(value: string, known: readonly string[], meant: string | undefined): string {
  if (meant !== undefined && !known.includes(meant)) return `; ${meant}`;
  // The list of names stands in the message already.
  const near = meant ?? nearName(value, known);
  return near === null ? "" : `; did you mean ${near}?`;
}

/** A whole number, decimal or with 0x. */
export function integer(flag: string, value: Raw, min: number, max: number): number {
  const given = text(value);
  const n = /^(?:[+-]?\d+|0x[\da-f]+)$/i.test(given) ? Number(given) : Number.NaN;
  return within(flag, given, n, { min, max, whole: true });
}

/** A number, with the signs that `units` allows behind it (a pattern): `5%`, `2x`. */
export function number(flag: string, value: Raw, min: number, max: number, units?: RegExp): number {
  const given = text(value);
  const bare = units === undefined ? given : given.replace(new RegExp(`\\s*(?:${units.source})$`), "");
  const n = bare === "" ? Number.NaN : Number(bare);
  return within(flag, given, n, { min, max, whole: false });
}

const unitMs: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 3.6e6 };

/** A length of time, `30s`, `10m`, `1.5h` or `10 min`, in whole ms. */
export function duration(flag: string, value: Raw, minMs: number, maxMs: number): number {
  const given = text(value);
  const [, count, unit = ""] = /^(\d+(?:\.\d+)?)\s*(s|m|h)(?:ec|in|r)?$/i.exec(given) ?? [];
  const ms = Math.round(Number(count) * (unitMs[unit.toLowerCase()] ?? Number.NaN));
  if (ms >= minMs && ms <= maxMs) return ms;
  const bare = /^\d+(?:\.\d+)?$/.test(given) ? `; did you mean ${given}m?` : "";
  throw new UsageError(
    `${flag}: must be a time of ${minMs / 1e3}s..${maxMs / 3.6e6}h such as 10m, got ${given}${bare}`,
  );
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
}

function within(flag: string, given: string, n: number, range: Range): number {
  const { min, max, whole } = range;
  const fits = (one: number) => one >= min && one <= max && (!whole || Number.isInteger(one));
  if (fits(n)) return n;
  // A unit, a decimal comma or an address around it: the number is what was meant.
  const inside = given.replace(/(\d),(\d)/g, whole ? "$1$2" : "$1.$2").match(/\d+(?:\.\d+)?/g) ?? [];
  const meant = inside.map(Number).findLast(fits);
  const signed = /^[+-]\d/.test(given);
  const suggestion = meant === undefined || signed || !Number.isNaN(n) ? "" : `; did you mean ${meant}?`;
  throw new UsageError(`${flag}: must be ${min}..${max}, got ${given}${suggestion}`);
}
