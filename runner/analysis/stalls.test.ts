import { describe, expect, test } from "bun:test";
import { decided } from "../../reports/decision/decided.ts";
import { renderDetails } from "../../reports/markdown/markdown.ts";
import { policyByName } from "../../reports/policies.ts";
import type { Measurement } from "../../schemas/load.ts";
import type { Policy } from "../../schemas/policy.ts";
import type { Report } from "../../schemas/report.ts";
import { inventedMeasurement } from "../fixtures/invented.ts";
import { planFrom } from "../fixtures/planned.ts";
import { analyseScript } from "../fixtures/scripted-run.ts";

const argv = "--candidates bun/serve,node/ws,node/hono --workloads feed/json/passthrough/send* --rounds 8";
const plan = planFrom(...argv.split(" "));
const [cell] = plan.cells.map(({ id }) => id);

const whole = { due: 100, delivered: 100, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 };
const { generator } = inventedMeasurement({ sent: 100, metrics: {}, ledger: whole });
/** A window of an open loop with so many stalls of 100 ms, each from its own time. */
const window = (events: number): Partial<Measurement> => ({
  generator: { ...generator, latenessNsP99: 1e3 },
  late: Array.from({ length: events }, (_, i) => ({ atMs: 20 * i, lengthNs: 1e8, ownNs: 0 })),
});
const run = (events: (candidate: string, round: number) => number): ReturnType<typeof analyseScript> =>
  analyseScript({ plan, measure: (candidate, _, round) => window(events(candidate, round)) });
const policy = (name: string): Policy => policyByName(name) as Policy;
const stalling = ({ warnings }: Pick<Report, "warnings">) =>
  warnings.filter((w) => w.code === "stalls").map((w) => w.cell);

describe("stalls", () => {
  const both = run((candidate) => (candidate.startsWith("node/") ? 2 : 0));

  test("of two servers that both stall do not hide each other", () => {
    expect(stalling(decided(both, policy("balanced"))).sort()).toEqual([
      `node/hono ${cell}`,
      `node/ws ${cell}`,
    ]);
    // One of the two a little more often than the other, and in whichever order.
    const uneven = run((candidate, round) =>
      candidate === "node/ws" ? 3 : candidate === "node/hono" ? 2 + (round % 2) : 0,
    );
    expect(stalling(decided(uneven, policy("balanced")))).toHaveLength(2);
  });

  test("are not hidden by shorter ones that the machine gives everybody", () => {
    const machines = { atMs: 5, lengthNs: 20e6, ownNs: 0 };
    const hidden = analyseScript({
      plan,
      measure: (candidate, _, round) => {
        const own = candidate === "node/ws" && round % 4 !== 3 ? (window(1).late ?? []) : [];
        const all = [machines, { ...machines, atMs: 40 }].slice(own.length);
        return { ...window(0), late: [...all, ...own] };
      },
    });
    expect(stalling(decided(hidden, policy("balanced")))).toEqual([`node/ws ${cell}`]);
  });

  test("that everybody has are the machine's", () => {
    expect(
      stalling(
        decided(
          run(() => 2),
          policy("balanced"),
        ),
      ),
    ).toEqual([]);
  });

  test("leave their server out and touch the answer where the policy weighs the tail, and nothing where it does not", () => {
    const tail = decided(both, policy("latency"));
    expect(new Set(tail.decision.excluded.map((e) => `${e.candidate} ${e.code}`))).toEqual(
      new Set(["node/ws stalls", "node/hono stalls"]),
    );
    const touched = (report: Report) =>
      new Set(report.warnings.flatMap((w) => (w.code === "stalls" ? [w.touches] : [])));
    expect(touched(tail)).toEqual(new Set(["answer"]));
    const { weights } = policy("cost");
    const blind = decided(both, { ...policy("cost"), weights: { ...weights, latencyTail: 0 } });
    expect(blind.decision.excluded.filter((e) => e.code === "stalls")).toEqual([]);
    expect(touched(blind)).toEqual(new Set(["cells"]));
  });

  const rowsOf = (report: Pick<Report, "comparisons">) =>
    report.comparisons.filter((c) => c.metric === "stallsHz").map((c) => [c.a, c.verdict, c.code]);

  test("are compared with the reference's, and of too few nothing is decided", () => {
    const one = run((candidate, round) => (candidate === "node/ws" && round === 3 ? 1 : 0));
    expect(rowsOf(one)).toEqual([
      ["node/ws", "undecided", "too-few-events"],
      ["node/hono", "undecided", "too-few-events"],
    ]);
    expect(rowsOf(both)).toEqual([
      ["node/ws", "withheld", "exploratory"],
      ["node/hono", "withheld", "exploratory"],
    ]);
    const rates = run((candidate) => (candidate === "node/ws" ? 6 : 2));
    const [compared] = rates.comparisons.filter((c) => c.metric === "stallsHz" && c.a === "node/ws");
    expect(compared?.ratio).toBeCloseTo(3, 6);
    expect(compared?.ciLow).toBeGreaterThan(1);
  });

  test("stand in details.md, with how far the machine explains them", () => {
    const told = analyseScript({
      plan,
      measure: (candidate) =>
        candidate === "node/ws"
          ? { ...window(0), late: [{ atMs: 1, lengthNs: 1e8, ownNs: 98e6 }] }
          : window(candidate === "node/hono" ? 2 : 0),
    });
    const text = renderDetails(decided(told, policy("balanced")), []);
    const section = text.slice(text.indexOf("## Stalls"));
    expect(section).toMatch(
      /\| ⚠ node\/hono \| .*16 in all.*\| 100 ms \| 100 ms \| 0 \| more than the others/,
    );
    expect(section).toMatch(/\| node\/ws \| .* — \| — \| 8 \| /);
    const quiet = renderDetails(
      decided(
        run(() => 0),
        policy("balanced"),
      ),
      [],
    );
    expect(quiet).toMatch(/## Stalls[\s\S]*too few to judge/);
  });
});
