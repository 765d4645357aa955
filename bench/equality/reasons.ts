/** The two workloads that a candidate is set beside its minimal server in. */
export type Compared = "echo" | "push";

/** Why candidates differ from their minimal servers. `key` is the heading of its paragraph in docs/candidates.md. */
export interface Reason {
  readonly key: string;
  readonly workload: Compared;
  readonly candidates: readonly string[];
}

export const reasons: readonly Reason[] = [
  { key: "joined-writes", workload: "push", candidates: ["bun/ws", "bun/crossws"] },
  {
    key: "slices",
    workload: "push",
    candidates: [
      ...["bun/serve", "bun/elysia", "bun/hono"],
      ...["node/ws", "node/hono", "node/hono-v2", "node/crossws", "node/elysia", "node/uws"],
    ],
  },
  {
    key: "awaited-sends",
    workload: "push",
    candidates: [
      "python/aiohttp-asyncio",
      "python/aiohttp-uvloop",
      "python/fastapi-asyncio",
      "python/fastapi-uvloop",
    ],
  },
];

/** The key of what is known to set a candidate apart in a workload. */
export function reasonOf(candidate: string, workload: Compared): string | undefined {
  return reasons.find((one) => one.workload === workload && one.candidates.includes(candidate))?.key;
}
