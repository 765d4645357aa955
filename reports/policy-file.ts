import { existsSync } from "node:fs";
import { type Policy, policy as policySchema } from "../schemas/policy.ts";
import { validate } from "../schemas/validation.ts";
import { CommandError } from "./command-error.ts";
import { policies, policyByName } from "./policies.ts";
import { readSettings, UnreadableFileError } from "./whole-file.ts";

/** A policy by its name, or from a file (docs/POLICY.md). Throws CommandError with one line that names the file and the field. */
export function readPolicy(nameOrFile: string): Policy {
  const named = policyByName(nameOrFile);
  if (named !== undefined) return named;
  if (!existsSync(nameOrFile)) {
    const names = policies.map((p) => p.name).join(", ");
    throw new CommandError(
      `--policy: must be ${names} or the path of a policy file, got ${nameOrFile}; no such file`,
    );
  }
  let value: unknown;
  try {
    value = readSettings(nameOrFile);
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    throw new CommandError(`--policy: ${nameOrFile}: must be a readable JSON file, got: ${error.message}`);
  }
  const parsed = validate(policySchema, value);
  if ("error" in parsed) throw new CommandError(`--policy: ${nameOrFile}: ${parsed.error.text}`);
  return parsed.data;
}
