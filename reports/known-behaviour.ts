import type { CandidateReport } from "../schemas/report.ts";

interface KnownBehaviour {
  /** Runtime and frameworks that were seen to do it, as a ready line names them. */
  readonly runtime: string;
  readonly frameworks: readonly string[];
  /** It shows with permessage-deflate on alone. */
  readonly deflate?: true;
  /** What it does, as the end of a sentence about the candidate. */
  readonly says: string;
}

/** What runtimes and frameworks were seen to do that moves their figures or their cost. A code is the anchor of its row in docs/BEHAVIOUR.md. */
export const knownBehaviours = {
  "write-a-message-bun": {
    runtime: "bun",
    frameworks: ["bun", "elysia"],
    says: "writes each message of a feed by itself unless writes are joined",
  },
  "write-a-message-node": {
    runtime: "node",
    frameworks: ["ws", "hono", "crossws"],
    says: "writes each message by itself unless writes are joined",
  },
  "backlog-cut": {
    runtime: "bun",
    frameworks: ["bun"],
    says: "drops what a stalled client had queued when it closes it",
  },
  "backlog-held": {
    runtime: "node",
    frameworks: ["ws"],
    says: "holds what a stalled client had queued for 30 s when it closes it",
  },
  "flood-turn-bun": {
    runtime: "bun",
    frameworks: ["bun"],
    says: "may handle 262,144 small messages of one connection before another's",
  },
  "flood-turn-node": {
    runtime: "node",
    frameworks: ["ws"],
    says: "may handle 95,325 small messages of one connection before another's",
  },
  "handled-after-close": {
    runtime: "node",
    frameworks: ["ws"],
    says: "hands the rest of a segment to the handler after it closed the connection",
  },
  "late-accept": {
    runtime: "bun",
    frameworks: ["bun", "elysia"],
    says: "accepts a client that says nothing after a second; handshakes are not touched",
  },
  "fresh-socket-objects": {
    runtime: "bun",
    frameworks: ["elysia"],
    says: "gives each handler call another object for one connection",
  },
  "kept-context-open": {
    runtime: "bun",
    frameworks: ["hono"],
    says: "leaves a kept context's readyState at open",
  },
  "memory-kept": {
    runtime: "node",
    frameworks: ["ws"],
    says: "gives nothing back of the memory of connections that left 20 s before",
  },
  "idle-wakes": {
    runtime: "bun",
    frameworks: ["bun", "elysia"],
    says: "wakes some ten times a second with one idle connection",
  },
  "send-uncompressed": {
    runtime: "bun",
    frameworks: ["bun"],
    deflate: true,
    says: "compresses what is published, and what is sent only when told to",
  },
  "deflate-memory": {
    runtime: "node",
    frameworks: ["ws"],
    deflate: true,
    says: "takes 268 kB a connection for compression",
  },
  "text-as-number": {
    runtime: "bun",
    frameworks: ["elysia"],
    says: "reads a text like 1.10 as a number",
  },
} as const satisfies Record<string, KnownBehaviour>;

export type KnownBehaviourCode = keyof typeof knownBehaviours;

/** What is known of a candidate's runtime and framework, in the registry's order; none of a program that was never started. */
export function knownOf({ runtime, framework, options }: CandidateReport): KnownBehaviourCode[] {
  if (options === null) return [];
  return (Object.entries(knownBehaviours) as [KnownBehaviourCode, KnownBehaviour][]).flatMap(
    ([code, known]) =>
      known.runtime === runtime.name &&
      known.frameworks.includes(framework.name) &&
      (known.deflate === undefined || options.compression)
        ? [code]
        : [],
  );
}
