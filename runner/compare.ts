#!/usr/bin/env bun
import { version as toolVersion } from "../package.json";
import usageText from "./cli/usage-text.txt" with { type: "text" };

const argv = process.argv.slice(2);
const [first] = argv;
const text =
  argv.length > 1 ? null : first === "--version" ? toolVersion : first === "--help" ? usageText : null;
// What needs no command line read does not wait for what reads one, for Node's modules, nor for a stream to be made of stdout.
if (text !== null) console.log(text.trimEnd());
else {
  if (first === "render") {
    const { briefRuntimeEnv, restartWith } = await import("./process/restart.ts");
    restartWith(briefRuntimeEnv);
  }
  const { main } = await import("./main.ts");
  process.exitCode = await main(argv, async () => {
    const [{ restartQuietly }, { planPins, readTopology }] = await Promise.all([
      import("./process/helper-threads.ts"),
      import("./process/pin.ts"),
    ]);
    restartQuietly(planPins(readTopology()));
  });
}
