import { Command, CommanderError, Option } from "commander";
import { diffCommand } from "../../reports/diff.ts";
import { renderCommand } from "../../reports/render.ts";
import { runsCommand } from "../../service/runs-command.ts";
import { type FlagVerb, optionsOf, profileLengths } from "./flags.ts";
import { hint, nearName, UsageError } from "./usage-error.ts";

/** How the tool is called. */
export const commandName = "bun run runner/compare.ts";

/** Commands of the tool. The first is the one that is meant where none is named. */
export const verbs = [
  "compare",
  "plan",
  "list",
  "verify",
  "trial",
  "calibrate",
  "render",
  "diff",
  "runs",
  "init",
  "completion",
] as const;
export type Verb = (typeof verbs)[number];

/** What the command line asks for: a command with its flags, or a text to print at once. */
export type Asked =
  | {
      readonly kind: "run";
      readonly verb: Verb;
      readonly command: Command;
      /** The words behind the command's name. */
      readonly argv: readonly string[];
      /** What was given and does not count, or is said otherwise now, a line each. */
      readonly notes: readonly string[];
    }
  | { readonly kind: "print"; readonly text: string };

/** What was asked of a command, and what this process does before it measures. */
export type Request = Extract<Asked, { kind: "run" }> & {
  /** Called by what measures, before anything is printed or written: it may start this process anew. */
  readonly beforeMeasuring: () => Promise<void>;
};

/** What each command does, in a line of the help. */
const summaries: Readonly<Record<Verb, string>> = {
  compare: "measure and recommend (the default)",
  plan: "check the flags and print what compare would measure",
  list: "print the candidates",
  verify: "check what candidates serve, without measuring",
  trial: "measure one cell and print its frames",
  calibrate: "measure servers with known faults",
  render: "write a stored report in other formats",
  diff: "compare two stored runs",
  runs: "list, show, compare, import and export runs of the service",
  init: "write a config and a policy to start from",
  completion: "print shell completions",
};

interface Usage {
  readonly text: string;
  readonly argument?: readonly [name: string, text: string];
  /** Command lines without the command name, each with what it is for. */
  readonly examples: readonly (readonly [words: string, why: string])[];
}

const usages: Readonly<Record<FlagVerb & Verb, Usage>> = {
  compare: {
    text:
      "Measures WebSocket servers as market-data gateways and writes a report with a recommendation.\n" +
      `Without flags: the default candidates, the standard profile, about ${profileLengths.standard}.`,
    examples: [
      ["--profile quick", `a first look, about ${profileLengths.quick}`],
      ["--candidates 'node/*' --workloads feed,fanout", "some candidates, some workloads"],
      ["--candidate 'mine=node my-server.mjs'", "your own server beside the default ones"],
      ["--resume reports/out/latest", "resume an interrupted run"],
      ["--baseline report.json --fail-on regression:5%", "fail a CI job on a regression"],
    ],
  },
  plan: {
    text: "Checks the flags of a run, and prints what it would measure and how long that takes.",
    examples: [
      ["plan --profile thorough", "cells, rounds and length of a thorough run"],
      ["plan --policy my-policy.json", "check a policy without measuring"],
    ],
  },
  list: {
    text: "Lists the candidates, whether they run on this machine, and their known deviations from the contract.",
    examples: [
      ["list", "all of them"],
      ["list --candidates node/uws --runtime node@20", "one, on a version fetched from npm"],
    ],
  },
  verify: {
    text: "Starts each candidate and checks what it serves, without measuring. Exit code 3 if one fails.",
    examples: [
      ["verify", "the default candidates"],
      ["verify --candidates none --candidate 'mine=node my-server.mjs'", "your own server"],
    ],
  },
  trial: {
    text: "Measures one cell of one candidate or URL, and prints its first frames, figures and deliveries.",
    argument: ["<target>", "a candidate's id, or ws://127.0.0.1:PORT of a running server"],
    examples: [
      ["trial bun/ws", "an echo, frame by frame"],
      ["trial node/ws --workloads feed --profile smoke", "a feed, with its subscriptions"],
      ["trial ws://127.0.0.1:8080 --workloads 'echo/json/*'", "a running server"],
      ["trial mine --candidate 'mine=node my-server.mjs' --debug", "your own server, with its output"],
    ],
  },
  init: {
    text: "Writes tickbench.jsonc and tickbench.policy.jsonc, with comments. Overwrites nothing.",
    argument: ["[folder]", "where to write them"],
    examples: [
      ["init", "into this folder"],
      ["init settings", "into settings/"],
    ],
  },
  completion: {
    text: "Prints the completions of commands, flags and values for the name that bun link puts on PATH.",
    argument: ["<shell>", "bash, zsh or fish"],
    examples: [["completion bash > tickbench.bash", "a file for your ~/.bashrc to source, after bun link"]],
  },
  calibrate: {
    text: "Measures servers with known faults, and prints expected and measured figures. Exit code 1 if one is off.",
    examples: [["calibrate", "every known answer, about ten minutes"]],
  },
};

