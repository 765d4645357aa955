import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * A TCP proxy in front of a server, so that connections can be cut from outside: what is under way is lost, and either side learns of
 * it as it would of a broken line or a restarted load balancer.
 */
export class CutProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** Listens on 127.0.0.1, any free port, and forwards what comes to `target`. */
  static async open(target: { readonly host: string; readonly port: number }): Promise<CutProxy> {
    const proxy = new CutProxy(target);
    const listening = Promise.withResolvers<void>();
    proxy.#server.once("error", listening.reject);
    proxy.#server.listen(0, "127.0.0.1", listening.resolve);
    await listening.promise;
    return proxy;
  }

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#server = createServer({ noDelay: true }, (client) => {
      const upstream = connect({ ...target, noDelay: true });
      this.#join(client, upstream);
      this.#join(upstream, client);
    });
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the proxy does not listen");
    return address.port;
  }

  /** Cuts every connection that is open now. */
  cut(): void {
    for (const socket of [...this.#sockets]) socket.destroy();
  }

  /** Stops listening, and cuts every connection. */
  close(): void {
    this.#server.close();
    this.cut();
  }

  /** Forwards one way; `pipe` holds the reader back while the writer is full, and passes an end on. */
  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.#sockets.delete(from);
      // What has been read goes out before the other side is closed.
      to.destroySoon();
    });
  }
}
