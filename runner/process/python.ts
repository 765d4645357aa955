import { z } from "zod";
import { childEnv } from "./env.ts";
import { type FoundRuntime, type MissingRuntime, type RuntimeHost, thisHost } from "./runtimes.ts";

/** What the Python candidates are made of; Debian's packages are these names behind `python3-`. */
const packages = ["aiohttp", "fastapi", "uvicorn", "uvloop", "httptools", "websockets"] as const;

const nextStep = `on Debian run \`apt-get install -y ${packages.map((name) => `python3-${name}`).join(" ")}\`, elsewhere \`python3 -m pip install ${packages.join(" ")}\``;

/** What an interpreter says of itself. */
export interface Interpreter {
  /** Its own path, where the one it was found by is a wrapper. */
  readonly path: string;
  readonly version: string;
  /** Those of `packages` that it can import. */
  readonly modules: readonly string[];
}

export interface PythonHost extends Pick<RuntimeHost, "platform" | "which"> {
  /** Asks the interpreter at a path; null when it cannot be run. */
  readonly interpreter: (path: string) => Interpreter | null;
}

/**
 * The first interpreter that has the modules, of the one on PATH and the system's own: packages of a distribution land
 * in the second, which another installation often hides. `only` asks for the one at that path.
 */
export function findPython(
  modules: readonly string[],
  only: string | null = null,
  host: PythonHost = thisPythonHost,
): FoundRuntime | MissingRuntime {
  if (host.platform === "win32") {
    return {
      unavailable: "the Python candidates need a Unix system",
      nextStep: "run them on Linux or macOS",
    };
  }
  const onPath = host.which("python3");
  const usual = [...(onPath === null ? [] : [onPath]), "/usr/bin/python3"];
  const paths = new Set(only === null ? usual : [only]);
  const tried: string[] = [];
  for (const path of paths) {
    const found = host.interpreter(path);
    if (found === null) continue;
    const missing = modules.filter((name) => !found.modules.includes(name));
    if (missing.length === 0) {
      const origin = path === onPath ? `PATH: ${path}` : path;
      return { runtime: "python", path: found.path, version: found.version, origin, pinned: false };
    }
    tried.push(`${found.path} (${found.version}) lacks ${missing.join(", ")}`);
  }
  if (tried.length > 0) return { unavailable: tried.join("; "), nextStep };
  return { unavailable: "there is no python3 on PATH", nextStep: `install python3, then ${nextStep}` };
}

const probe = `
import importlib, json, platform, sys
modules = []
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
        modules.append(name)
    except Exception:
        pass
print(json.dumps({"path": sys.executable, "version": platform.python_version(), "modules": modules}))
`;
const answer = z.strictObject({
  path: z.string().min(1),
  version: z.string().min(1),
  modules: z.array(z.string()),
});
const known = new Map<string, Interpreter | null>();

const thisPythonHost: PythonHost = {
  platform: thisHost.platform,
  which: thisHost.which,
  interpreter: (path) => {
    const before = known.get(path);
    if (before !== undefined) return before;
    const found = ask(path);
    known.set(path, found);
    return found;
  },
};

/** Really imports them: a package may be there and not load, e.g. when it was built for another interpreter. */
function ask(path: string): Interpreter | null {
  try {
    const run = Bun.spawnSync([path, "-c", probe, ...packages], {
      env: childEnv({}),
      timeout: 30_000,
      stdin: "ignore",
      stderr: "ignore",
    });
    return run.success ? answer.parse(JSON.parse(run.stdout.toString())) : null;
  } catch {
    return null;
  }
}
