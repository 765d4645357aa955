import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseReport } from "../../reports/json.ts";
import { CalibrationFailure, Calibrator } from "../../runner/calibrate/calibrator.ts";
import { echoCell, openCell } from "../../runner/calibrate/cells.ts";
import type { Deception } from "../../runner/calibrate/faults.ts";
import { LoadClient } from "../../runner/load-client.ts";
import { Children } from "../../runner/process/children.ts";
import type { CellSpec } from "../../schemas/cell.ts";
import { correctShare } from "../../schemas/delivery.ts";
import { runEvent } from "../../schemas/event.ts";
import { verification } from "../../schemas/verification.ts";
import { compare } from "./compare.ts";

setDefaultTimeout(120_000);

const servers = join(import.meta.dir, "../../runner/calibrate/servers");
const out = mkdtempSync(join(tmpdir(), "tickbench-deceiving-"));
afterAll(() => rmSync(out, { recursive: true }));

describe("the load generator before a server that deceives", () => {
  const children = new Children();
  const load = new LoadClient(children, null);
  const calibrator = new Calibrator(children, load, {
    pinned: false,
    reason: "counts do not depend on cores",
  });
  beforeAll(() => load.ready());
  afterAll(async () => {
    await load.stop();
    await children.close();
  });
  const measured = (kind: Deception, cell: CellSpec, every = 1_000) =>
    calibrator.with("deceiving", [kind, every], (server) => calibrator.measure(server, cell));
  const many = { ...openCell(2_000, 200, 200), subscribers: 3 };
  const push = (bytes: number, codec: "json" | "raw" | "sbe" = "json"): CellSpec => {
    return { workload: "push", codec, bytes, count: 50, connections: 2, warmupMs: 50, windowMs: 100 };
  };
  const jsonEcho = { ...echoCell(2, 4, 50, 20), codec: "json" as const, bytes: null };

  test("each 1,000th message lost at one subscriber is a gap of the flood, which goes on", async () => {
    const { ledger, warmUp } = await measured("lose-at-one", many);
    const sent = (warmUp?.due ?? 0) / 3 + ledger.due / 3;
    expect(sent).toBeGreaterThan(2_000);
    // What the server counts, from the first message of all on.
    expect((warmUp?.gaps ?? 0) + ledger.gaps).toBe(Math.floor(sent / 1_000));
    expect(warmUp?.gaps).toBeGreaterThan(0);
  });

  test("one that falls silent in the warm-up is told so, with what it owed", async () => {
    const failure = await measured("fall-silent", many).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CalibrationFailure);
    expect((failure as CalibrationFailure).message).toMatch(
      /of \d+ warm-up messages \d+ had not come back within the time limit/,
    );
  });

  test.each<[string, CellSpec, number]>([
    ["an open loop", { ...many, warmupMs: 50 }, 3],
    ["a pipelined echo", { ...jsonEcho, windowMs: 200, warmupMs: 50 }, 1],
    [
      "an echo with one message in flight",
      { ...jsonEcho, connections: 1, window: 1, windowMs: 200, warmupMs: 50 },
      1,
    ],
  ])(
    "what comes again once its phase is over is counted, between phases too, in %s",
    async (_, cell, copies) => {
      const { ledger, warmUp } = await measured("again-late", cell, 300);
      const flaws = [ledger, warmUp].map((of) => (of?.duplicates ?? 0) + (of?.corrupt ?? 0));
      expect(flaws[0]! + flaws[1]!).toBe(copies * 300);
    },
  );

  test("a message that comes before its send is corrupt, and has no latency", async () => {
    const { ledger, histograms } = await measured("early", many);
    expect(ledger.corruptBy?.early).toBeGreaterThan(10);
    expect(correctShare({ reach: 1, ledger })).toBeLessThan(1);
    expect(histograms.latency?.minNs ?? 1).toBeGreaterThan(0);
  });

  test.each<[string, CellSpec]>([
    ["an open loop", many],
    ["a pipelined echo", jsonEcho],
    ["an echo with one message in flight", { ...jsonEcho, connections: 1, window: 1 }],
  ])("JSON encoded anew is counted, and no fault of the delivery, in %s", async (_, cell) => {
    const { ledger } = await measured("rewrite-json", cell);
    expect(ledger).toMatchObject({ gaps: 0, corrupt: 0, rewritten: ledger.delivered });
  });

  test.each<[string, CellSpec]>([
    ["an open loop", many],
    ["a pipelined echo", jsonEcho],
    ["an echo with one message in flight", { ...jsonEcho, connections: 1, window: 1 }],
    ["a push", push(146)],
  ])("a greeting is left out and told, in %s", async (_, cell) => {
    const { ledger, warmUp, unasked } = await measured("greet", cell);
    expect([ledger.gaps, ledger.corrupt, warmUp?.gaps, warmUp?.corrupt]).toEqual([0, 0, 0, 0]);
    expect(unasked?.first).toBe("welcome to the gateway");
    expect(unasked?.messages).toBeGreaterThan(0);
  });

  test.each<[Deception, string, CellSpec, RegExp]>([
    [
      "text-as-binary",
      "an echo",
      jsonEcho,
      /came back under another opcode \(the first as binary, opcode 2, sent as text, opcode 1\)/,
    ],
    [
      "text-as-binary",
      "a feed",
      many,
      /came back under another opcode \(the first as binary, opcode 2, sent as text, opcode 1\)/,
    ],
    [
      "short-push",
      "JSON",
      push(146),
      /of (\d+) messages 0 came back unchanged: \1 came in another length \(the first had 16 bytes, 146 were due\)/,
    ],
    [
      "short-push",
      "raw messages",
      push(64, "raw"),
      /of (\d+) messages 0 came back unchanged: \1 came in another length \(the first had 16 bytes, 64 were due\)/,
    ],
    ["blank-push", "JSON", push(146), /of (\d+) messages 0 came back unchanged: \1 were no market message/],
    [
      "blank-push",
      "raw messages",
      push(64, "raw"),
      /of (\d+) messages 0 came back unchanged: \1 came with other bytes \(the first differs from byte 8 on\)/,
    ],
    [
      "blank-push",
      "SBE",
      push(74, "sbe"),
      /of (\d+) messages 0 came back unchanged: \1 were no market message/,
    ],
  ])("%s is refused by the rule that it breaks, in %s", async (kind, _, cell, rule) => {
    // How many are there once the first are told is the network's.
    const failure = await measured(kind, cell).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CalibrationFailure);
    expect((failure as CalibrationFailure).message).toMatch(rule);
  });
});

