import { expect, test } from "bun:test";
import { makeReport } from "../../tests/golden/make-report.ts";
import { sectionText } from "../markdown/render.ts";
import { flagged } from "../view.ts";
import type { Section } from "./document.ts";
import { environment as sectionOf } from "./environment.ts";
import { gaps, rewritingGap } from "./findings.ts";

const written = (section: Section | null): string =>
  section === null ? "" : sectionText(section, (id) => `#${id}`);
const environment = (report: ReturnType<typeof makeReport>) => written(sectionOf(report));

test("what a server does not serve stands beside its status, and is no failure", () => {
  const report = makeReport();
  const notServed = [{ service: "push/json", reason: "answered <403> | no" }];
  const candidates = report.candidates.map((c, i) => (i === 0 ? { ...c, notServed } : c));
  const row = environment({ ...report, candidates })
    .split("\n")
    .find((line) => line.startsWith("| node/ws |"));
  expect(row).toContain("measured<br>not served: `push/json` (answered &lt;403> \\| no)");
});

test("a run that was gone on with tells what measured which rounds", () => {
  const report = makeReport();
  const part = {
    startedAt: report.run.startedAt,
    kernel: "6.1.7",
    toolVersion: "0.1.0",
    fromRound: 0,
    toRound: 3,
  };
  const environmentOf = (parts: typeof report.run.parts) =>
    environment({ ...report, run: { ...report.run, parts } });
  expect(environmentOf([part])).not.toContain("Resumed");
  const two = environmentOf([part, { ...part, fromRound: 3, toRound: 9, toolVersion: "0.1.1" }]);
  expect(two).toMatch(
    /Resumed \| rounds 1 to 4: .*tickbench 0\.1\.0.*<br>rounds 4 to 10: .*tickbench 0\.1\.1/,
  );
});

test("what is not served for one reason is one line", () => {
  const report = makeReport();
  const notServed = ["echo/sbe", "echo/raw"].map((service) => ({ service, reason: "text alone" }));
  const candidates = report.candidates.map((c, i) => (i === 0 ? { ...c, notServed } : c));
  expect(environment({ ...report, candidates })).toContain(
    "measured<br>not served: `echo/sbe`, `echo/raw` (text alone) |",
  );
});

test("a version that was not reported is called so", () => {
  const report = makeReport();
  const userSupplied = { name: "your own", version: "unknown" };
  const candidates = report.candidates.map((c, i) =>
    i === 0 ? { ...c, runtime: userSupplied, framework: { ...userSupplied, name: "uws" } } : c,
  );
  expect(environment({ ...report, candidates })).toContain(
    "| node/ws | your own, version not reported | uws, version not reported |",
  );
});

test("compression is reported by its mode", () => {
  const report = makeReport();
  const candidates = report.candidates.map((c, i) =>
    i === 0 && c.options !== null ? { ...c, options: { ...c.options, compression: true } } : c,
  );
  expect(environment({ ...report, candidates })).toMatch(
    /permessage-deflate \| off \| \*\*node\/ws: on, each message by itself \(no context takeover\)\*\*/,
  );
});

test("a server that tells no options is not called equal to those that do", () => {
  const report = makeReport();
  const rows = (candidates: typeof report.candidates) =>
    environment({ ...report, candidates })
      .split("\n")
      .find((line) => line.startsWith("| permessage-deflate |"));
  expect(rows(report.candidates)).toBe("| permessage-deflate | off | all equal |");
  const silent = report.candidates.map((c, i) => (i === 0 ? { ...c, options: null } : c));
  expect(rows(silent)).toBe("| permessage-deflate | off | equal where reported<br>not reported: node/ws |");
  const failed = silent.map((c, i) => (i === 0 ? { ...c, status: "failed" as const } : c));
  expect(rows(failed)).toBe("| permessage-deflate | off | all equal |");
});

test("a server that was seen to rewrite JSON says so, whatever it declares, beside its figures too", () => {
  const report = makeReport();
  const rewriting = (declares: boolean) => {
    const gaps = declares ? [{ case: rewritingGap, reason: "it parses all" }] : [];
    const candidates = report.candidates.map((c) =>
      c.id === "node/ws" ? { ...c, observed: ["rewrites-json" as const], gaps } : c,
    );
    const results = report.results.map((r) =>
      r.candidate === "node/ws" ? { ...r, ledger: { ...r.ledger, rewritten: 1 } } : r,
    );
    return { ...report, candidates, results };
  };
  expect(environment(rewriting(false))).toContain("measured<br>rewrites JSON, undeclared");
  expect(environment(rewriting(true))).toContain("measured<br>rewrites JSON, as declared");
  expect(written(gaps(rewriting(false)))).toContain(
    "- **node/ws** rewrites JSON in this run, which it does not declare",
  );
  expect(written(gaps(rewriting(true)))).not.toContain("Observed otherwise");
  expect(rewriting(false).results.map(flagged)).toContain("node/ws (rewrites JSON)");
});

test("a declared departure that was not observed is reported", () => {
  const report = makeReport();
  const candidates = report.candidates.map((c) =>
    c.id === "node/ws" ? { ...c, gaps: [{ case: rewritingGap, reason: "it parses all" }] } : c,
  );
  expect(written(gaps({ ...report, candidates }))).toContain(
    "- **node/ws** declares that it rewrites JSON, and did not in this run",
  );
});
