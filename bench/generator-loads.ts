import { median } from "../stats/moments.ts";
import type { GeneratorSetup } from "./generator-setup.ts";

// Which generators are measured under which loads, and what is asked of this project's.

export interface Generator {
  readonly name: string;
  readonly runtime: "bun" | "node";
  readonly program: string;
}

export const ours: Generator = { name: "tickbench", runtime: "bun", program: "generator-raw.ts" };
export const ws: Generator = { name: "`ws` on Node", runtime: "node", program: "generator-library.ts" };
const bunClient: Generator = { name: "Bun's client", runtime: "bun", program: "generator-library.ts" };
/** Sockets of the same runtime and nothing else: no parser, no ledger, no histogram. */
export const bare: Generator = { name: "bare sockets in Bun", runtime: "bun", program: "generator-bare.ts" };

export interface Load {
  readonly server: string;
  readonly setup: Omit<GeneratorSetup, "port" | "windowMs" | "warmupMs">;
  /** The first is this project's. */
  readonly generators: readonly Generator[];
  /** Whether generators of others, where installed, take part. */
  readonly peers: boolean;
}

const bunServer = "servers/bun/serve.ts";
/** uWebSockets' load_test asks for `/`, which the candidates do not serve. */
const echoAnywhere = "bench/fixtures/echo-anywhere.ts";
const nullServer = "runner/load/null-server.ts";

const echo = (connections: number, window: number) =>
  ({ mode: "echo", connections, window, bytes: 64 }) as const;
const push = { mode: "push", connections: 8, window: 1, bytes: 64 } as const;

const loadsByName = {
  pipelined: { server: bunServer, setup: echo(32, 32), generators: [ours, ws, bunClient, bare], peers: true },
  /** The same where the server is not the limit. */
  pipelinedNull: {
    server: nullServer,
    setup: echo(32, 32),
    generators: [ours, ws, bunClient, bare],
    peers: false,
  },
  one32: { server: echoAnywhere, setup: echo(32, 1), generators: [ours, ws, bunClient, bare], peers: true },
  one200: { server: echoAnywhere, setup: echo(200, 1), generators: [ours, ws, bunClient, bare], peers: true },
  deep: { server: nullServer, setup: echo(4, 128), generators: [ours, bare], peers: false },
  push: { server: nullServer, setup: push, generators: [ours, bare], peers: false },
} satisfies Record<string, Load>;
export type LoadName = keyof typeof loadsByName;
export const loads: Readonly<Record<LoadName, Load>> = loadsByName;

export function titleOf({ setup }: Load): string {
  return setup.mode === "push"
    ? `push, ${setup.connections} connections, ${setup.bytes} B`
    : `echo, ${setup.connections} × ${setup.window}, ${setup.bytes} B`;
}

export interface Sample {
  readonly hz: number;
  readonly cpuNsPerMessage: number;
  /** CPU time of other processes on the generator's core, of its whole life; null where it cannot be known. */
  readonly foreignPct: number | null;
}

/** The median over rounds of one generator's figure ÷ another's of the same round. */
export function ratio(
  of: readonly Sample[],
  other: readonly Sample[],
  figure: (sample: Sample) => number,
): number {
  return median(of.map((sample, round) => figure(sample) / figure(other[round]!)));
}

export interface Judgement {
  readonly requirement: string;
  readonly holds: boolean;
  readonly found: string;
}

const minPushHz = 20e6;

/** What is asked of this project's generator, of the loads that were measured; `samplesOf` gives null for what was not. */
export function judgements(
  samplesOf: (load: LoadName, generator: string) => readonly Sample[] | null,
  loadTestName: string,
): Judgement[] {
  const found: Judgement[] = [];
  const rate = ({ hz }: Sample) => hz;
  const cpu = ({ cpuNsPerMessage }: Sample) => cpuNsPerMessage;

  /** Our rate ÷ another's; null where one was not measured. */
  const timesOf = (load: LoadName, of: string): number | null => {
    const [own, other] = [samplesOf(load, ours.name), samplesOf(load, of)];
    return own === null || other === null ? null : ratio(own, other, rate);
  };
  const titled = (load: LoadName, asked: string) =>
    `${titleOf(loads[load])}, ${loads[load].server}: at least ${asked}`;
  for (const [load, least] of [
    ["pipelined", 10],
    ["pipelinedNull", 20],
  ] as const) {
    const times = timesOf(load, ws.name);
    if (times === null) continue;
    const requirement = titled(load, `${least} × the ws client on Node`);
    found.push({ requirement, holds: times >= least, found: `${times.toPrecision(3)} ×` });
  }
  for (const load of ["one32", "one200"] as const) {
    // Where the runtime's sockets are no faster than load_test, nothing on top of them can be.
    const [toLoadTest, toBare] = [timesOf(load, loadTestName), timesOf(load, bare.name)];
    if (toLoadTest === null && toBare === null) continue;
    found.push({
      requirement: titled(load, "1 × uWebSockets' load_test, or 0.98 × bare sockets in Bun"),
      holds: (toLoadTest ?? 0) >= 1 || (toBare ?? 0) >= 0.98,
      found: [toLoadTest, toBare]
        .map((times) => (times === null ? "not measured" : `${times.toPrecision(3)} ×`))
        .join(", "),
    });
  }
  for (const load of ["deep", "push"] as const) {
    const [own, other] = [samplesOf(load, ours.name), samplesOf(load, bare.name)];
    if (own === null || other === null) continue;
    const pct = 100 * ratio(other, own, cpu);
    found.push({
      requirement: `${titleOf(loads[load])}: bare sockets take at least 85 % of its CPU time for a message`,
      holds: pct >= 85,
      found: `${pct.toFixed(0)} %`,
    });
  }
  const pushed = samplesOf("push", ours.name);
  if (pushed !== null) {
    const hz = median(pushed.map(rate));
    found.push({
      requirement: `at least ${minPushHz / 1e6} million 64-B messages a second from the null server`,
      holds: hz >= minPushHz,
      found: `${(hz / 1e6).toFixed(1)} million`,
    });
  }
  return found;
}
