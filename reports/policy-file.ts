import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { type Policy, policy as policySchema } from "../schemas/policy.ts";
import { CommandError } from "./command.ts";
import { policies, policyByName } from "./policies.ts";

/** A policy by its name, or from a file (docs/POLICY.md). Throws CommandError with one line that names the file and the field. */
export function readPolicy(nameOrFile: string): Policy {
  const named = policyByName(nameOrFile);
  if (named !== undefined) return named;
  if (!existsSync(nameOrFile)) {
    const names = policies.map((p) => p.name).join(", ");
    throw new CommandError(`--policy: must be ${names} or a file, got ${nameOrFile}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(nameOrFile, "utf8"));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(`--policy: ${nameOrFile}: must be a readable JSON file, got: ${why}`);
  }
  const parsed = policySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue === undefined || issue.path.length === 0 ? "(top level)" : z.core.toDotPath(issue.path);
  throw new CommandError(`--policy: ${nameOrFile}: ${path}: ${issue?.message ?? "is not a policy"}`);
}
