import type { Paths } from "../../schemas/endpoint.ts";
import { connectAll } from "../load/connect-all.ts";
import type { Connection, ConnectionSink } from "../load/connection.ts";
import type { TrialContext } from "./context.ts";

/**
 * Opens `count` connections to where the server offers a workload, with `query` behind the path. Rejects where a
 * subprotocol that the server must agree on is not agreed.
 */
export async function openAll(
  { endpoint, port, connectTimeoutMs, tap }: TrialContext,
  path: keyof Paths,
  count: number,
  sinkOf: () => ConnectionSink,
  query: Readonly<Record<string, string>> = {},
): Promise<Connection[]> {
  const { host, paths, subprotocol, headers } = endpoint;
  const target = {
    host,
    port,
    path: withQuery(paths[path], query),
    headers,
    tap,
    ...(subprotocol === null ? {} : { protocols: [subprotocol] }),
  };
  const connections = await connectAll(count, target, sinkOf, { timeoutMs: connectTimeoutMs });
  // One that was not offered is refused by the handshake itself.
  if (subprotocol === null || connections.every((c) => c.response?.protocol === subprotocol)) {
    return connections;
  }
  for (const connection of connections) connection.terminate();
  throw new Error(`the server selected no subprotocol, "${subprotocol}" was expected`);
}

function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const search = new URLSearchParams(query).toString();
  if (search === "") return path;
  return `${path}${path.includes("?") ? "&" : "?"}${search}`;
}
