import { expect, test } from "bun:test";
import { join } from "node:path";
import type { WhyResult } from "../../schemas/why.ts";
import { parseReport } from "../json.ts";
import { sectionText } from "../markdown/render.ts";
import { why } from "./why.ts";

const stored = await Bun.file(join(import.meta.dir, "../../tests/golden/report.json")).text();
const report = parseReport(stored, "report.json");
const evenly = (ns: number) => ({ p50: ns, p90: 2 * ns, p99: 3 * ns });

const lead: WhyResult = {
  candidate: "bun/serve",
  cell: "feed/json/passthrough/send/s10",
  windowMs: 2000,
  deliveriesHz: 20_000,
  measured: evenly(1e6),
  disturbed: 0,
  cost: { cpuNs: 8000, voluntarySwitches: 0.03, involuntarySwitches: 0.01 },
  systemCalls: {
    deliveries: 1000,
    calls: 1010,
    writes: 1000,
    bytes: 350_000,
    top: [{ name: "sendto", calls: 1000 }],
  },
  inside: {
    elapsedMs: 2000,
    gc: null,
    loop: { looks: 400, lateMsP50: 0.2, lateMsP99: 3, lateMsMax: 5 },
    profile: { samples: 300, frames: [{ name: "send", where: "", share: 0.88 }] },
  },
  explained: {
    utilisation: 0.2,
    queue: evenly(9e5),
    residual: evenly(1e5),
    predictions: [
      {
        times: 2,
        utilisation: 0.4,
        predicted: evenly(4e6),
        measured: evenly(5e6),
        errorPct: evenly(-20),
      },
      { times: 4, utilisation: 1.1, predicted: evenly(9e9), measured: null, errorPct: null },
    ],
  },
};
const other: WhyResult = {
  ...lead,
  candidate: "node/ws",
  measured: evenly(2e6),
  cost: { cpuNs: 12_000, voluntarySwitches: 0.1, involuntarySwitches: 0 },
  systemCalls: { notMeasured: "no-strace" },
  inside: {
    elapsedMs: 2000,
    gc: { pauses: 8, totalMs: 20, longestMs: 4 },
    loop: { looks: 400, lateMsP50: 0.2, lateMsP99: 3, lateMsMax: 5 },
    profile: null,
  },
  explained: { utilisation: 0.3, queue: evenly(2.2e6), residual: evenly(-2e5), predictions: [] },
};

const text = (results: readonly WhyResult[]): string => {
  const decision = { ...report.decision, leader: "bun/serve" };
  const section = why({ ...report, decision, why: [...results] });
  return section === null ? "" : sectionText(section, (id) => `#${id}`).replaceAll("\u00a0", " ");
};

test("others are reported beside the leader, by what was counted of both, and their tail split into queue and residual", () => {
  expect(text([other, lead])).toContain(
    "node/ws beside bun/serve: 1.50 × the CPU time a delivery; its p99 is 3.00 ms longer (queue 3.90 ms, residual −900 µs)",
  );
});

test("what was not told says why, and a load beyond what can be served is no latency", () => {
  const lines = text([lead, other]).split("\n");
  const row = (name: string, n = 0) => lines.filter((line) => line.startsWith(`| ${name}`))[n] ?? "";
  expect(row("bun/serve |")).toContain("8.00 µs | 1.01 | 1.00 | 350 | 0.0400 | not reported by this runtime");
  expect(row("node/ws |")).toContain("12.0 µs | strace not found | — | — | 0.100 | 1 % of the time");
  expect(row("bun/serve, 2 ×")).toContain(
    "4.00 ms / 8.00 ms / 12.0 ms | 5.00 ms / 10.0 ms / 15.0 ms | −20 % / −40 % / −60 % | 40 %",
  );
  expect(row("bun/serve, 4 ×")).toContain("cannot keep up | — | — | 110 %");
  expect(text([])).toBe("");
});

test("a disturbed window casts doubt on all that was made of it, where a reader meets it", () => {
  const shaken = { ...lead, disturbed: 1 };
  const doubt = "⚠ a window was disturbed";
  const lines = text([shaken, other]).split("\n");
  const about = (start: string) => lines.filter((line) => line.startsWith(start) && line.includes(doubt));
  expect(about("| bun/serve<br>")).toHaveLength(1);
  expect(about("| bun/serve, ")).toHaveLength(2);
  expect(about("- node/ws beside bun/serve")).toHaveLength(1);
  expect(text([lead, other])).not.toContain(doubt);
});
