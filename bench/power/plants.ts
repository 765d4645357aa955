import type { MetricName } from "../../schemas/metric.ts";
import { metricKinds } from "../../schemas/metric.ts";
import type { Comparison } from "../../schemas/report.ts";

const server = "bench/fixtures/planted-server.ts";
/** What each plant is compared with. */
const plain = "plain";

/** Something whose truth is known, done to real servers under the real command. */
export interface Plant {
  readonly name: string;
  readonly title: string;
  /** Servers by name, as words after the interpreter; null for candidates of the tool's own. */
  readonly servers: Readonly<Record<string, readonly string[]>> | null;
  /** Share of a core, in percent, that a process beside the run keeps busy. */
  readonly neighbourPct: number | null;
  /** Which side of a comparison is truly better: null where neither is, undefined where it is not known. */
  readonly truth: (comparison: Pick<Comparison, "a" | "b" | "metric">) => "a" | "b" | null | undefined;
}

const isStall = (metric: MetricName) => metric.startsWith("stall");

/** Whichever side is `name` is the worse one. */
function worse(name: string, { a }: Pick<Comparison, "a">): "a" | "b" {
  return a === name ? "b" : "a";
}

function moreCpu(pct: number): Plant {
  const name = `cpu${pct}`;
  return {
    name,
    title: `+${pct} % CPU for each message`,
    servers: { [plain]: [server, "1"], [name]: [server, `${1 + pct / 100}`] },
    neighbourPct: null,
    // What a message costs decides its cost, its rate and how long a burst of them takes; stalls it leaves as they are.
    truth: (c) =>
      isStall(c.metric) ? null : metricKinds[c.metric].unit === "bytes" ? undefined : worse(name, c),
  };
}

const sameServers = {
  "same-1": [server, "1"],
  "same-2": [server, "1"],
  "same-3": [server, "1"],
  "same-4": [server, "1"],
};

export const plants: readonly Plant[] = [
  moreCpu(5),
  moreCpu(10),
  moreCpu(15),
  moreCpu(30),
  {
    name: "stalls",
    title: "20 ms of sleep once a second",
    servers: { [plain]: [server, "1"], stalls: [server, "1", "20"] },
    neighbourPct: null,
    // How much of the rest the stalls reach is not known beforehand; that the plain one is not worse is.
    truth: (c) => (isStall(c.metric) ? worse("stalls", c) : undefined),
  },
  {
    name: "neighbour",
    title: "one program under two names, beside a process that keeps a core busy for 20 % of the time",
    servers: { [plain]: [server, "1"], again: [server, "1"] },
    neighbourPct: 20,
    truth: () => null,
  },
  {
    name: "same",
    title: "one program under five names, the A/A replicate's among them",
    servers: sameServers,
    neighbourPct: null,
    truth: () => null,
  },
  {
    name: "default",
    title: "the default candidates",
    servers: null,
    neighbourPct: null,
    truth: () => undefined,
  },
];

/** The arguments that name a plant's servers to the command. */
export function serverArgs({ servers }: Plant): string[] {
  if (servers === null) return [];
  const named = Object.entries(servers).flatMap(([name, words]) => [
    "--candidate",
    `${name}="${process.execPath}" ${words.join(" ")}`,
  ]);
  return ["--candidates", Object.keys(servers).join(","), ...named];
}
