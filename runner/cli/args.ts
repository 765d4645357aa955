import type { Command } from "commander";
import { type FormName, formNames } from "../../reports/forms.ts";
import type { Codec } from "../../schemas/cell.ts";
import type { FeedSymbols } from "../../schemas/feed.ts";
import { codecs, mostServerCores, profiles, slowConsumerPolicies } from "../../schemas/names.ts";
import type { Margins, Profile, Target } from "../../schemas/plan.ts";
import type { SlowConsumerPolicy } from "../../schemas/ready.ts";
import { streamKind, streamName } from "../../schemas/stream.ts";
import { type CustomCandidate, parseCustomCandidate } from "../candidates/custom/custom-candidate.ts";
import type { AskedLevels } from "../candidates/variants.ts";
import type { AskedLoads } from "../plan/loads.ts";
import { type GateFlags, parseGateFlags } from "../run-gates/gate-flags.ts";
import { readCommandLine } from "./command-line.ts";
import { type Config, readConfig } from "./config.ts";
import { optionsOf } from "./flags.ts";
import { parseMargins } from "./margins.ts";
import { parseSlo, type Slo } from "./slo.ts";
import { aimOf } from "./target.ts";
import { UsageError } from "./usage-error.ts";
import { duration, integer, list, number, oneOf, path, text, type Raw as Value } from "./values.ts";

/** The command line, parsed and checked as far as that can be done without looking at the disk. */
export interface Options {
  readonly profile: Profile;
  /** Globs over candidate ids; `!glob` takes away. */
  readonly candidates: readonly string[];
  /** The user's servers. */
  readonly custom: readonly CustomCandidate[];
  /** Builds of runtimes to run every candidate on, as written: `node@24`, `bun=/usr/bin/bun`. */
  readonly runtimes: readonly string[];
  /** Versions of a package to run every candidate with that is made of it, as written: `ws@8.23.0`. */
  readonly packages: readonly string[];
  /** Globs over workloads and cell ids. */
  readonly workloads: readonly string[];
  readonly codecs: readonly Codec[];
  /** Connections that a ramp goes to; null for the profile's own number. */
  readonly connections: number | null;
  /** Levels of the features and of the load that are measured beside one another. */
  readonly factors: AskedLevels & AskedLoads;
  readonly rounds: number | null;
  /** How long each candidate is held under the feed after the rounds, in ms; null for not at all. */
  readonly soakMs: number | null;
  /** Look into why the cell that decides costs what it does. */
  readonly why: boolean;
  readonly seed: number;
  readonly feed: string;
  readonly feedRate: number;
  /** Symbols of a synthetic feed; null for one. */
  readonly symbols: FeedSymbols | null;
  /** Stream of a capture's frames that name none. */
  readonly feedStream: string | null;
  readonly margins: Margins;
  readonly reports: readonly FormName[];
  readonly policy: string;
  /** Limits that the policy requires beside its own. */
  readonly slos: readonly Slo[];
  /** What the run is held to: budgets, and an earlier run. */
  readonly gates: GateFlags;
  readonly out: string;
  readonly resume: string | null;
  readonly slowConsumer: SlowConsumerPolicy;
  readonly processPerTrial: boolean;
  readonly node: "pinned" | "path";
  readonly port: number;
  /** Load processes on this machine. */
  readonly loadCores: number;
  /** Load hosts, and the Redis that they are found through; null where this machine makes the load. */
  readonly agents: {
    readonly count: number | null;
    readonly redis: string;
  } | null;
  /** Where the servers are; null for this machine. */
  readonly target: Target | null;
  /** Run even if the machine is busy. */
  readonly force: boolean;
  /** How long a busy machine is waited for, in ms. */
  readonly waitMs: number;
  /** Measure the others where a server of the user's own does not start. */
  readonly keepGoing: boolean;
  /** Count windows that other processes disturbed, too. */
  readonly keepDisturbed: boolean;
  /** End the run when standard input ends. */
  readonly endWithStdin: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  /** Indent report.json. */
  readonly indent: boolean;
  /** Broken inputs to put to each candidate; 0 for none. */
  readonly fuzz: number;
  /** What is opened to somebody who looks into a fault. */
  readonly debug: {
    /** What the children print goes to stderr. */
    readonly output: boolean;
    /** Variables of this process that its children get too. */
    readonly env: Readonly<Record<string, string>>;
    /** Bun's inspector on the load generator. */
    readonly inspect: boolean;
  };
  /** Intervals in the summary on stdout. */
  readonly wide: boolean;
}

