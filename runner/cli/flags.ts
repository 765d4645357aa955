import { Option } from "commander";
import { formNames } from "../../reports/forms.ts";
import { codecs, feedPresets, profiles, slowConsumerPolicies } from "../../schemas/names.ts";
import type { Profile } from "../../schemas/plan.ts";

/** Commands that take flags of this table; `render` and `diff` have their own in reports/. */
export type FlagVerb = "compare" | "plan" | "list" | "verify" | "trial" | "calibrate" | "init" | "completion";

/** How long a run of the default candidates takes on two cores, as `plan` computes it. */
export const profileLengths: Readonly<Record<Profile, string>> = {
  smoke: "25 s",
  quick: "1 min",
  standard: "3 min",
  thorough: "120 min",
  open: "12 min",
};

/** Where runs go that name no place; one of the user's own where that cannot be written. */
export const defaultOut = "reports/out";

/** What a run leaves where nothing else is asked for. */
export const defaultReports = ["md", "html", "slides", "csv", "hlog"];

interface Flag {
  readonly flags: string;
  readonly text: string;
  readonly of: readonly FlagVerb[];
  readonly default?: string;
  /** How help prints the default, where the value says too little. */
  readonly defaultText?: string;
  /** Can be given again, each value beside the ones before. */
  readonly repeated?: true;
  readonly hidden?: true;
}

const run = ["compare", "plan"] as const;
const choosing = [...run, "list", "verify", "trial"] as const;
const loading = [...run, "verify", "trial"] as const;
const looking = ["verify", "trial"] as const;

const whatToMeasure: readonly Flag[] = [
  {
    flags: "--candidates <globs>",
    text: "ids, globs or sets (default, core, all), comma-separated; !glob excludes",
    of: [...run, "list", "verify"],
    default: "default",
  },
  {
    flags: "--candidate <name=server>",
    text: "your own server: NAME=COMMAND (started with $PORT) or NAME=ws://127.0.0.1:PORT[,pid=N]; repeatable",
    of: choosing,
    repeated: true,
  },
  {
    flags: "--runtime <versions>",
    text: "runtime versions, comma-separated: node@24,bun@1.3 from npm, or node=PATH",
    of: choosing,
  },
  {
    flags: "--package <versions>",
    text: "versions of one framework or adapter from npm, comma-separated, each beside the others: ws@8.20.0,ws@8.23.0",
    of: choosing,
  },
  { flags: "--path-node", text: "use the node on PATH instead of the pinned one", of: choosing },
  {
    flags: "--workloads <globs>",
    text: "workloads, cell ids or globs, comma-separated, or a set: default (the profile's), all (plan prints the ids)",
    of: [...run, "verify"],
    default: "default",
  },
  {
    flags: "--codec <names>",
    text: "message formats, comma-separated",
    of: [...run, "verify"],
    default: codecs.join(","),
  },
  {
    flags: "--feed <source>",
    text: `synthetic:PRESET (${feedPresets.join(", ")}), or capture:FILE`,
    of: loading,
    default: "synthetic:burst",
  },
  {
    flags: "--symbols <count>",
    text: "how many symbols share a synthetic feed; a subscriber takes ten of them",
    of: loading,
    default: "1",
  },
  { flags: "--zipf <exponent>", text: "how unequal their shares are; 0 is equal", of: loading, default: "1" },
  {
    flags: "--feed-rate <x>",
    text: "how many times faster than recorded the feed is sent",
    of: loading,
    default: "10",
  },
  {
    flags: "--feed-stream <name>",
    text: "stream of captured frames that name none, e.g. btcusdt@depth20",
    of: loading,
  },
  {
    flags: "--connections <n>",
    text: "connections to open in connections/* (default: the profile's)",
    of: [...run, "trial"],
  },
  {
    flags: "--slow-consumer <policy>",
    text: `what servers do with a slow subscriber: ${slowConsumerPolicies.join(", ")}`,
    of: loading,
    default: "disconnect",
  },
  {
    flags: "--workloads <glob>",
    text: "workload or cell to measure, the first match (plan prints the ids)",
    of: ["trial"],
    default: "echo",
  },
  { flags: "--config <file>", text: "JSON file with these flags and your own servers", of: choosing },
];

