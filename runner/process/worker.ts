import { z } from "zod";
import { type ChildSpec, type Stopped, startChild } from "./child.ts";
import type { Children } from "./children.ts";
import type { Failure } from "./failure.ts";

/** A worker process spoken to over IPC. */
export interface Worker<Request> {
  readonly pid: number;
  /** Resolves when the worker ends unasked or sends what its schema does not allow; never otherwise. */
  readonly lost: Promise<Failure>;
  /** False when the channel is closed; `lost` then says why. */
  send(message: Request): boolean;
  stderrTail(): string[];
  stop(graceMs: number): Promise<Stopped>;
  kill(): void;
}

export type WorkerResult<Request> =
  | { readonly ok: true; readonly worker: Worker<Request> }
  | { readonly ok: false; readonly failure: Failure };

/**
 * Starts a Bun worker with an IPC channel. `parse` reads each message from it and throws on a wrong one (a schema's
 * own `parse` will do); a wrong message kills the worker, since nothing more that it says can be believed.
 */
export function startWorker<Request, Reply>(
  spec: ChildSpec,
  children: Children,
  parse: (message: unknown) => Reply,
  onReply: (reply: Reply) => void,
): WorkerResult<Request> {
  const wrong = Promise.withResolvers<string>();
  const onMessage = (message: unknown) => {
    let reply: Reply;
    try {
      reply = parse(message);
    } catch (error) {
      wrong.resolve(reasonOf(error));
      return;
    }
    onReply(reply);
  };
  const started = startChild(spec, children, { onStdout: () => {}, onMessage });
  if (!started.ok) return started;
  const { child } = started;
  const broken = wrong.promise.then((why) => {
    child.kill();
    return child.failure("running", "bad-message", `sent a message that breaks its schema: ${why}`);
  });
  return {
    ok: true,
    worker: {
      pid: child.pid,
      lost: Promise.race([child.lost, broken]),
      send: child.send,
      stderrTail: child.stderrTail,
      stop: child.stop,
      kill: child.kill,
    },
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error).replaceAll(/\s*\n\s*/g, " ");
  return error instanceof Error ? error.message : String(error);
}