/** What a command line of the flags of a run asks for: that run, or a text to print at once. */
export type Invocation =
  | {
      readonly kind: "run";
      readonly options: Options;
      /** What was given and does not count, a line each. */
      readonly notes: readonly string[];
    }
  | { readonly kind: "print"; readonly text: string };

/** What others call a profile. */
const otherProfiles: Readonly<Record<string, string>> = {
  ...{ fast: "quick", short: "quick", test: "smoke", ci: "quick" },
  ...{ default: "standard", normal: "standard", medium: "standard" },
  ...{ full: "thorough", long: "thorough", slow: "thorough", deep: "thorough" },
};

/** What others call a form of the report, and how those come about that need another program. */
const otherForms: Readonly<Record<string, string>> = {
  ...{ markdown: "md", svg: "md", charts: "md", htm: "html", page: "html" },
  ...{ xlsx: "csv", tsv: "csv", hdr: "hlog", histogram: "hlog", github: "ci", bencher: "ci", ndjson: "json" },
  ...{ slide: "slides", pptx: "slides", marp: "slides" },
  all: `name them with commas between: ${formNames.join(",")}`,
};

/** Parses a whole command line. Throws UsageError for anything a user got wrong. */
export function parseArgs(
  argv: readonly string[],
  version: string,
  read: (file: string) => Config = readConfig,
): Invocation {
  const asked = readCommandLine(argv, version);
  if (asked.kind === "print") return asked;
  return { kind: "run", options: readOptions(asked.command, read), notes: asked.notes };
}

/** Every flag that a run knows: a command that takes fewer leaves the others at their defaults. */
const known = optionsOf(null);

/** Reads the values of a command's flags, and of its config file. Throws UsageError for anything a user got wrong. */
export function readOptions(command: Command, read: (file: string) => Config = readConfig): Options {
  for (const option of known) {
    const name = option.attributeName();
    if (command.getOptionValueSource(name) !== undefined) continue;
    command.setOptionValueWithSource(name, option.defaultValue, "default");
  }
  refuseEmpty(command);
  const file = command.opts<Raw>().config;
  const config = typeof file === "string" ? read(file) : null;
  for (const [name, value] of Object.entries(config?.flags ?? {})) {
    if (command.getOptionValueSource(name) !== "cli") command.setOptionValueWithSource(name, value, "config");
  }
  refuseEmpty(command, config?.file);
  try {
    refuseWithResume(command);
    return check(command.opts(), config?.candidates ?? []);
  } catch (error) {
    throw config === null ? error : placed(error, command, config.file);
  }
}

/** An empty `--out` would be the working folder, and an empty name would match nothing. */
function refuseEmpty(command: Command, file?: string): void {
  const empty = known.find((option) => command.getOptionValue(option.attributeName()) === "");
  if (empty === undefined) return;
  const inFile = command.getOptionValueSource(empty.attributeName()) === "config";
  throw new UsageError(
    `${inFile ? `--config: ${file}: ${empty.attributeName()}` : empty.long}: must not be empty; leave it out for its default`,
  );
}

/** What may differ when a run is gone on with: how it is reported, and not what it measures. */
const freeWithResume = new Set([
  ...["resume", "report", "policy", "slo", "baseline", "failOn", "assert", "port", "force", "keepGoing"],
  ...["json", "quiet", "indent", "wide", "config", "endWithStdin", "dryRun", "list", "debug", "redis"],
]);

/** A resumed run keeps its plan, so that a flag that asks for another would be passed over in silence. */
function refuseWithResume(command: Command): void {
  if (command.getOptionValue("resume") === undefined) return;
  const other = known.find((option) => {
    const name = option.attributeName();
    const source = command.getOptionValueSource(name);
    return (source === "cli" || source === "config") && !freeWithResume.has(name);
  });
  if (other === undefined) return;
  throw new UsageError(
    `${other.long}: must not be changed with --resume, which continues the run's own plan; leave it out, or start a new run`,
  );
}

