import { Command, CommanderError, Option } from "commander";
import { type ExporterName, exporterNames, isExporterName } from "../../reports/exporters.ts";
import { type Codec, codecs } from "../../schemas/cell.ts";
import { type Margins, type Profile, profiles } from "../../schemas/plan.ts";
import { type SlowConsumerPolicy, slowConsumerPolicies } from "../../schemas/ready.ts";
import { streamKind, streamName } from "../../schemas/stream.ts";
import { type OwnCandidate, parseOwnCandidate } from "../candidates/custom/own-candidate.ts";
import { type GateFlags, parseGateFlags } from "../gate/gate-flags.ts";
import { type Config, readConfig } from "./config.ts";
import { parseMargins } from "./margins.ts";
import { parseSlo, type Slo } from "./slo.ts";
import { hint, UsageError } from "./usage-error.ts";
import { integer, list, number, oneOf, path, text, type Raw as Value } from "./values.ts";

/** The command line, parsed and checked as far as that can be done without looking at the disk. */
export interface Options {
  readonly profile: Profile;
  /** Globs over candidate ids; `!glob` takes away. */
  readonly candidates: readonly string[];
  /** Servers of the user's own. */
  readonly own: readonly OwnCandidate[];
  /** Builds of runtimes to run every candidate on, as written: `node@24`, `bun=/usr/bin/bun`. */
  readonly runtimes: readonly string[];
  /** Globs over workloads and cell ids. */
  readonly workloads: readonly string[];
  readonly codecs: readonly Codec[];
  readonly rounds: number | null;
  readonly seed: number;
  readonly feed: string;
  readonly feedRate: number;
  /** Stream of a capture's frames that name none. */
  readonly feedStream: string | null;
  readonly margins: Margins;
  readonly reports: readonly ExporterName[];
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
  /** Run on a busy machine all the same. */
  readonly force: boolean;
  /** Measure the others where a server of the user's own does not start. */
  readonly keepGoing: boolean;
  /** Count windows that other processes disturbed, too. */
  readonly keepDisturbed: boolean;
  readonly calibrate: boolean;
  /** Check what the candidates serve, and measure nothing. */
  readonly verify: boolean;
  readonly list: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  /** Intervals in the summary on stdout. */
  readonly wide: boolean;
}

/** Where runs go that name no place; one of the user's own where that cannot be written. */
export const defaultOut = "reports/out";

/** What a run leaves where nothing else is asked for. */
const defaultReports = ["md", "html", "slides", "csv", "hlog"].filter(isExporterName);

/** What the command line asks for: a run, or a text to print at once. */
export type Invocation =
  | {
      readonly kind: "run";
      readonly options: Options;
      /** What was given and does not count, a line each. */
      readonly notes: readonly string[];
    }
  | { readonly kind: "print"; readonly text: string };

