import { closest, distance } from "fastest-levenshtein";
import { visible } from "../../schemas/visible.ts";

/**
 * A mistake of the user's: told in one line, without a stack trace, and answered with exit code 2.
 * The message names the flag, file or field, the rule and the value.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";

  constructor(message: string, options?: ErrorOptions) {
    super(visible(message), options);
  }
}

/** `; did you mean X?` for the nearest known name, or the list of names where none is near. */
export function hint(value: string, known: readonly string[]): string {
  if (known.length === 0) return "";
  const near = closest(value, [...known]);
  const close = distance(value, near) <= Math.max(2, Math.floor(near.length / 3));
  return close ? `; did you mean ${near}?` : `; known: ${known.join(", ")}`;
}

/** Says `flag: rule, got value` and where it can the nearest right name. */
export function unknownName(flag: string, what: string, value: string, known: readonly string[]): UsageError {
  return new UsageError(`${flag}: no ${what} matches "${value}"${hint(value, known)}`);
}
