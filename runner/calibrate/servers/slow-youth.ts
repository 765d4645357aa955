import { z } from "zod";
import { serveReference } from "./reference.ts";

// `slow-youth.ts <ns> <youth ns>`: each message costs that much more while the process is younger than that, as code does that
// a compiler has not come to yet.
const [extraNs, youthNs] = z
  .tuple([z.coerce.number().nonnegative(), z.coerce.number().nonnegative()])
  .parse(process.argv.slice(2, 4));

serveReference("slow-youth", (message, send) => {
  const now = Bun.nanoseconds();
  if (now < youthNs) {
    const untilNs = now + extraNs;
    while (Bun.nanoseconds() < untilNs);
  }
  send(message);
});