const factors: readonly Flag[] = [
  {
    flags: "--tls <levels>",
    text: "TLS: off, on, or off,on to measure what it costs",
    of: [...run, "verify"],
    default: "off",
  },
  {
    flags: "--deflate <levels>",
    text: "permessage-deflate: off, on, or off,on",
    of: [...run, "verify"],
    default: "off",
  },
  {
    flags: "--server-cores <counts>",
    text: "processes of a server that share its port: 1, or 1,2 to show what a second adds",
    of: [...run, "verify"],
    default: "1",
  },
  {
    flags: "--payload <bytes>",
    text: "message sizes in bytes, for cells that have one, e.g. 64,1024",
    of: run,
  },
  { flags: "--subscribers <counts>", text: "subscribers of feed and fanout, e.g. 10,100", of: run },
];

const howLong: readonly Flag[] = [
  {
    flags: "--profile <name>",
    text: profiles.map((name) => `${name} (${profileLengths[name]})`).join(", "),
    of: [...run, "trial"],
    default: "standard",
  },
  { flags: "--rounds <n>", text: "rounds, 1..1000 (default: the profile's)", of: run },
  {
    flags: "--soak <time>",
    text: "after the rounds, keep each candidate under the feed for this long, e.g. 10m: is memory or latency rising?",
    of: run,
  },
  {
    flags: "--why",
    text: "explain the cost of the deciding cell: system calls, profile, queue (thorough does)",
    of: run,
  },
  { flags: "--process-per-trial", text: "start a fresh server for each trial, not each round", of: run },
  { flags: "--resume <dir>", text: "resume the run in DIR", of: run },
  { flags: "--seed <n>", text: "seed of the order and the feed", of: loading, default: "1" },
];

const howToDecide: readonly Flag[] = [
  {
    flags: "--policy <name|file>",
    text: "weights and limits: balanced, latency, cost, or a file (docs/POLICY.md)",
    of: run,
    default: "balanced",
  },
  {
    flags: "--slo <limit>",
    text: 'a limit that the recommended candidate must meet, e.g. "p99<5ms@50000" (METRIC<VALUE@RATE); repeatable',
    of: run,
    repeated: true,
  },
  {
    flags: "--threshold <pct>",
    text: "smallest difference that counts, in percent, or latency:5,rate:2,cost:2 (the default)",
    of: run,
  },
  {
    flags: "--equal-within <pct>",
    text: "largest difference that still counts as equal, as --threshold (default: latency:10,rate:5,cost:5)",
    of: run,
  },
];

const gates: readonly Flag[] = [
  {
    flags: "--assert <budget>",
    text: 'fail if a budget is shown to be broken, e.g. "bun/elysia feed p99 < 5ms"; repeatable',
    of: run,
    repeated: true,
  },
  { flags: "--baseline <report>", text: "report.json of an earlier run, for --fail-on", of: run },
  {
    flags: "--fail-on <what>",
    text: "regression[:PCT%]: fail if a headline figure is shown to be worse than the baseline by more than PCT (5)",
    of: run,
  },
];

const output: readonly Flag[] = [
  {
    flags: "--report <formats>",
    text: `files to write beside report.json: ${formNames.join(", ")}`,
    of: run,
    default: defaultReports.join(","),
  },
  { flags: "--out <dir>", text: "where run directories go", of: run, default: defaultOut },
  { flags: "--json", text: "print JSON on stdout", of: [...choosing, "calibrate"] },
  { flags: "--indent", text: "indent report.json, and what --json prints of it", of: run },
  { flags: "--wide", text: "add intervals and comparisons to the summary", of: run },
  { flags: "--quiet", text: "no progress on stderr", of: [...choosing, "calibrate"] },
];

