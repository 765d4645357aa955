import { z } from "zod";
import { arrivalFault } from "../faults.ts";
import { type Habits, serveReference } from "./reference.ts";

// `arrivals.ts keep <bytes>`: keeps so many bytes of each connection for good.
// `arrivals.ts refuse <every>`: answers each connection whose count is a multiple of that with 503.
// `arrivals.ts hold <ms>`: answers each upgrade that much later.

const [fault, value] = z
  .tuple([arrivalFault, z.coerce.number().int().positive()])
  .parse(process.argv.slice(2, 4));

/** So many connections share a block: what an engine adds to each block is then little beside it. */
const shared = 16;
const kept: Buffer[] = [];

const habits: Readonly<Record<z.infer<typeof arrivalFault>, NonNullable<Habits["admit"]>>> = {
  keep: (n) => {
    // Filled, since memory that nobody has written is not resident.
    if (n % shared === 0) kept.push(Buffer.alloc(shared * value, kept.length + 1));
    return null;
  },
  refuse: (n) => (n % value === 0 ? new Response("Service Unavailable", { status: 503 }) : null),
  hold: () => Bun.sleep(value).then(() => null),
};

serveReference("arrivals", (message, send) => send(message), { admit: habits[fault] });
