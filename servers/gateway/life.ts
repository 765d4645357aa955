import { hostname, UsageError } from "./settings.ts";

const parentCheckMs = 1000;

/** Runs `drain`, once, when somebody asks this process to end, or when whoever started it is gone. */
export function whenAskedToEnd(drain: () => void): void {
  let asked = false;
  const end = () => {
    if (asked) return;
    asked = true;
    drain();
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  // A server whose runner was killed would hold its core for ever; asking once a second costs nothing.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) end();
  }, parentCheckMs).unref();
}

/** Last resort for what nobody caught: one line and 2 for the user's mistakes, the stack and 1 for ours. */
export function fail(error: Error & { code?: string }): never {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
  if (error.code === "EADDRINUSE") {
    process.stderr.write(
      `PORT: ${hostname}:${process.env.PORT} is in use, choose another port or 0 for any free one\n`,
    );
    process.exit(2);
  }
  process.stderr.write(`${error.stack ?? error.message}\n`);
  process.exit(1);
}