const machine: readonly Flag[] = [
  {
    flags: "--port <n>",
    text: "fixed port for the servers",
    of: loading,
    default: "0",
    defaultText: "any free one",
  },
  {
    flags: "--load-cores <n>",
    text: "load processes to share the connections, one a core",
    of: run,
    default: "1",
  },
  {
    flags: "--agents <n>",
    text: "load hosts to share the connections, each running runner/agent.ts (docs/SCALE.md)",
    of: run,
  },
  {
    flags: "--target <url>",
    text: "ws://HOST:PORT, where an agent with --role server starts the servers; without --agents, what runs there is measured",
    of: run,
  },
  {
    flags: "--redis <url>",
    text: "Redis or Valkey for the agents: redis://HOST:PORT, rediss:// for TLS",
    of: run,
  },
  { flags: "--force", text: "run even if the machine is busy (noted in the report)", of: run },
  {
    flags: "--wait <s>",
    text: "seconds to wait for a busy machine to become quiet",
    of: run,
    default: "0",
    defaultText: "do not wait",
  },
  { flags: "--keep-going", text: "continue if one of your own servers does not start", of: run },
  {
    flags: "--keep-disturbed",
    text: "keep windows that other processes disturbed instead of discarding them",
    of: run,
  },
  {
    flags: "--end-with-stdin",
    text: "end the run when standard input ends (for programs that start it)",
    of: ["compare"],
  },
];

const debugging: readonly Flag[] = [
  {
    flags: "--frames <n>",
    text: "frames to print per phase and direction, 0..1000",
    of: ["trial"],
    default: "10",
  },
  {
    flags: "--fuzz <n>",
    text: "broken handshakes, frames and control messages to put to each candidate, 0..1000000",
    of: ["verify"],
    default: "0",
  },
  { flags: "--debug", text: "print the output of servers and load generator", of: ["compare", ...looking] },
  {
    flags: "--debug-env <names>",
    text: "environment variables to pass on to them, e.g. NODE_DEBUG,BUN_CONFIG_VERBOSE_FETCH",
    of: looking,
  },
  {
    flags: "--inspect",
    text: "open Bun's inspector on the load generator, print its URL, lift time limits",
    of: looking,
  },
];

/** Flags of earlier releases: the first is gone, the others have become commands. */
const former: readonly Flag[] = ["--adaptive", "--list", "--calibrate", "--verify", "--dry-run"].map(
  (flags) => ({
    flags,
    text: "",
    of: flags === "--adaptive" ? run : ["compare"],
    hidden: true,
  }),
);

/** Every flag, in the groups of the help. */
const groups: Readonly<Record<string, readonly Flag[]>> = {
  "What to measure:": whatToMeasure,
  "Features and load (with several levels, each is compared with the first):": factors,
  "How long:": howLong,
  "How to decide:": howToDecide,
  "Gates for CI (exit code 1):": gates,
  "Output:": output,
  "This machine:": machine,
  "Debugging:": debugging,
  "": former,
};

/** The options of one command, or of all. */
export function optionsOf(verb: FlagVerb | null): Option[] {
  return Object.entries(groups).flatMap(([heading, flags]) =>
    flags.filter(({ of }) => verb === null || of.includes(verb)).map((flag) => optionOf(flag, heading)),
  );
}

function optionOf(
  { flags, text, default: value, defaultText, repeated, hidden }: Flag,
  heading: string,
): Option {
  const option = new Option(flags, text);
  // Without its own text a default is printed in quotes.
  if (value !== undefined) option.default(value, defaultText ?? value);
  if (hidden === true) option.hideHelp();
  else option.helpGroup(heading);
  if (repeated === true) {
    option.argParser((one: string, before: readonly string[] = []) => [...before, one]);
  }
  return option;
}