/** An error about a flag that the config file gave names the file and its field. */
function placed(error: unknown, command: Command, file: string): unknown {
  const [, flag, rest] = error instanceof UsageError ? (/^(--[\w-]+)(: .*)$/s.exec(error.message) ?? []) : [];
  const name = known.find((option) => option.long === flag)?.attributeName();
  if (name === undefined || command.getOptionValueSource(name) !== "config") return error;
  return new UsageError(`--config: ${file}: ${name}${rest}`);
}

type Raw = Record<string, Value>;

function check(raw: Raw, custom: readonly CustomCandidate[]): Options {
  if (raw.adaptive === true) {
    throw new UsageError(
      "--adaptive: is no longer a flag, since every run gives extra rounds to the cells that need them; leave it out",
    );
  }
  const given = Array.isArray(raw.candidate) ? raw.candidate : [];
  const aim = raw.target === undefined ? null : aimOf(raw, custom.length + given.length > 0);
  return {
    profile: oneOf("--profile", text(raw.profile), profiles, otherProfiles),
    candidates: aim?.server == null ? list("--candidates", raw.candidates) : [aim.server.name],
    custom: distinct([
      ...custom,
      ...given.map((value: string) => parseCustomCandidate(value, process.cwd())),
      ...(aim?.server == null ? [] : [aim.server]),
    ]),
    runtimes: raw.runtime === undefined ? [] : list("--runtime", raw.runtime),
    packages: raw.package === undefined ? [] : list("--package", raw.package),
    workloads: list("--workloads", raw.workloads),
    codecs: list("--codec", raw.codec).map((c) => oneOf("--codec", c, codecs)),
    connections:
      raw.connections === undefined ? null : integer("--connections", raw.connections, 1, 1_000_000),
    factors: {
      tls: switches("--tls", raw.tls),
      deflate: switches("--deflate", raw.deflate),
      cores: levels("--server-cores", raw.serverCores, 1, mostServerCores) ?? [1],
      payload: levels("--payload", raw.payload, 8, largestPayload),
      subscribers: levels("--subscribers", raw.subscribers, 1, mostSubscribers),
    },
    rounds: raw.rounds === undefined ? null : integer("--rounds", raw.rounds, 1, 1000),
    soakMs: raw.soak === undefined ? null : duration("--soak", raw.soak, soakMsMin, soakMsMax),
    why: raw.why === true,
    seed: integer("--seed", raw.seed, 0, 0xffffffff),
    feed: text(raw.feed),
    symbols: symbolsOf(raw),
    feedRate: number("--feed-rate", raw.feedRate, 0.01, 10_000, /x|×/),
    feedStream: raw.feedStream === undefined ? null : stream("--feed-stream", text(raw.feedStream)),
    margins: parseMargins(optional(raw.threshold), optional(raw.equalWithin)),
    reports: list("--report", raw.report).map((r) => oneOf("--report", r, formNames, otherForms)),
    policy: path(raw.policy),
    slos: Array.isArray(raw.slo) ? raw.slo.map(parseSlo) : [],
    gates: parseGateFlags(
      Array.isArray(raw.assert) ? raw.assert : [],
      raw.baseline === undefined ? null : path(raw.baseline),
      raw.failOn === undefined ? null : text(raw.failOn),
    ),
    out: path(raw.out),
    resume: raw.resume === undefined ? null : path(raw.resume),
    slowConsumer: oneOf("--slow-consumer", text(raw.slowConsumer), slowConsumerPolicies),
    processPerTrial: raw.processPerTrial === true,
    node: raw.pathNode === true ? "path" : "pinned",
    port: integer("--port", raw.port, 0, 65535),
    loadCores: integer("--load-cores", raw.loadCores, 1, 256),
    agents: agentsOf(raw),
    target: aim?.target ?? null,
    force: raw.force === true,
    waitMs: 1000 * number("--wait", raw.wait, 0, 86_400, /s/),
    keepGoing: raw.keepGoing === true,
    keepDisturbed: raw.keepDisturbed === true,
    endWithStdin: raw.endWithStdin === true,
    json: raw.json === true,
    quiet: raw.quiet === true,
    indent: raw.indent === true,
    wide: raw.wide === true,
    fuzz: integer("--fuzz", raw.fuzz, 0, 1_000_000),
    debug: debugOf(raw),
  };
}

