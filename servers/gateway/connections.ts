import type { Peer } from "./peer.ts";

/** The sockets open now, whatever their endpoint. */
export class Connections {
  readonly #peers = new Set<Peer>();
  #emptied: (() => void) | undefined;

  get size(): number {
    return this.#peers.size;
  }

  add(peer: Peer): void {
    this.#peers.add(peer);
  }

  delete(peer: Peer): void {
    this.#peers.delete(peer);
    if (this.#peers.size === 0) this.#emptied?.();
  }

  /** Starts the closing handshake on every socket; resolves when the last one has closed. */
  closeAll(code: number, reason: string): Promise<void> {
    return new Promise((resolve) => {
      this.#emptied = resolve;
      for (const peer of [...this.#peers]) peer.close(code, reason);
      if (this.#peers.size === 0) resolve();
    });
  }
}
