#!/usr/bin/env bun
import { main } from "./main.ts";

process.exitCode = await main(process.argv.slice(2), async () => {
  const [{ restartQuietly }, { planPins, readTopology }] = await Promise.all([
    import("./process/helper-threads.ts"),
    import("./process/pin.ts"),
  ]);
  restartQuietly(planPins(readTopology()));
});
