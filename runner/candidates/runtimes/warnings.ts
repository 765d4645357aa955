import type { RuntimeName } from "../../../schemas/plan.ts";
import { type RunWarning, warning } from "../../../schemas/warning.ts";
import type { FoundRuntime } from "../../process/runtimes.ts";

/** Which builds of a run's others cannot have by its pinned versions. */
export function runtimeWarnings(runtimes: Iterable<FoundRuntime>): RunWarning[] {
  const byPath = new Map([...runtimes].map((found) => [found.path, found]));
  return [...byPath.values()].flatMap(({ runtime, version, origin, pinned }) => {
    if (pinned) return [];
    const nextStep = `compare with reports of ${runtime} ${version} only${pinningOf(runtime)}`;
    return [warning("runtime-not-pinned", `${runtime} ${version} comes from ${origin}`, { nextStep })];
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
