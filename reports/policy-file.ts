import { existsSync, readFileSync } from "node:fs";
import { parseOrComplain } from "../schemas/complaint.ts";
import { type Policy, policy as policySchema } from "../schemas/policy.ts";
import { CommandError } from "./command.ts";
import { policies, policyByName } from "./policies.ts";

/** A policy by its name, or from a file (docs/POLICY.md). Throws CommandError with one line that names the file and the field. */
export function readPolicy(nameOrFile: string): Policy {
  const named = policyByName(nameOrFile);
  if (named !== undefined) return named;
  if (!existsSync(nameOrFile)) {
    const names = policies.map((p) => p.name).join(", ");
    throw new CommandError(
      `--policy: must be ${names} or the path of a policy file, got ${nameOrFile}; there is no such file`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(nameOrFile, "utf8"));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(`--policy: ${nameOrFile}: must be a readable JSON file, got: ${why}`);
  }
  const parsed = parseOrComplain(policySchema, value);
  if ("complaint" in parsed) throw new CommandError(`--policy: ${nameOrFile}: ${parsed.complaint.text}`);
  return parsed.data;
}
