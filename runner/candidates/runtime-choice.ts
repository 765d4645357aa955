import { isAbsolute, resolve } from "node:path";
import { runtimeNames } from "../../schemas/names.ts";
import type { RuntimeChoice, RuntimeName } from "../../schemas/plan.ts";
import { hint, UsageError } from "../cli/usage-error.ts";
import { thisHost, versionIn } from "../process/runtimes.ts";

/** One build of a runtime that the user asked for. */
export interface NamedRuntime {
  readonly runtime: RuntimeName;
  /** Distinguishes it from other builds in a candidate's name: `node/ws@24`. */
  readonly label: string;
  readonly choice: RuntimeChoice;
}

/** Reads the items of --runtime: `node@24`, `bun@1.3`, `node=/usr/bin/node`. Throws UsageError. */
export function parseRuntimes(
  items: readonly string[],
  versionOf: (path: string) => string | null = thisHost.versionOf,
): NamedRuntime[] {
  const named = items.map((item) => parseRuntime(item, versionOf));
  for (const [i, one] of named.entries()) {
    if (named.slice(0, i).some((other) => other.runtime === one.runtime && other.label === one.label)) {
      throw new UsageError(`--runtime: must name each version once, got ${one.runtime}@${one.label} twice`);
    }
  }
  // The oldest first: what upgrading brings is compared with it.
  return named.toSorted((a, b) => a.runtime.localeCompare(b.runtime) || byVersion(a.label, b.label));
}

function parseRuntime(item: string, versionOf: (path: string) => string | null): NamedRuntime {
  const match = /^([a-z]+)(?:@(\d+(?:\.\d+){0,2})|=(.+))$/.exec(item);
  const runtime = runtimeNames.find((name) => name === match?.[1]);
  if (match === null || runtime === undefined) {
    const known = match === null ? "" : hint(match[1] ?? "", runtimeNames);
    throw new UsageError(
      `--runtime: must be RUNTIME@VERSION or RUNTIME=PATH, as node@24 or node=/usr/bin/node, got ${item}${known}`,
    );
  }
  const [, , line, file] = match;
  if (line !== undefined) {
    if (runtime === "python") {
      throw new UsageError(
        `--runtime: Python comes from the system, name a program of it, e.g. python=/usr/bin/python3, got ${item}`,
      );
    }
    return { runtime, label: line, choice: { kind: "line", line } };
  }
  const path = file !== undefined && isAbsolute(file) ? file : resolve(file ?? "");
  const version = versionIn(versionOf(path));
  if (version === null) {
    throw new UsageError(`--runtime: must be a program that answers to --version, got ${item}`);
  }
  return { runtime, label: version, choice: { kind: "file", file: path, version } };
}

/** Numbers part by part: 1.10 is newer than 1.9. */
export function byVersion(a: string, b: string): number {
  return Bun.semver.order(full(a), full(b));
}

/** `24` → `24.0.0`, which is what orders versions. */
const full = (version: string): string => [...version.split("."), "0", "0"].slice(0, 3).join(".");
