import type { Socket, TCPSocketListener } from "bun";
import { ByteQueue } from "../load/byte-queue.ts";

/** One end of a line through the proxy. */
class End {
  /** Undefined until it is connected. */
  socket: Socket<End> | undefined;
  other!: End;
  /** What its socket has not taken yet. */
  readonly unsent = new ByteQueue();
  #endsWhenSent = false;
  #isCut = false;

  forward(chunk: Uint8Array): void {
    const taken = this.unsent.length > 0 ? 0 : Math.max(0, this.socket?.write(chunk) ?? 0);
    if (taken === chunk.length) return;
    this.unsent.push(chunk, taken, chunk.length);
    // A slow reader holds its writer back.
    this.other.socket?.pause();
  }

  opened(socket: Socket<End>): void {
    this.socket = socket;
    if (this.#isCut) socket.terminate();
    else this.drain();
  }

  drain(): void {
    if (this.unsent.length > 0) {
      this.unsent.drain((bytes, at, length) => Math.max(0, this.socket?.write(bytes, at, length) ?? 0));
    }
    if (this.unsent.length > 0) return;
    this.other.socket?.resume();
    if (this.#endsWhenSent) this.socket?.end();
  }

  /** The other end is closed: what has been read goes out before this one is. */
  end(): void {
    this.#endsWhenSent = true;
    if (this.socket !== undefined && this.unsent.length === 0) this.socket.end();
  }

  cut(): void {
    this.#isCut = true;
    this.socket?.terminate();
  }
}

/**
 * A TCP proxy in front of a server, so that connections can be cut from outside: what is under way is lost, and either side learns of
 * it as it would of a broken line or a restarted load balancer. It shares the loop of the clients that it stands before, so it
 * copies bytes from socket to socket and does no more.
 */
export class CutProxy {
  readonly #listener: TCPSocketListener<End>;
  readonly #ends = new Set<End>();

  /** Listens on 127.0.0.1, any free port, and forwards what comes to `target`. Throws where it cannot listen. */
  constructor(target: { readonly host: string; readonly port: number }) {
    const shared = {
      data: ({ data }: Socket<End>, chunk: Uint8Array) => data.other.forward(chunk),
      drain: ({ data }: Socket<End>) => data.drain(),
      error: ({ data }: Socket<End>) => data.cut(),
      close: ({ data }: Socket<End>) => {
        this.#ends.delete(data);
        data.other.end();
      },
    };
    const upstream = { ...shared, open: (socket: Socket<End>) => socket.data.opened(socket) };
    this.#listener = Bun.listen<End>({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        ...shared,
        open: (client) => {
          const [near, far] = [new End(), new End()];
          near.other = far;
          far.other = near;
          this.#ends.add(near).add(far);
          client.data = near;
          client.setNoDelay(true);
          near.opened(client);
          Bun.connect<End>({ hostname: target.host, port: target.port, data: far, socket: upstream }).then(
            (socket) => socket.setNoDelay(true),
            () => {
              this.#ends.delete(far);
              near.cut();
            },
          );
        },
      },
    });
  }

  get port(): number {
    return this.#listener.port;
  }

  /** Cuts every connection that is open now. */
  cut(): void {
    for (const end of [...this.#ends]) end.cut();
  }

  /** Stops listening, and cuts every connection. */
  close(): void {
    this.#listener.stop();
    this.cut();
  }
}
