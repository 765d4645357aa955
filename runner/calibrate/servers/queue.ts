import { z } from "zod";
import { queueHabit } from "../faults.ts";
import { type Message, serveReference } from "./reference.ts";

// `queue.ts <keeps|sheds> <messages a second>`: reads whatever comes at once, and passes on so many a second.

const [kind, rateHz] = z.tuple([queueHabit, z.coerce.number().positive()]).parse(process.argv.slice(2, 4));

/** Beyond a block of the warm-up, so that nothing is lost before the flood. */
const shedsFrom = 1_000;
const queue: { readonly message: Message; readonly send: (message: Message) => void }[] = [];
let owed = 0;
let lastNs = Bun.nanoseconds();

setInterval(() => {
  const now = Bun.nanoseconds();
  owed = Math.min(queue.length, owed + ((now - lastNs) * rateHz) / 1e9);
  lastNs = now;
  const due = Math.floor(owed);
  owed -= due;
  for (const { message, send } of queue.splice(0, due)) send(message);
}, 1);

serveReference(`queue ${kind}`, (message, send) => {
  if (kind === "keeps" || queue.length < shedsFrom) queue.push({ message, send });
});
