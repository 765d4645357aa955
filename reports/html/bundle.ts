import { builtText } from "../build-cache.ts";

let built: Promise<string> | undefined;

/** The page's program as one minified script. It depends on nothing in a report, so a process reads it once. */
export function pageScript(): Promise<string> {
  built ??= builtText({
    name: "page",
    entry: "reports/html/page/main.ts",
    // The rooms that the program may be made of, by `tests/layout`.
    sources: ["reports", "schemas", "stats"],
    config: { target: "browser", format: "iife", define: { "process.env.NODE_ENV": '"production"' } },
  });
  return built;
}
