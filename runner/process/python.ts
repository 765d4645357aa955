import { z } from "zod";
import { knownAnswers, questionOf, restsOf } from "./answers.ts";
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
  /** Their versions, as far as its own record of installed packages has them. */
  readonly versions?: Readonly<Record<string, string>>;
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
  const paths = only === null ? usualPaths(onPath) : [only];
  const tried: string[] = [];
  for (const path of paths) {
    const found = host.interpreter(path);
    if (found === null) continue;
    const missing = modules.filter((name) => !found.modules.includes(name));
    if (missing.length === 0) {
      const origin = path === onPath ? `PATH: ${path}` : path;
      const { path: self, version, versions } = found;
      return {
        ...{ runtime: "python", path: self, version, origin, pinned: false },
        ...(versions === undefined ? {} : { packages: versions }),
      };
    }
    tried.push(`${found.path} (${found.version}) lacks ${missing.join(", ")}`);
  }
  if (tried.length > 0) return { unavailable: tried.join("; "), nextStep };
  return { unavailable: "there is no python3 on PATH", nextStep: `install python3, then ${nextStep}` };
}

const usualPaths = (onPath: string | null): string[] => [
  ...new Set([...(onPath === null ? [] : [onPath]), "/usr/bin/python3"]),
];

const probe = `
import importlib, json, platform, site, sys
from importlib.metadata import version
versions = {}
modules = []
files = [sys.executable, site.getusersitepackages(), *(path for path in sys.path if path)]
for name in sys.argv[1:]:
    try:
        files.append(importlib.import_module(name).__file__)
        modules.append(name)
        versions[name] = version(name)
    except Exception:
        pass
print(json.dumps({"path": sys.executable, "version": platform.python_version(), "modules": modules, "versions": versions, "files": files}))
`;
const answer = z.strictObject({
  path: z.string().min(1),
  version: z.string().min(1),
  modules: z.array(z.string()),
  versions: z.record(z.string(), z.string()),
  /** Where it looks for packages, and the packages themselves: while they stay the same, so does the answer. */
  files: z.array(z.string()),
});
const known = new Map<string, Interpreter | null>();

/** How an interpreter is asked. It really imports them: a package may be there and not load, e.g. when it was built for another one. */
const question = {
  argv: ["-c", probe, ...packages],
  options: { env: childEnv({}), timeout: 30_000, stdin: "ignore", stdout: "pipe", stderr: "ignore" },
} as const;

const thisPythonHost: PythonHost = {
  platform: thisHost.platform,
  which: thisHost.which,
  interpreter: (path) => {
    const before = known.get(path) ?? answerBefore(path);
    if (before !== undefined) return before;
    return read(path, () => {
      const run = Bun.spawnSync([path, ...question.argv], question.options);
      return run.success ? run.stdout.toString() : null;
    });
  },
};

/** Asks the interpreters that `findPython` looks at, all at once: each takes its time, and one on PATH is often a script in front of it. */
export async function askPythons(): Promise<void> {
  if (thisHost.platform === "win32") return;
  await Promise.all(
    usualPaths(thisHost.which("python3")).map(async (path) => {
      if (known.has(path) || answerBefore(path) !== undefined) return;
      const text = await printed(path);
      read(path, () => text);
    }),
  );
}

async function printed(path: string): Promise<string | null> {
  try {
    const run = Bun.spawn([path, ...question.argv], question.options);
    const text = await new Response(run.stdout).text();
    return (await run.exited) === 0 ? text : null;
  } catch {
    return null;
  }
}

/** The question holds the packages' names, so that another version of this tool asks its own. */
const asked = (path: string): string => questionOf([path, ...question.argv]);

function answerBefore(path: string): Interpreter | undefined {
  const text = knownAnswers.find(asked(path));
  if (text === null) return undefined;
  try {
    const found = answer.parse(JSON.parse(text));
    known.set(path, found);
    return found;
  } catch {
    return undefined;
  }
}

/** What an interpreter said of itself; null where it said nothing of the kind, which is not kept for another run. */
function read(path: string, print: () => string | null): Interpreter | null {
  let found: Interpreter | null = null;
  try {
    const text = print();
    if (text !== null) {
      const parsed = answer.parse(JSON.parse(text));
      knownAnswers.keep(asked(path), text, new Set([...restsOf(path), ...parsed.files]));
      found = parsed;
    }
  } catch {
    // It is none that can be used.
  }
  known.set(path, found);
  return found;
}
