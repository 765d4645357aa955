import { dirname, resolve } from "node:path";
import { z } from "zod";
import { readSettings, UnreadableFileError } from "../../reports/whole-file.ts";
import { paths } from "../../schemas/endpoint.ts";
import { type ValidationError, validate } from "../../schemas/validation.ts";
import {
  type CustomCandidate,
  checkCustomCandidate,
  customCandidate,
} from "../candidates/custom/custom-candidate.ts";
import { hint, UsageError } from "./usage-error.ts";

/** A list is written as one, or with commas as on the command line. */
const list = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat().join(","));
const repeated = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const scalar = z.union([z.string(), z.number()]).transform(String);
const flag = z.boolean();

/**
 * The flags by their long names in camelCase, and the user's own servers. Values are checked as the flags' are. Made for who reads a
 * file: most command lines name none.
 */
const schemaOf = () =>
  z
    .strictObject({
      profile: z.string(),
      /** Globs and sets as on the command line, and the user's servers. */
      candidates: z.array(
        z.union([z.string(), customCandidate], "must be a glob, a set or a server of your own"),
      ),
      runtime: list,
      package: list,
      workloads: list,
      codec: list,
      tls: list,
      deflate: list,
      serverCores: list,
      payload: list,
      subscribers: list,
      rounds: scalar,
      soak: scalar,
      why: flag,
      /** Known so that it is answered as the flag is: with what has taken its place. */
      adaptive: flag,
      seed: scalar,
      feed: z.string(),
      connections: scalar,
      feedRate: scalar,
      symbols: scalar,
      zipf: scalar,
      feedStream: scalar,
      threshold: scalar,
      equalWithin: scalar,
      slowConsumer: z.string(),
      report: list,
      policy: z.string(),
      baseline: z.string(),
      failOn: z.string(),
      slo: repeated,
      assert: repeated,
      out: z.string(),
      processPerTrial: flag,
      pathNode: flag,
      port: scalar,
      loadCores: scalar,
      agents: scalar,
      redis: z.string(),
      target: z.string(),
      force: flag,
      wait: scalar,
      keepGoing: flag,
      keepDisturbed: flag,
      json: flag,
      quiet: flag,
      wide: flag,
      indent: flag,
    })
    .partial();

/** Flags that say what to do this once, which a file is not for. */
const commandLineOnly = ["config", "resume", "endWithStdin", "debug", "debugEnv", "inspect", "frames"];

/** What a config file says. */
export interface Config {
  readonly file: string;
  /** Values of flags by their camelCase names, as the command line would give them. */
  readonly flags: Readonly<Record<string, string | boolean | readonly string[]>>;
  readonly candidates: readonly CustomCandidate[];
}

/** Reads a config file. Throws UsageError with the path of the wrong field. */
export function readConfig(file: string): Config {
  let value: unknown;
  try {
    value = readSettings(file);
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    throw new UsageError(`--config: ${file}: must be a readable JSON file, got: ${error.message}`);
  }
  const parsed = validate(schemaOf(), value);
  if ("error" in parsed) throw new UsageError(`--config: ${file}: ${textOf(parsed.error)}`);
  const { candidates = [], ...rest } = parsed.data;
  const globs = candidates.filter((c) => typeof c === "string");
  const custom = candidates.flatMap((c, i) =>
    typeof c === "string"
      ? []
      : [checkCustomCandidate(c, dirname(resolve(file)), `--config: ${file}: candidates[${i}]`)],
  );
  const flags: Record<string, string | boolean | readonly string[]> = {};
  for (const [name, given] of Object.entries(rest)) if (given !== undefined) flags[name] = given;
  if (globs.length > 0) flags.candidates = globs.join(",");
  return { file, flags, candidates: custom };
}

/** The error, and of a misspelt field the nearest one that there is. */
function textOf({ path, text, unknownField }: ValidationError): string {
  if (unknownField === null) return text;
  if (path.length === 0 && unknownField === "candidate") {
    return `${text}; put your own servers into candidates`;
  }
  if (path.length === 0 && commandLineOnly.includes(unknownField)) {
    return `${text}; it can only be given on the command line`;
  }
  return `${text}${hint(unknownField, fieldsAt(path))}`;
}

/** The fields that there are where a error points. */
function fieldsAt(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(schemaOf().shape);
  return Object.keys(path.includes("paths") ? paths.shape : customCandidate.shape);
}
