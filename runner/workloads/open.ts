import type { Paths } from "../../schemas/endpoint.ts";
import { connectAll } from "../load/connect-all.ts";
import type { Connection, ConnectionOptions, ConnectionSink } from "../load/connection.ts";
import type { TrialContext } from "./context.ts";

/**
 * Opens `count` connections to where the server offers a workload, with `query` behind the path. Rejects where a
 * subprotocol that the server must agree on is not agreed.
 */
export async function openAll(
  context: TrialContext,
  path: keyof Paths,
  count: number,
  sinkOf: () => ConnectionSink,
  query: Readonly<Record<string, string>> = {},
): Promise<Connection[]> {
  const target = targetOf(context, path, query);
  const { connectTimeoutMs, endpoint } = context;
  const connections = await connectAll(count, target, sinkOf, { timeoutMs: connectTimeoutMs });
  if (connections.every((connection) => isAgreed(context, connection))) return connections;
  for (const connection of connections) connection.terminate();
  throw new Error(`the server selected no subprotocol, "${endpoint.subprotocol}" was expected`);
}

/** Where the server offers a workload, with `query` behind the path. */
export function targetOf(
  { endpoint, port, transport, tap, address }: TrialContext,
  path: keyof Paths,
  query: Readonly<Record<string, string>>,
): ConnectionOptions {
  const { host, paths, subprotocol, headers } = endpoint;
  return {
    host: address ?? host,
    port,
    path: withQuery(paths[path], query),
    headers,
    tap,
    ca: transport?.ca,
    deflate: transport?.deflate,
    ...(subprotocol === null ? {} : { protocols: [subprotocol] }),
  };
}

/** Whether the subprotocol that has to be agreed on is. One that was not offered is refused by the handshake itself. */
export const isAgreed = ({ endpoint: { subprotocol } }: TrialContext, { protocol }: Connection): boolean =>
  subprotocol === null || protocol === subprotocol;

function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const search = new URLSearchParams(query).toString();
  if (search === "") return path;
  return `${path}${path.includes("?") ? "&" : "?"}${search}`;
}
