import type { Command, Option } from "commander";
import { formNames } from "../../reports/forms.ts";
import { exitCodes } from "../../schemas/exit-codes.ts";
import { codecs, feedPresets, profiles, slowConsumerPolicies } from "../../schemas/names.ts";
import { programOf, type Request } from "../cli/command-line.ts";
import { oneOf } from "../cli/values.ts";

/** The command's name once `bun link` has put it on PATH. */
const bin = "tickbench";

const shells = ["bash", "zsh", "fish"] as const;

/** Values that a flag takes; of any other the shell offers files. */
const valuesOf: Readonly<Record<string, readonly string[]>> = {
  "--profile": profiles,
  "--codec": codecs,
  "--slow-consumer": slowConsumerPolicies,
  "--feed": feedPresets.map((preset) => `synthetic:${preset}`),
  "--report": formNames,
  "--policy": ["balanced", "latency", "cost"],
};

/** Prints what a shell needs to complete commands, flags and values. */
export async function act({ command }: Request): Promise<number> {
  const [given = ""] = command.args;
  process.stdout.write(scripts[oneOf("completion", given, shells)](programOf("").commands));
  return exitCodes.done;
}

type Commands = readonly Command[];

const flagsOf = ({ options }: Command): readonly Option[] => options.filter((option) => !option.hidden);
const longsOf = (command: Command): string[] => [...flagsOf(command).map((o) => o.long ?? ""), "--help"];
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const firstLine = (command: Command): string => command.description().split("\n")[0] ?? "";

const scripts: Readonly<Record<(typeof shells)[number], (commands: Commands) => string>> = {
  bash: (commands) => {
    const names = commands.map((command) => command.name());
    const values = Object.entries(valuesOf).map(
      ([flag, known]) =>
        `    ${flag}) COMPREPLY=($(compgen -W ${quoted(known.join(" "))} -- "$cur")); return ;;`,
    );
    const flags = commands.map((c) => `    ${c.name()}) words=${quoted(longsOf(c).join(" "))} ;;`);
    return `# source <(${bin} completion bash)
_${bin}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" verb=compare words
  case " ${names.join(" ")} " in *" \${COMP_WORDS[1]} "*) verb="\${COMP_WORDS[1]}" ;; esac
  case "$prev" in
${values.join("\n")}
  esac
  case "$verb" in
${flags.join("\n")}
  esac
  [ "$COMP_CWORD" = 1 ] && words="${names.join(" ")} $words"
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
# The colon belongs to a value such as synthetic:burst.
COMP_WORDBREAKS="\${COMP_WORDBREAKS//:/}"
complete -o default -F _${bin} ${bin}
`;
  },
  zsh: (commands) => {
    const described = (name: string, text: string) => quoted(`${name}:${text.replaceAll(":", "\\:")}`);
    const verbs = commands.map((c) => `    ${described(c.name(), firstLine(c))}`);
    const values = Object.entries(valuesOf).map(
      ([flag, known]) => `    ${flag}) compadd -- ${known.map(quoted).join(" ")}; return ;;`,
    );
    const flags = commands.map((c) => {
      const all = flagsOf(c).map((o) => described(o.long ?? "", o.description));
      return `    ${c.name()}) flags=(${[...all, described("--help", "print this and exit")].join(" ")}) ;;`;
    });
    return `#compdef ${bin}
# source <(${bin} completion zsh)
_${bin}() {
  local -a verbs flags
  local verb=compare
  verbs=(
${verbs.join("\n")}
  )
  (( \${verbs[(I)$words[2]:*]} )) && verb=$words[2]
  case $words[CURRENT-1] in
${values.join("\n")}
  esac
  case $verb in
${flags.join("\n")}
  esac
  (( CURRENT == 2 )) && _describe command verbs
  _describe flag flags
  _files
}
compdef _${bin} ${bin}
`;
  },
  fish: (commands) => {
    const names = commands.map((command) => command.name());
    const others = names.filter((name) => name !== "compare").join(" ");
    const lines = commands.flatMap((command) => {
      const name = command.name();
      const here =
        name === "compare"
          ? `not __fish_seen_subcommand_from ${others}`
          : `__fish_seen_subcommand_from ${name}`;
      const verb = `complete -c ${bin} -n '__fish_is_first_arg' -a ${name} -d ${quoted(firstLine(command))}`;
      const flags = flagsOf(command).map((option) => {
        const known = valuesOf[option.long ?? ""];
        const value =
          known === undefined ? (option.required ? " -r" : "") : ` -x -a ${quoted(known.join(" "))}`;
        return `complete -c ${bin} -n '${here}' -l ${option.name()}${value} -d ${quoted(option.description)}`;
      });
      return [verb, ...flags];
    });
    return `# ${bin} completion fish | source\n${lines.join("\n")}\n`;
  },
};