/** Flags of earlier releases that are commands now, in the order in which they counted. */
const formerVerbs = {
  "--list": "list",
  "--calibrate": "calibrate",
  "--verify": "verify",
  "--dry-run": "plan",
} as const;

/** Parses flags. Throws UsageError for a flag or an argument that the command does not have. */
export function readCommandLine(argv: readonly string[], version: string, width?: number): Asked {
  let printed = "";
  let failing: Command | null = null;
  const notes: string[] = [];
  let ran: Command | null = null;
  const program = programOf(version, notes, (verb) => verb === verbs[0] || argv.includes(verb));
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride((error) => {
        failing = command;
        throw error;
      })
      .configureOutput({
        writeOut: (text) => {
          printed += text;
        },
        writeErr: () => undefined,
        getOutHelpWidth: () => width ?? columnsOf(),
        // No text has colours that would have to be taken out.
        getOutHasColors: () => true,
      });
    if (command !== program) {
      command.action(() => {
        ran = command;
      });
    }
  }
  try {
    program.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "print", text: printed };
    throw usageOf(error, failing ?? program, argv);
  }
  return askedOf(ran ?? program, argv, notes);
}

/** Columns of the terminal, as far as there is one. */
function columnsOf(): number {
  // Only a help asks, and the module brings all of Node's streams with it.
  const { isatty } = process.getBuiltinModule("node:tty");
  return (isatty(1) ? process.stdout.columns : undefined) ?? 80;
}

function askedOf(command: Command, argv: readonly string[], notes: readonly string[]): Asked {
  const named = verbs.find((verb) => verb === command.name());
  if (named === undefined) throw new Error(`no command ${command.name()}`);
  const words = argv[0] === named ? argv.slice(1) : argv;
  const former = Object.entries(formerVerbs).find(([flag]) => words.includes(flag));
  if (named !== "compare" || former === undefined)
    return { kind: "run", verb: named, command, argv: words, notes };
  const [flag, verb] = former;
  if (verb === "calibrate") refuseWithCalibrate(command);
  const note = command.opts().quiet === true ? [] : [`${flag}: is now a command: ${commandName} ${verb}`];
  return { kind: "run", verb, command, argv: words, notes: [...notes, ...note] };
}

/** The flag that calibrate was. A calibration has its own cases, so that what asks for others would be passed over in silence. */
function refuseWithCalibrate(command: Command): void {
  const others = command.options
    .filter((option) => command.getOptionValueSource(option.attributeName()) === "cli")
    .filter((option) => !["calibrate", "json", "quiet"].includes(option.attributeName()))
    .map((option) => option.long ?? "");
  if (others.length === 0) return;
  throw new UsageError(
    `${others.join(", ")}: must not be given with --calibrate, which takes only --json and --quiet; leave ${others.length === 1 ? "it" : "them"} out`,
  );
}

/**
 * The whole command line, for parsing and for whoever asks what there is. A command that is not `wanted` has its name alone: the flags of
 * all of them together take longer to make than a usage text may.
 */
export function programOf(
  version: string,
  notes: string[] = [],
  wanted: (verb: Verb) => boolean = () => true,
): Command {
  const program = new Command(commandName)
    .helpOption(false)
    .helpCommand("help [command]", "print what a command takes");
  for (const verb of verbs) {
    const command = wanted(verb) ? commandOf(verb, version, notes) : new Command(verb);
    if (command.options.every((option) => option.helpGroupHeading === undefined)) {
      for (const option of command.options) option.helpGroup("Options:");
    }
    program.addCommand(command, { isDefault: verb === "compare" });
  }
  return program;
}

