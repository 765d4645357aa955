import type { ReadyLine } from "../../schemas/ready.ts";
import type { Candidate } from "../../servers/manifest.ts";
import { Client, expectedAccept } from "./client.ts";
import { type RunningServer, start } from "./process.ts";

/** One rule of the contract. Its id is stable: a gap in the manifest names it. */
export interface Case {
  readonly id: string;
  /** Left out for candidates that cannot be asked, e.g. native broadcast where there is none. */
  readonly when?: (candidate: Candidate) => boolean;
  run(context: Context): Promise<void>;
}

/** What a case works with. Every socket and every server it opens is ended when it is over. */
export class Context {
  readonly candidate: Candidate;
  readonly server: RunningServer;
  readonly #clients: Client[] = [];
  readonly #servers: RunningServer[] = [];

  constructor(candidate: Candidate, server: RunningServer) {
    this.candidate = candidate;
    this.server = server;
  }

  get ready(): ReadyLine {
    return this.server.ready;
  }

  /** A TCP connection on which nothing has been said yet. */
  dial(port = this.server.port): Client {
    const client = new Client(port);
    this.#clients.push(client);
    return client;
  }

  /** An open WebSocket. */
  async open(path: string, port = this.server.port): Promise<Client> {
    const client = this.dial(port);
    const response = await client.request(path);
    if (response.status !== 101) throw new Error(`GET ${path} answered ${response.status}`);
    const accept = response.headers.get("sec-websocket-accept");
    if (accept !== expectedAccept) throw new Error(`Sec-WebSocket-Accept is ${accept}`);
    return client;
  }

  /** Another process of the same candidate with its own settings. */
  async start(env: Readonly<Record<string, string>>): Promise<RunningServer> {
    const server = await start(this.candidate, env);
    this.#servers.push(server);
    return server;
  }

  async end(): Promise<void> {
    for (const client of this.#clients) client.socket.destroy();
    await Promise.all(this.#servers.map((server) => server.stop()));
  }
}
