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
    says: "writes each message of a feed separately unless writes are coalesced",
  },
  "write-a-message-node": {
    runtime: "node",
    frameworks: ["ws", "hono", "crossws"],
    says: "writes each message separately unless writes are coalesced",
  },
  "backlog-cut": {
    runtime: "bun",
    frameworks: ["bun"],
    says: "drops what is queued for a stalled client when it closes the connection",
  },
  "backlog-held": {
    runtime: "node",
    frameworks: ["ws"],
    says: "keeps what is queued for a stalled client for 30 s after it closes the connection",
  },
  "flood-turn-bun": {
    runtime: "bun",
    frameworks: ["bun"],
    says: "may handle 262,144 small messages of one connection before it turns to another",
  },
  "flood-turn-node": {
    runtime: "node",
    frameworks: ["ws"],
    says: "may handle 95,325 small messages of one connection before it turns to another",
  },
  "handled-after-close": {
    runtime: "node",
    frameworks: ["ws"],
    says: "passes the rest of a segment to the handler after it closed the connection",
  },
  "late-accept": {
    runtime: "bun",
    frameworks: ["bun", "elysia"],
    says: "accepts a silent client only after a second; handshakes are unaffected",
  },
  "fresh-socket-objects": {
    runtime: "bun",
    frameworks: ["elysia"],
    says: "passes each handler call a new object for the same connection",
  },
  "kept-context-open": {
    runtime: "bun",
    frameworks: ["hono"],
    says: "leaves readyState of a stored context at open",
  },
  "memory-kept": {
    runtime: "node",
    frameworks: ["ws"],
    says: "has freed no memory of closed connections 20 s later",
  },
  "idle-wakes": {
    runtime: "bun",
    frameworks: ["bun", "elysia"],
    says: "wakes about ten times a second with one idle connection",
  },
  "send-uncompressed": {
    runtime: "bun",
    frameworks: ["bun"],
    deflate: true,
    says: "compresses published messages, and sent ones only on request",
  },
  "deflate-memory": {
    runtime: "node",
    frameworks: ["ws"],
    deflate: true,
    says: "uses 268 kB per connection for compression",
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
