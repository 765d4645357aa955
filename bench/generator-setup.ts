/**
 * What every generator of bench/generators.ts is given, and what it prints as one line of JSON. Plain enough that
 * Node runs it as it is.
 */
export interface GeneratorSetup {
  readonly mode: "echo" | "push";
  readonly port: number;
  readonly connections: number;
  /** Messages in flight on a connection, for echo. */
  readonly window: number;
  readonly bytes: number;
  readonly warmupMs: number;
  readonly windowMs: number;
}

export interface GeneratorResult {
  /** Messages received within the window. */
  readonly messages: number;
  readonly elapsedNs: number;
  /** CPU time of the generator's process within the window. */
  readonly cpuNs: number;
  /** What the ledger found wrong; null where there is no ledger. */
  readonly faults: number | null;
}

/** What the bench that started this process set up, from its first argument: the bench's own JSON. */
export function setupFromArgv(): GeneratorSetup {
  return JSON.parse(process.argv[2] ?? "") as GeneratorSetup;
}

/** CPU time of this process since `before`, a reading of process.cpuUsage(), in ns. */
export function cpuNsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1000;
}
