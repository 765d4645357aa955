#!/usr/bin/env bun
import { main } from "./main.ts";
import { restartQuietly } from "./process/helper-threads.ts";

process.exitCode = await main(process.argv.slice(2), restartQuietly);
