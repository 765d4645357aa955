import { z } from "zod";
import { visible } from "./visible.ts";

/** What is wrong with a value that came from outside: the first thing that is. */
export interface ValidationError {
  readonly path: readonly PropertyKey[];
  /** `weights.memory: must be a number, got "1"`; the path is `(top level)` for the whole. */
  readonly text: string;
  /** Set where a field is the fault that nobody reads, for a hint at the one that was meant. */
  readonly unknownField: string | null;
}

type Issue = z.core.$ZodIssue;

/** Longest piece of a wrong value that is shown, in characters. */
const shownMax = 60;

/** Parses, or gives the first error: where, the rule and the value. */
export function validate<T>(
  schema: z.ZodType<T>,
  value: unknown,
): { readonly data: T } | { readonly error: ValidationError } {
  // Words of a schema's own come before these. A check made for each schema takes longer to make than a file takes to check without.
  const { data, error } = schema.safeParse(value, { error: ruleOf, jitless: true });
  return error === undefined ? { data } : { error: errorOf(error.issues, value) };
}

function errorOf(
  issues: readonly Issue[],
  value: unknown,
  above: readonly PropertyKey[] = [],
): ValidationError {
  const [issue] = issues;
  if (issue === undefined) throw new Error("a valid value has no error");
  const path = [...above, ...issue.path];
  const branch = issue.code === "invalid_union" ? furthest(issue.errors) : undefined;
  if (branch !== undefined) return errorOf(branch, value, path);
  const where = path.length === 0 ? "(top level)" : z.core.toDotPath(path);
  const unknownField = issue.code === "unrecognized_keys" ? (issue.keys[0] ?? null) : null;
  const text = unknownField === null ? withValue(issue.message, at(value, path)) : issue.message;
  // JSON leaves the control characters from U+0080 on as they are; U+009B begins an escape sequence of a terminal.
  return { path, text: visible(`${where}: ${text}`), unknownField };
}

/** `rule, got VALUE; fix`, where the words do not have the value already. */
function withValue(message: string, value: unknown): string {
  if (message.includes(", got ")) return message;
  const [rule = "", ...fix] = message.split("; ");
  return [`${rule}, got ${shown(value)}`, ...fix].join("; ");
}

/** Of a union's branches, the one that came furthest says why; none where all of them are of other kinds than the value. */
function furthest(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const [best] = branches.toSorted((a, b) => reach(b) - reach(a));
  return best === undefined || reach(best) === 0 ? undefined : best;
}

/** How far a branch came with the value: to one of its fields, to a rule for its kind, to a word of a list, or nowhere. */
function reach([first]: readonly Issue[]): number {
  if (first === undefined || (first.code === "invalid_type" && first.path.length === 0)) return 0;
  if (first.path.length > 0) return 3;
  return first.code === "invalid_value" ? 1 : 2;
}

/** The rule that an issue breaks, in words; undefined leaves it to zod. */
function ruleOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return issue.values.length === 1
        ? `must be ${JSON.stringify(issue.values[0])}`
        : `must be one of ${issue.values.join(", ")}`;
    case "too_small":
      return boundOf(issue.origin, issue.inclusive === false ? "more than" : "at least", issue.minimum);
    case "too_big":
      return boundOf(issue.origin, issue.inclusive === false ? "less than" : "at most", issue.maximum);
    case "unrecognized_keys":
      return `unknown field ${JSON.stringify(issue.keys[0])}`;
    case "invalid_union":
      return Array.isArray(issue.options) ? `must be one of ${issue.options.join(", ")}` : undefined;
    case "invalid_format":
      if (issue.format === "date") return "must be a date such as 2026-11-29";
      if (issue.format === "datetime") return "must be a date and time such as 2026-11-29T09:30:00Z";
      return issue.pattern === undefined ? undefined : `must match ${issue.pattern}`;
    default:
      return undefined;
  }
}

const kinds: Readonly<Record<string, string>> = {
  int: "a whole number",
  string: "a string",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function boundOf(origin: string, side: string, limit: number | bigint): string {
  if (origin !== "string" && origin !== "array") return `must be ${side} ${limit}`;
  if (side === "at least" && limit === 1) return "must not be empty";
  return `must have ${side} ${limit} ${origin === "string" ? "characters" : "entries"}`;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null)?.[key], value);
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length <= shownMax ? text : `${text.slice(0, shownMax)}…`;
}