function describe(version: string): Command {
  return new Command("compare")
    .description(
      "Measures WebSocket servers as market-data gateways and writes a report with a recommendation.\n" +
        "With no flag: the default candidates, the standard profile, in under three minutes.",
    )
    .usage("[options]")
    .option("--profile <name>", `length and depth of the run: ${profiles.join(", ")}`, "standard")
    .option(
      "--candidates <globs>",
      "ids, globs or sets (default, core, all), comma-separated, e.g. {node,bun}/ws; !glob takes away",
      "default",
    )
    .option(
      "--candidate <name=server>",
      "your own: NAME=COMMAND, started with $PORT, or NAME=ws://127.0.0.1:PORT[,pid=N]; can be repeated",
      (value: string, before: readonly string[] = []) => [...before, value],
    )
    .option(
      "--runtime <versions>",
      "versions to run on, comma-separated: node@24,bun@1.3 from the registry, node=PATH for one at hand",
    )
    .option("--config <file>", "JSON file with these flags, and candidates of your own")
    .option("--workloads <globs>", "workloads or cell ids or globs, comma-separated", "*")
    .option("--codec <names>", `message formats: ${codecs.join(", ")}`, codecs.join(","))
    .option("--rounds <n>", "rounds to run, 1..1000 (default: the profile's)")
    .addOption(new Option("--adaptive").hideHelp())
    .option("--seed <n>", "seed of the order and of the feed, 0..4294967295", "1")
    .option(
      "--feed <source>",
      "synthetic:quiet|open|burst|flash-crash|flat|flat-poisson, or capture:FILE",
      "synthetic:burst",
    )
    .option("--feed-rate <x>", "speed-up of the feed's schedule", "10")
    .option("--feed-stream <name>", "stream of a capture's frames that name none, e.g. btcusdt@depth20")
    .option(
      "--threshold <pct>",
      "smallest difference worth a verdict, in percent: one for all, or latency:PCT,rate:PCT,cost:PCT (default: latency:5,rate:2,cost:2)",
    )
    .option(
      "--equal-within <pct>",
      "two are equal where they are shown to differ by less, as --threshold (default: latency:10,rate:5,cost:5)",
    )
    .option("--slow-consumer <policy>", `servers' policy: ${slowConsumerPolicies.join(", ")}`, "disconnect")
    .option(
      "--report <formats>",
      `files to write beside report.json: ${exporterNames.join(", ")}`,
      defaultReports.join(","),
    )
    .option(
      "--policy <name|file>",
      "how the decision weighs: balanced, latency, cost or a file (docs/POLICY.md)",
      "balanced",
    )
    .option(
      "--slo <limit>",
      'requires it of a recommendation: METRIC<VALUE@RATE in every feed or fan-out of at least RATE deliveries a second, e.g. "p99<5ms@50000"; can be repeated',
      (value: string, before: readonly string[] = []) => [...before, value],
    )
    .option("--baseline <report>", "report.json of an earlier run, for --fail-on")
    .option(
      "--fail-on <what>",
      "regression[:PCT%]: end with 1 where a headline figure is shown to be worse than the baseline's by more (5 %)",
    )
    .option(
      "--assert <budget>",
      'end with 1 where a budget is shown to be broken, e.g. "bun/elysia feed p99 < 5ms"; can be repeated',
      (value: string, before: readonly string[] = []) => [...before, value],
    )
    .option("--out <dir>", "where run folders go", defaultOut)
    .option("--resume <dir>", "go on with the run in this folder")
    .option("--process-per-trial", "a fresh server process for each trial, not each round", false)
    .option("--path-node", "run Node candidates on the node found on PATH, not the pinned one", false)
    .option("--port <n>", "fixed port for the servers (default: any free one)", "0")
    .option("--force", "run on a busy machine all the same; the report says so", false)
    .option("--keep-going", "measure the others where a server of your own does not start", false)
    .option(
      "--keep-disturbed",
      "count windows that other processes disturbed, where they would be discarded; for trying things out",
      false,
    )
    .option(
      "--calibrate",
      "measure servers with known faults, print expected beside measured, and end",
      false,
    )
    .option(
      "--verify",
      "start each candidate, check what it serves of the contract, print that and end; 3 where one fails",
      false,
    )
    .option("--list", "print the candidates and end", false)
    .option("--dry-run", "check everything that was given, print the plan and end", false)
    .option(
      "--json",
      "print report.json on stdout instead of the summary; with --list, --dry-run or --verify, what they tell (schemas/listing.ts, schemas/verification.ts)",
      false,
    )
    .option("--quiet", "no progress on stderr", false)
    .option("--wide", "intervals and comparisons in the summary on stdout", false)
    .version(version, "--version", "print the version and end")
    .helpOption("-h, --help", "print this and end")
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
}

/** Flags whose value is a list. */
const listFlags = new Set(["candidates", "runtime", "workloads", "codec", "report"]);

/** Notes each flag of one value that is given again: the last counts, as with most commands, but not in silence. */
function noteRepeats(command: Command): readonly string[] {
  const notes: string[] = [];
  for (const option of command.options) {
    // A flag without a value, and one that collects by itself, lose nothing.
    if (!option.required || option.parseArg !== undefined) continue;
    const flag = option.long ?? option.flags;
    let first: string | null = null;
    option.argParser((value: string) => {
      if (first !== null && first !== value) {
        const both = listFlags.has(option.attributeName()) ? `; for both give ${flag} ${first},${value}` : "";
        notes.push(`${flag}: given twice, ${value} counts and ${first} does not${both}`);
      }
      first = value;
      return value;
    });
  }
  return notes;
}

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
  pdf: "bun run reports/render.ts RUN --report pdf prints one of a finished run, with a Chromium of this machine",
  ...{ slide: "slides", pptx: "slides", marp: "slides" },
  all: `name them with commas between: ${exporterNames.join(",")}`,
};

