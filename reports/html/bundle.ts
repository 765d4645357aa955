import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeWhole } from "../write.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const entry = fileURLToPath(new URL("page/main.ts", import.meta.url));
/** Rooms that the program may be made of, by `tests/layout`. */
const rooms = ["reports", "schemas", "stats"];

let built: Promise<string> | undefined;

/** The page's program as one minified script. It depends on nothing in a report, so a process builds it once. */
export function pageScript(): Promise<string> {
  built ??= kept();
  return built;
}

/** The program as it was built before from the same files, packages and Bun; else it is built, and kept where that is possible. */
async function kept(): Promise<string> {
  const file = join(root, "node_modules", ".cache", "tickbench", `page-${stamp()}.js`);
  try {
    return readFileSync(file, "utf8");
  } catch {
    const script = await build();
    try {
      writeWhole(file, script);
    } catch {
      // A read-only install builds it each time.
    }
    return script;
  }
}

/** Changes with every source file of the rooms, with the lock file and with Bun. */
function stamp(): string {
  const sources = rooms.flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => join(root, room, path)),
  );
  const stats = [...sources.toSorted(), join(root, "bun.lock")].map((path) => {
    const { size, mtimeMs } = statSync(path);
    return `${path} ${size} ${mtimeMs}`;
  });
  return Bun.hash([Bun.version, ...stats].join("\n")).toString(36);
}

async function build(): Promise<string> {
  const result = await Bun.build({
    entrypoints: [entry],
    target: "browser",
    format: "iife",
    minify: true,
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const [script] = result.outputs;
  if (script === undefined) throw new Error("the page's program did not build");
  return script.text();
}
