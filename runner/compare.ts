#!/usr/bin/env bun
import { main } from "./main.ts";

process.exitCode = await main(process.argv.slice(2), async () => {
  const { restartQuietly } = await import("./process/helper-threads.ts");
  restartQuietly();
});
