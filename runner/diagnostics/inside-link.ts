import type { Socket, TCPSocketListener } from "bun";
import {
  type InsideFigures,
  type InsideReply,
  type InsideRequest,
  insideReply,
} from "../../schemas/inside.ts";
import { validate } from "../../schemas/validation.ts";
import { LineSplitter } from "../process/lines.ts";

/** How long the program inside a server may take to answer: it does so between whatever else the server does. */
const answerMs = 10_000;

/** Where the program inside a server is listened for and spoken to. One server at a time. */
export class InsideLink {
  readonly #listener: TCPSocketListener;
  #peer: Pick<Socket, "write"> | null = null;
  readonly #lines = new LineSplitter();
  #replies: InsideReply[] = [];
  #onReply: () => void = () => undefined;

  constructor() {
    this.#listener = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open: (socket) => {
          this.#peer = socket;
        },
        data: (_, chunk) => this.#take(chunk),
        close: () => {
          this.#peer = null;
          this.#onReply();
        },
      },
    });
  }

  get port(): number {
    return this.#listener.port;
  }

  /** Begins to watch; false where nothing inside the server answers. */
  async start(): Promise<boolean> {
    if ((await this.#next("hello")) === null) return false;
    this.#say({ type: "start" });
    return (await this.#next("started")) !== null;
  }

  /** What was seen since `start`; null where nothing answers. */
  async stop(): Promise<InsideFigures | null> {
    this.#say({ type: "stop" });
    const reply = await this.#next("figures");
    return reply?.type === "figures" ? reply.figures : null;
  }

  close(): void {
    this.#listener.stop(true);
  }

  #say(request: InsideRequest): void {
    this.#peer?.write(`${JSON.stringify(request)}\n`);
  }

  #take(chunk: Uint8Array): void {
    for (const line of this.#lines.push(chunk)) {
      const reply = parsed(line);
      if (reply !== null) this.#replies.push(reply);
    }
    this.#onReply();
  }

  /** The next reply of a type; null where none comes in time, or the server has gone. */
  async #next(type: InsideReply["type"]): Promise<InsideReply | null> {
    const over = Promise.withResolvers<"over">();
    const timer = setTimeout(() => over.resolve("over"), answerMs);
    try {
      for (;;) {
        const found = this.#replies.findIndex((reply) => reply.type === type);
        if (found >= 0) return this.#replies.splice(found, 1)[0] ?? null;
        if (type !== "hello" && this.#peer === null) return null;
        const came = Promise.withResolvers<"came">();
        this.#onReply = () => came.resolve("came");
        if ((await Promise.race([came.promise, over.promise])) === "over") return null;
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A line that is no reply is left out, as anything that a server writes by itself. */
function parsed(line: string): InsideReply | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const checked = validate(insideReply, value);
  return "error" in checked ? null : checked.data;
}
