import type { Connections } from "./connections.ts";
import type { Peer, Session } from "./peer.ts";

/** /echo is only counted here: each candidate answers it in its framework's own words. */
export class EchoSession implements Session {
  readonly #connections: Connections;
  #peer: Peer | undefined;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  opened(peer: Peer): void {
    this.#peer = peer;
    this.#connections.add(peer);
  }

  received(): void {}

  parsed(): void {}

  drained(): void {}

  closed(): void {
    if (this.#peer !== undefined) this.#connections.delete(this.#peer);
  }
}