function commandOf(verb: Verb, version: string, notes: string[]): Command {
  if (verb === "render")
    return withExamples(renderCommand(), [
      ["render reports/out/latest --policy cost --out cheap", "decide again under another policy"],
    ]);
  if (verb === "diff")
    return withExamples(diffCommand(), [["diff reports/out/RUN reports/out/latest", "two of your runs"]]);
  if (verb === "runs")
    return withExamples(runsCommand(), [
      ["runs list", "the stored runs, newest first"],
      ["runs import reports/out/latest", "put one of your runs into the store"],
    ]);
  const { text, argument, examples } = usages[verb];
  const command = new Command(verb)
    .description(text)
    .addHelpOption(new Option("-h, --help", "print this and exit").helpGroup("Output:"));
  if (argument !== undefined) command.argument(...argument);
  if (verb === "compare") {
    command.configureHelp({ commandUsage: () => `${commandName} [command] [options]` });
    command.addHelpText("after", `\nCommands (each has --help):\n${columns(Object.entries(summaries))}`);
  }
  for (const option of optionsOf(verb)) command.addOption(option);
  if (verb === "compare") {
    command.version(version, "--version", "print the version and exit");
    command.options.at(-1)?.helpGroup("Output:");
  }
  noteRepeats(command, notes);
  return withExamples(command, examples);
}

function withExamples(command: Command, examples: Usage["examples"]): Command {
  const lines = examples.map(([words, why]) => `  # ${why}\n  ${commandName} ${words}`);
  return command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`).join("\n");
}

/** Flags whose value is a list. */
const listFlags = new Set([
  ...["candidates", "runtime", "package", "workloads", "codec", "report"],
  ...["tls", "deflate", "serverCores", "payload", "subscribers"],
]);

/** Notes each flag of one value that is given again: the last counts, as with most commands, but not in silence. */
function noteRepeats(command: Command, notes: string[]): void {
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
    const known = command.options.flatMap((o) => (o.hidden ? [] : (o.long ?? [])));
    if (optionsOf(null).some((o) => o.long === name && !o.hidden)) {
      return new UsageError(`${name}: is no flag of ${command.name()}, which takes ${known.join(", ")}`);
    }
    const near = nearName(flag, [...known, "--help"]);
    const next = near === null ? `; ${seeHelp(command)}` : `; did you mean ${near}?`;
    return new UsageError(`${flag}: unknown flag${next}`);
  }
  if (error.code === "commander.optionMissingArgument" && flag !== undefined) {
    return new UsageError(`${flag}: needs a value`);
  }
  if (error.code === "commander.missingArgument") {
    const name = /'([^']*)'/.exec(error.message)?.[1] ?? "argument";
    return new UsageError(`${command.name()}: needs <${name}>; see ${commandName} ${command.name()} --help`);
  }
  if (error.code === "commander.unknownCommand" || isMistypedCommand(error, command)) {
    const [word = ""] = command.args;
    return new UsageError(`${word}: unknown command${hint(word, [...verbs, "help"])}`);
  }
  if (error.code === "commander.excessArguments") {
    return new UsageError(
      `unexpected argument ${command.args
        .slice(command.registeredArguments.length)
        .map((a) => JSON.stringify(a))
        .join(" ")}; ${rightForm(command, argv)}`,
    );
  }
  return new UsageError(error.message.replace(/^error: /, ""));
}

/** The first word of a command line that names no command, and nothing else. */
function isMistypedCommand({ code }: CommanderError, command: Command): boolean {
  const [word = ""] = command.args;
  const first = command.parent?.args[0] === word;
  return (
    code === "commander.excessArguments" && command.name() === "compare" && first && /^[a-z]+$/.test(word)
  );
}

/** How a word should have been given that belongs to no flag: mostly it follows one, as a further item or as its value. */
function rightForm(command: Command, argv: readonly string[]): string {
  const [first = ""] = command.args.slice(command.registeredArguments.length);
  if (verbs.some((verb) => verb === first)) return `the command comes first: ${commandName} ${first}`;
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
    return `write a list with commas, and quote stars or braces: ${flag} ${/[*{}!?]/.test(whole) ? `'${whole}'` : whole}`;
  }
  if (named !== undefined) return `a flag begins with two dashes: --${first}`;
  if (option !== undefined && !option.required) return `${flag} takes no value; leave it out`;
  if (option !== undefined) return `${flag} takes one value, in quotes where it has spaces`;
  return seeHelp(command);
}

const seeHelp = (command: Command): string =>
  `see ${commandName} ${command.name() === "compare" ? "" : `${command.name()} `}--help`;
