import { z } from "zod";
import { serveReference } from "./reference.ts";

// `service.ts <ns>`: works that long on every message before it goes on: a queue with one server and a known time of service.
const serviceNs = z.coerce.number().positive().parse(process.argv[2]);

serveReference("service", (message, send) => {
  const untilNs = Bun.nanoseconds() + serviceNs;
  while (Bun.nanoseconds() < untilNs);
  send(message);
});