/** Parses flags. Throws UsageError for anything a user got wrong. */
export function parseArgs(
  argv: readonly string[],
  version: string,
  read: (file: string) => Config = readConfig,
): Invocation {
  const command = describe(version);
  const notes = noteRepeats(command);
  try {
    command.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return { kind: "print", text: command.helpInformation() };
    if (error.code === "commander.version") return { kind: "print", text: `${version}\n` };
    throw usageOf(error, command, argv);
  }
  refuseEmpty(command);
  const file = command.opts<Raw>().config;
  const config = typeof file === "string" ? read(file) : null;
  for (const [name, value] of Object.entries(config?.flags ?? {})) {
    if (command.getOptionValueSource(name) !== "cli") command.setOptionValueWithSource(name, value, "config");
  }
  refuseEmpty(command, config?.file);
  try {
    refuseWithCalibrate(command);
    refuseWithResume(command);
    return { kind: "run", options: check(command.opts(), config?.candidates ?? []), notes };
  } catch (error) {
    throw config === null ? error : placed(error, command, config.file);
  }
}

function usageOf(error: CommanderError, command: Command, argv: readonly string[]): UsageError {
  const flag = /'(-[^']*)'/.exec(error.message)?.[1]?.split(" ")[0];
  if (error.code === "commander.unknownOption" && flag !== undefined) {
    const [name = "", ...value] = flag.split("=");
    const plain = command.options.find((o) => o.long === name && !o.required);
    if (plain !== undefined && value.length > 0) {
      return new UsageError(
        `${name}: takes no value, got ${value.join("=")}; give ${name} alone, or leave it out`,
      );
    }
    const known = command.options.map((o) => o.long ?? "");
    return new UsageError(`${flag}: unknown flag${hint(flag, [...known, "--help"])}`);
  }
  if (error.code === "commander.optionMissingArgument" && flag !== undefined) {
    return new UsageError(`${flag}: needs a value`);
  }
  if (error.code === "commander.excessArguments") {
    return new UsageError(
      `unexpected argument ${command.args.map((a) => JSON.stringify(a)).join(" ")}; ${rightForm(command, argv)}`,
    );
  }
  return new UsageError(error.message.replace(/^error: /, ""));
}

/** How a word should have been given that belongs to no flag: mostly it follows one, as a further item or as its value. */
function rightForm(command: Command, argv: readonly string[]): string {
  const [first = ""] = command.args;
  const at = argv.indexOf(first);
  const before = argv.slice(0, at).findLastIndex((word) => word.startsWith("--"));
  const flag = argv[before]?.split("=")[0];
  const option = command.options.find((o) => o.long === flag);
  const named = command.options.find((o) =>
    [o.attributeName(), o.long?.slice(2)].includes(first.split("=")[0]),
  );
  if (option !== undefined && listFlags.has(option.attributeName())) {
    const given = argv
      .slice(before, at)
      .flatMap((word) => (word.startsWith("--") ? (word.split("=")[1] ?? []) : word));
    const whole = [...given, ...command.args].join(",");
    return `a list is written with commas, and in quotes where it has stars or braces: ${flag} ${/[*{}!?]/.test(whole) ? `'${whole}'` : whole}`;
  }
  if (named !== undefined) return `a flag begins with two dashes: --${first}`;
  if (option !== undefined && !option.required) return `${flag} takes no value; leave it out`;
  if (option !== undefined) return `${flag} takes one value, in quotes where it has spaces`;
  return "see --help";
}

/** An empty `--out` would be the working folder, and an empty name would match nothing. */
function refuseEmpty(command: Command, file?: string): void {
  const empty = command.options.find((option) => command.getOptionValue(option.attributeName()) === "");
  if (empty === undefined) return;
  const inFile = command.getOptionValueSource(empty.attributeName()) === "config";
  throw new UsageError(
    `${inFile ? `--config: ${file}: ${empty.attributeName()}` : empty.long}: must not be empty; leave it out for its default`,
  );
}

