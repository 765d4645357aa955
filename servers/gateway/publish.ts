import { CodecError } from "../../schemas/codec/error.ts";
import { type ControlError, controlErrorCodes } from "../../schemas/control.ts";
import type { Connections } from "./connections.ts";
import type { Data, Peer, Session } from "./peer.ts";
import { Route, type RouteParts } from "./route.ts";

/** Passes a message on to the other processes of the server; null where there are none. */
export type Forward = ((data: Data, isText: boolean) => void) | null;

/** /publish: the upstream. Each message goes to the subscribers of its stream, in the order it came. */
export class PublishSession implements Session {
  readonly #connections: Connections;
  readonly #route: Route;
  readonly #forward: Forward;
  #peer: Peer | undefined;

  constructor(connections: Connections, parts: Omit<RouteParts, "publish">, forward: Forward) {
    this.#connections = connections;
    this.#route = new Route({ ...parts, publish: (topic, data) => this.#peer?.topics?.publish(topic, data) });
    this.#forward = forward;
  }

  opened(peer: Peer): void {
    this.#peer = peer;
    this.#connections.add(peer);
  }

  received(data: Data, isText: boolean): void {
    try {
      this.#route.take(data, isText);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    this.#forward?.(data, isText);
  }

  parsed(value: unknown): void {
    try {
      this.#route.takeParsed(value);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    this.#forward?.(JSON.stringify(value), true);
  }

  drained(): void {}

  closed(): void {
    if (this.#peer !== undefined) this.#connections.delete(this.#peer);
  }

  /** A message that is not market data is answered and goes no further; the connection lives on. */
  #refuse(error: unknown): void {
    if (!(error instanceof CodecError)) throw error;
    const reply: ControlError = {
      error: { code: controlErrorCodes.invalidRequest, msg: `Invalid message: ${error.message}` },
      id: null,
    };
    this.#peer?.send(JSON.stringify(reply), true);
  }
}
