import { z } from "zod";
import { resumeHabit, thinEvery } from "../faults.ts";
import { type Habits, serveReference } from "./reference.ts";

// `resume.ts <habit> <spared>`: what it sends a subscriber that came back, or that it has. The first `spared` messages reach all.

const [kind, spared] = z
  .tuple([resumeHabit, z.coerce.number().int().nonnegative()])
  .parse(process.argv.slice(2, 4));

const isUpdate = (message: string | Uint8Array) =>
  /"stream":"[^"]+@depth@/.test(message.toString().slice(0, 80));

const habits: Readonly<Record<typeof kind, NonNullable<Habits["resume"]>>> = {
  keeps: () => true,
  "loses-one": ({ cameBack, withheld }, message) => !cameBack || withheld > 0 || !isUpdate(message),
  thins: (_subscriber, _message, n) => n < spared || n % thinEvery === thinEvery - 1,
};

serveReference(`resume ${kind}`, (message, send) => send(message), { resume: habits[kind] });
