import { z } from "zod";
import { jsonStreamOf } from "../../../schemas/codec/json.ts";
import { sbeStreamOf } from "../../../schemas/codec/sbe.ts";
import { resumeHabit, thinEvery } from "../faults.ts";
import { type Habits, type Message, serveReference } from "./reference.ts";

// `resume.ts <habit> <spared>`: what it sends a subscriber that came back, or that it has. The first `spared` messages reach all.

const [kind, spared] = z
  .tuple([resumeHabit, z.coerce.number().int().nonnegative()])
  .parse(process.argv.slice(2, 4));

const isUpdate = (message: Message) => {
  const stream = typeof message === "string" ? jsonStreamOf(message) : sbeStreamOf(message);
  return stream?.includes("@depth@") === true;
};

const habits: Readonly<Record<typeof kind, NonNullable<Habits["resume"]>>> = {
  keeps: () => true,
  "loses-one": ({ cameBack, withheld }, message) => !cameBack || withheld > 0 || !isUpdate(message),
  thins: (_subscriber, _message, n) => n < spared || n % thinEvery === thinEvery - 1,
};

serveReference(`resume ${kind}`, (message, send) => send(message), { resume: habits[kind] });
