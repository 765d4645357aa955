import type { RuntimeName } from "../../../schemas/plan.ts";
import { type RunWarning, warning } from "../../../schemas/warning.ts";
import type { FoundRuntime } from "../../process/runtimes.ts";
import { endOfLife } from "./end-of-life.ts";

/** What a reader should know of the builds that a run uses, on the day of the run. */
export function runtimeWarnings(runtimes: Iterable<FoundRuntime>, day: Date): RunWarning[] {
  const byPath = new Map([...runtimes].map((found) => [found.path, found]));
  return [...byPath.values()].flatMap(({ runtime, version, origin, pinned }) => {
    const warnings: RunWarning[] = [];
    if (!pinned) {
      const nextStep = `compare with reports of ${runtime} ${version} only${pinningOf(runtime)}`;
      warnings.push(
        warning("runtime-not-pinned", `${runtime} ${version} comes from ${origin}`, { nextStep }),
      );
    }
    const ended = endOfLife(runtime, version, day);
    if (ended !== null) {
      warnings.push(warning("runtime-end-of-life", ended));
    }
    return warnings;
  });
}

/** How the user gets a version that others can have too. No flag fixes Python's: it comes with the system. */
function pinningOf(runtime: RuntimeName): string {
  switch (runtime) {
    case "python":
      return "; Python comes from the system, and no flag pins it";
    case "node":
      return ", or choose one from npm (--runtime node@VERSION), or leave --runtime out for the pinned one";
    case "bun":
      return ", or choose one from npm (--runtime bun@VERSION), or run `bun install` for the pinned one";
  }
}