/** A calibration has cases of its own, so that what asks for others would be passed over in silence. */
function refuseWithCalibrate(command: Command): void {
  if (command.getOptionValue("calibrate") !== true) return;
  const others = command.options
    .filter((option) => command.getOptionValueSource(option.attributeName()) === "cli")
    .filter((option) => !["calibrate", "json", "quiet"].includes(option.attributeName()))
    .map((option) => option.long ?? "");
  if (others.length === 0) return;
  throw new UsageError(
    `${others.join(", ")}: must not be given with --calibrate, which measures servers of its own and takes --json and --quiet alone; leave ${others.length === 1 ? "it" : "them"} out`,
  );
}

/** What may differ when a run is gone on with: how it is told, and not what it measures. */
const freeWithResume = new Set([
  ...["resume", "report", "policy", "slo", "baseline", "failOn", "assert", "port", "force", "keepGoing"],
  ...["json", "quiet", "wide", "config", "dryRun", "list"],
]);

/** A resumed run keeps its plan, so that a flag that asks for another would be passed over in silence. */
function refuseWithResume(command: Command): void {
  if (command.getOptionValue("resume") === undefined) return;
  const other = command.options.find((option) => {
    const name = option.attributeName();
    const source = command.getOptionValueSource(name);
    return (source === "cli" || source === "config") && !freeWithResume.has(name);
  });
  if (other === undefined) return;
  throw new UsageError(
    `${other.long}: must not be changed with --resume, which goes on with the run's own plan; leave it out, or start a new run`,
  );
}

/** A complaint about a flag that the config file gave names the file and its field. */
function placed(error: unknown, command: Command, file: string): unknown {
  const [, flag, rest] = error instanceof UsageError ? (/^(--[\w-]+)(: .*)$/s.exec(error.message) ?? []) : [];
  const name = command.options.find((option) => option.long === flag)?.attributeName();
  if (name === undefined || command.getOptionValueSource(name) !== "config") return error;
  return new UsageError(`--config: ${file}: ${name}${rest}`);
}

type Raw = Record<string, Value>;

function check(raw: Raw, own: readonly OwnCandidate[]): Options {
  if (raw.adaptive === true) {
    throw new UsageError(
      "--adaptive: is no longer a flag, since every run gives its rounds to the cells that need them; leave it out",
    );
  }
  const given = Array.isArray(raw.candidate) ? raw.candidate : [];
  return {
    profile: oneOf("--profile", text(raw.profile), profiles, otherProfiles),
    candidates: list("--candidates", raw.candidates),
    own: distinct([...own, ...given.map((value: string) => parseOwnCandidate(value, process.cwd()))]),
    runtimes: raw.runtime === undefined ? [] : list("--runtime", raw.runtime),
    workloads: list("--workloads", raw.workloads),
    codecs: list("--codec", raw.codec).map((c) => oneOf("--codec", c, codecs)),
    rounds: raw.rounds === undefined ? null : integer("--rounds", raw.rounds, 1, 1000),
    seed: integer("--seed", raw.seed, 0, 0xffffffff),
    feed: text(raw.feed),
    feedRate: number("--feed-rate", raw.feedRate, 0.01, 10_000, /x|×/),
    feedStream: raw.feedStream === undefined ? null : stream("--feed-stream", text(raw.feedStream)),
    margins: parseMargins(optional(raw.threshold), optional(raw.equalWithin)),
    reports: list("--report", raw.report).map((r) => oneOf("--report", r, exporterNames, otherForms)),
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
    force: raw.force === true,
    keepGoing: raw.keepGoing === true,
    keepDisturbed: raw.keepDisturbed === true,
    calibrate: raw.calibrate === true,
    verify: raw.verify === true,
    list: raw.list === true,
    dryRun: raw.dryRun === true,
    json: raw.json === true,
    quiet: raw.quiet === true,
    wide: raw.wide === true,
  };
}

function distinct(own: readonly OwnCandidate[]): readonly OwnCandidate[] {
  for (const [i, { name }] of own.entries()) {
    if (own.slice(0, i).some((other) => other.name === name))
      throw new UsageError(`--candidate: must give each server a name of its own, got ${name} twice`);
  }
  return own;
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
