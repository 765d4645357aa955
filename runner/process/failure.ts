/** How a child ended: an exit code, or the signal that killed it. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export const failureKinds = [
  "spawn-refused",
  "not-ready",
  "bad-ready-line",
  "exited",
  "bad-message",
  "ignored-sigterm",
  "unclean-exit",
  "interrupted",
] as const;
export type FailureKind = (typeof failureKinds)[number];

/** Why a child failed, in words that a report can print. */
export interface Failure {
  /** Part of its life; `running` is whatever phase of a trial was in hand. */
  readonly phase: "start" | "running" | "stop";
  readonly kind: FailureKind;
  readonly reason: string;
  /** Null while the child had not ended by itself. */
  readonly exit: Exit | null;
  /** The last lines that the child wrote to stderr, oldest first. */
  readonly stderrTail: readonly string[];
}

/** `exit code 3`, `signal SIGSEGV`. */
export function describeExit(exit: Exit): string {
  return exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
}
