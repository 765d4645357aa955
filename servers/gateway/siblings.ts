import { z } from "zod";
import { type ReadyLine, readyLine } from "../../schemas/ready.ts";
import { type PublishQuery, publishQuery } from "./admission.ts";
import type { Data } from "./peer.ts";
import { UsageError } from "./settings.ts";

/** Messages that one process took from a publisher, for the subscribers that the others hold. */
const forwarded = z.strictObject({
  query: publishQuery,
  messages: z.array(
    z.strictObject({ data: z.union([z.string(), z.instanceof(Uint8Array)]), isText: z.boolean() }),
  ),
});
export type Forwarded = z.infer<typeof forwarded>;

/** What a process of a server says to the one that has started it: that it listens, or what the others are to send on. */
export const fromWorker = z.union([
  z.strictObject({ ready: readyLine }),
  z.strictObject({ forward: forwarded }),
]);
type FromWorker = z.infer<typeof fromWorker>;

/** The other processes that serve this one's port. Messages to them go through the process that has started them all. */
export interface Siblings {
  /** Says that this one listens. From then on `take` gets what the others forward. */
  ready(line: ReadyLine, take: (batch: Forwarded) => void): void;
  /** A means to forward what one publisher sends, in its order. */
  forwarder(query: PublishQuery): (data: Data, isText: boolean) => void;
}

/** Throws UsageError where nothing has started this process as one of several. */
export function joinSiblings(processes: number): Siblings {
  const send = process.send?.bind(process);
  if (send === undefined) {
    throw new UsageError(
      `SERVER_CORES: is for servers/gateway/cores.ts, which starts the processes of a server, got ${processes}; start that with this program as its argument`,
    );
  }
  const say = (message: FromWorker) => void send(message);
  return {
    ready(line, take) {
      process.on("message", (message) => take(forwarded.parse(message)));
      say({ ready: line });
    },
    forwarder(query) {
      let owed: Forwarded["messages"] = [];
      const flush = () => {
        const messages = owed;
        owed = [];
        say({ forward: { query, messages } });
      };
      // A message between processes costs as much as many to subscribers: those of a turn go together.
      return (data, isText) => {
        if (owed.push({ data, isText }) === 1) setImmediate(flush);
      };
    },
  };
}
