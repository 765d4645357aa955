import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultPolicy } from "../../reports/policies.ts";
import { exitCodes } from "../../schemas/exit-codes.ts";
import { commandName, type Request } from "../cli/command-line.ts";
import { UsageError } from "../cli/usage-error.ts";

const configName = "tickbench.jsonc";
const policyName = "tickbench.policy.jsonc";

/** Writes a config and a policy to begin with, and overwrites nothing. */
export async function act({ command }: Request): Promise<number> {
  const folder = command.args[0] ?? ".";
  const policyFile = join(folder, policyName);
  const files = { [join(folder, configName)]: configText(policyFile), [policyFile]: policyText() };
  const there = Object.keys(files).find((file) => existsSync(file));
  if (there !== undefined) {
    throw new UsageError(`init: ${there}: already exists; move it, or choose another folder`);
  }
  try {
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) {
      // What has come into being since is not overwritten either.
      writeFileSync(file, text, { flag: "wx" });
      process.stdout.write(`${file}\n`);
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : error;
    throw new UsageError(`init: ${folder}: must be a folder that can be written to, got ${code}`);
  }
  process.stderr.write(`now: ${commandName} plan --config ${join(folder, configName)}\n`);
  return exitCodes.done;
}

const configText = (policyFile: string): string => `// Settings of a comparison: ${commandName} --config FILE.
// A field is a flag's long name in camelCase (--help lists them). What the command line says comes first.
{
  // smoke, quick, standard or thorough
  "profile": "quick",
  "candidates": [
    "default",
    // Your own server (docs/ADD-YOUR-SERVER.md): started with $PORT, it echoes on / until you give it paths.
    // { "name": "mine", "command": "node my-server.mjs", "env": { "LOG": "off" } },
  ],
  // "workloads": ["default"],
  // Speed-up of the synthetic feed. A recording of your own takes its place with --feed capture:FILE (docs/feed.md).
  // "feedRate": 10,
  "policy": ${JSON.stringify(policyFile)},
  // Fail with exit code 1 if a budget is shown to be broken (docs/CI.md).
  // "assert": ["bun/serve feed p99 < 5ms"],
}
`;

function policyText(): string {
  const { policyVersion, weights, prices, worthPct, require } = defaultPolicy;
  const fields = (value: object, indent: string) =>
    JSON.stringify(value, null, 2).replaceAll("\n", `\n${indent}`);
  return `// What a recommendation is decided by (docs/POLICY.md has every field and its unit).
{
  "policyVersion": ${policyVersion},
  "name": "mine",
  // One sentence: for whom this policy is.
  "purpose": ${JSON.stringify(defaultPolicy.purpose)},
  // Relative importance; only the proportions matter.
  "weights": ${fields(weights, "  ")},
  // What a core and a GiB cost an hour. Put your own here.
  "prices": ${fields(prices, "  ")},
  // Smallest weighted advantage that is worth a recommendation, in percent.
  "worthPct": ${worthPct},
  // What a candidate must meet to be recommended at all.
  "require": ${fields(require, "  ").replace(
    /\n {2}\]$/,
    `,
    // { "kind": "slo", "metric": "latencyNsP99", "cells": ["feed/*"], "max": 5000000 },
  ]`,
  )}
}
`;
}