/** Thirty windows of a second, and a day. */
const soakMsMin = 30_000;
const soakMsMax = 86_400_000;
/** Within the largest message that every candidate takes. */
const largestPayload = 8 * 1024 * 1024;
const mostSubscribers = 20_000;

/** `off,on`: each level once. */
function switches(flag: string, raw: Value): readonly boolean[] {
  const given = list(flag, raw).map((value) => oneOf(flag, value, ["off", "on"]));
  return once(flag, given).map((value) => value === "on");
}

function symbolsOf({ symbols, zipf }: Raw): FeedSymbols | null {
  const exponent = number("--zipf", zipf, 0, 4);
  const count = integer("--symbols", symbols, 1, 1000);
  if (count === 1 && exponent !== 1) {
    throw new UsageError(
      `--zipf: must be for several symbols, got ${exponent} with one; add --symbols N, or leave it out`,
    );
  }
  return count === 1 ? null : { count, zipf: exponent };
}

/** `64,1024`: each level once, in the order given; null where none is. */
function levels(flag: string, raw: Value, min: number, max: number): readonly number[] | null {
  if (raw === undefined) return null;
  return once(
    flag,
    list(flag, raw).map((value) => integer(flag, value, min, max)),
  );
}

function once<Level>(flag: string, given: readonly Level[]): readonly Level[] {
  const again = given.find((level, i) => given.indexOf(level) !== i);
  if (again === undefined) return given;
  throw new UsageError(`${flag}: must name each level once, got ${again} twice`);
}

function agentsOf(raw: Raw): Options["agents"] {
  const { agents, redis } = raw;
  if (agents === undefined && redis === undefined) return null;
  if (redis === undefined) {
    throw new UsageError(
      `--agents: needs the Redis that the agents use, got ${text(agents)} alone; add --redis redis://HOST:6379`,
    );
  }
  // A resumed run has its number of agents from its plan.
  if (agents === undefined && raw.resume === undefined) {
    throw new UsageError(`--redis: is for runs with --agents, got ${text(redis)} alone; add --agents N`);
  }
  if (integer("--load-cores", raw.loadCores, 1, 256) > 1) {
    throw new UsageError("--load-cores: must not be given with --agents, which use one load process a host");
  }
  const count = agents === undefined ? null : integer("--agents", agents, 1, 1000);
  return { count, redis: text(redis) };
}

function debugOf(raw: Raw): Options["debug"] {
  const names = raw.debugEnv === undefined ? [] : list("--debug-env", raw.debugEnv);
  const env = names.map((name) => {
    const value = process.env[name];
    if (value === undefined) {
      throw new UsageError(
        `--debug-env: must name variables that are set, got ${name}; set it, or leave it out`,
      );
    }
    return [name, value] as const;
  });
  const inspect = raw.inspect === true;
  // Whoever opens a child wants to hear it, and the inspector's address is among what it prints.
  return { output: raw.debug === true || inspect || env.length > 0, env: Object.fromEntries(env), inspect };
}

function distinct(custom: readonly CustomCandidate[]): readonly CustomCandidate[] {
  for (const [i, { name }] of custom.entries()) {
    if (custom.slice(0, i).some((other) => other.name === name))
      throw new UsageError(`--candidate: must give each server a different name, got ${name} twice`);
  }
  return custom;
}

function optional(value: Value): string | null {
  return value === undefined ? null : text(value);
}

function stream(flag: string, value: string): string {
  if (streamName.safeParse(value).success && streamKind(value) !== null) return value;
  throw new UsageError(
    `${flag}: must be SYMBOL@trade, @bookTicker, @depth or @depth20, with or without a speed, e.g. btcusdt@depth20@100ms, got ${value}`,
  );
}
