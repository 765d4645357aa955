import { z } from "zod";
import { serveReference } from "./reference.ts";

// `leak.ts <bytes a second>`: keeps that much more every second, whatever it serves.
const bytesPerS = z.coerce.number().positive().parse(process.argv[2]);

const everyMs = 20;
const kept: Buffer[] = [];
setInterval(() => {
  // Filled, since memory that nobody has written is not resident.
  kept.push(Buffer.alloc(Math.round((bytesPerS * everyMs) / 1000), kept.length));
}, everyMs);

serveReference("leak", (message, send) => send(message));