describe("the command before a server that deceives", () => {
  const feedCell = "feed/json/passthrough/send*";
  const ownOf = (kind: string, ...args: string[]) =>
    `mine=${[process.execPath, join(servers, kind), ...args].join(" ")}`;
  const run = async (own: string, ...argv: string[]) => {
    const { stdout, stderr, code } = await compare([
      ..."--profile smoke --rounds 3 --force --keep-disturbed --quiet --json --candidates bun/serve".split(
        " ",
      ),
      ...["--workloads", "echo/json*", "--candidate", own, "--out", out],
      ...argv,
    ]);
    if (stdout === "") throw new Error(stderr);
    const report = parseReport(stdout, "stdout");
    return { report, code, mine: report.results.filter((r) => r.candidate === "mine") };
  };

  test.each([
    ["swaps one message in 2,000", ownOf("faulty.ts", "swap", "2000")],
    ["doubles one message in 2,000", ownOf("faulty.ts", "double", "2000")],
    ["sends messages before they come", ownOf("deceiving.ts", "early")],
  ])("one that %s is out of verdict, recommendation and gate", async (_, own) => {
    const { report, code, mine } = await run(own, "--assert", "mine echo throughput > 1/s");
    // Whether a fault met the verifying run, the warm-up or a window is chance: it weighs everywhere.
    const flawed = mine.some((result) => correctShare(result) < 1);
    const refused = report.failures.some((f) => f.candidate === "mine" && f.code === "not-intact");
    expect(flawed || refused).toBe(true);
    const compared = report.comparisons.filter(
      (c) => c.workload === "echo" && (c.a === "mine" || c.b === "mine"),
    );
    expect(compared.filter((c) => c.verdict !== "withheld")).toEqual([]);
    expect(report.decision.recommended).not.toBe("mine");
    expect(report.decision.excluded.map((e) => e.candidate)).toContain("mine");
    expect(code).not.toBe(0);
  });

  test("what is lost in the warm-up stands in the record and in the report, and weighs", async () => {
    const { report, mine } = await run(ownOf("deceiving.ts", "lose-at-one", "100"), "--workloads", feedCell);
    expect(mine.length).toBeGreaterThan(0);
    for (const result of mine) {
      expect(result.warmUp?.gaps).toBeGreaterThan(0);
      expect(correctShare(result)).toBeLessThan(1);
    }
    expect(report.decision.recommended).not.toBe("mine");
    const log = readFileSync(join(out, "latest", "events.ndjson"), "utf8")
      .trim()
      .split("\n");
    const windows = log
      .map((line) => runEvent.parse(JSON.parse(line)))
      .flatMap((e) => (e.type === "window-finished" && e.candidate === "mine" ? [e.measurement] : []));
    expect(windows.some(({ warmUp }) => (warmUp?.gaps ?? 0) > 0)).toBe(true);
  });

  test("verify tells by which rule a server fails", async () => {
    const found = await compare([
      "verify",
      "--json",
      ...["--workloads", "push/json*,echo/json*", "--candidates", "bun/serve"],
      ...["--candidate", ownOf("deceiving.ts", "short-push")],
    ]);
    const mine = verification.parse(JSON.parse(found.stdout)).candidates.find((c) => c.id === "mine");
    expect(mine?.passed).toEqual(["echo/json"]);
    expect(mine?.notServed.map((n) => n.reason)).toEqual([expect.stringContaining("16 bytes, 146 were due")]);
  });
});
