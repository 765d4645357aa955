import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import type { RunEvent } from "../../schemas/event.ts";
import { soakOf } from "../analysis/soak.ts";
import { Calibrator } from "../calibrate/calibrator.ts";
import { planFrom } from "../fixtures/planned.ts";
import { LoadClient } from "../load-client.ts";
import { Children } from "../process/children.ts";
import { runDiagnostics } from "./run-diagnostics.ts";

const children = new Children();
const load = new LoadClient(children, null);
const calibrator = new Calibrator(children, load, {
  pinned: false,
  reason: "memory does not depend on cores",
});
afterAll(async () => {
  await load.stop();
  await children.close();
});

setDefaultTimeout(60_000);

test("a server that leaks is found to rise, beside one that does not", async () => {
  const argv = [
    "--candidates",
    "bun/serve,node/ws",
    "--workloads",
    "feed",
    "--profile",
    "smoke",
    "--soak",
    "30s",
  ];
  const made = planFrom(...argv);
  const plan = { ...made, extras: { soakMs: 3_000, why: false } };
  const events: RunEvent[] = [];
  await runDiagnostics({
    plan,
    // Memory that nobody gives back, 40 MiB of it a second: whatever else a heap does is small beside it.
    bench: calibrator.bench(plan, { "bun/serve": ["plain"], "node/ws": ["leak", 40 * 2 ** 20] }),
    benchWithin: () => Promise.resolve(null),
    children,
    serverCores: null,
    record: (event) => void events.push(event),
    done: [],
    unavailable: new Set(),
    now: () => new Date(),
    stopping: () => false,
  });
  const found = soakOf(plan, events);
  const [plain, leak] = ["bun/serve", "node/ws"].map((name) => found.find((s) => s.candidate === name));
  expect(leak?.rss.verdict).toBe("rising");
  expect(plain?.rss.growthPct ?? Infinity).toBeLessThan((leak?.rss.growthPct ?? 0) / 2);
});
