import { closest, distance } from "fastest-levenshtein";
import { visible } from "../../schemas/visible.ts";

/**
 * A mistake of the user: printed in one line, without a stack trace, exit code 2.
 * The message names the flag, file or field, the rule and the value.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";

  constructor(message: string, options?: ErrorOptions) {
    super(visible(message), options);
  }
}

/** The known name that a wrong one is near to; null where none is near. */
export function nearName(value: string, known: readonly string[]): string | null {
  if (known.length === 0) return null;
  const near = closest(value, [...known]);
  return isNear(value, near) ? near : null;
}

/** A third of a name may be wrong, and at most three letters; of `node/ws` a third of each part. */
function isNear(value: string, name: string): boolean {
  const [got, parts] = [value.split("/"), name.split("/")];
  const room = (part: string) => Math.min(3, Math.ceil(part.length / 3));
  return got.length === parts.length
    ? parts.every((part, i) => distance(got[i] ?? "", part) <= room(part))
    : distance(value, name) <= room(name);
}

/** `; did you mean X?` for the nearest known name, or the list of names where none is near. */
export function hint(value: string, known: readonly string[]): string {
  if (known.length === 0) return "";
  const near = nearName(value, known);
  return near === null ? `; known: ${known.join(", ")}` : `; did you mean ${near}?`;
}

/** Says `flag: rule, got value` and where it can the nearest right name. */
export function unknownName(flag: string, what: string, value: string, known: readonly string[]): UsageError {
  return new UsageError(`${flag}: no ${what} matches "${value}"${hint(value, known)}`);
}
