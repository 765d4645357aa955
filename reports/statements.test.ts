import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { MarketOpen, OpenCriterion, OpenReason, Survival } from "../schemas/market-open.ts";
import type { Comparison, Report } from "../schemas/report.ts";
import { renderAdr } from "./adr.ts";
import { decided } from "./decision/decided.ts";
import { figuresAround, inventReport, plain } from "./decision/fixture.ts";
import { compareRuns } from "./diff/runs.ts";
import { formatWithInterval } from "./format.ts";
import { parseAssertion } from "./gates/assertion.ts";
import { judge } from "./gates/judge.ts";
import { renderHtml } from "./html/html.ts";
import { parseReport, reportJson } from "./json.ts";
import { renderDetails, renderMarkdown } from "./markdown/markdown.ts";
import { defaultPolicy } from "./policies.ts";
import { renderSlides } from "./slides/slides.ts";
import { renderTerminal } from "./terminal.ts";
import { leadComparisons } from "./view.ts";
import {
  ratioWords,
  shortStatement,
  tieStates,
  toDecideWords,
  verdictWords,
  writingFirst,
} from "./wording.ts";

// One comparison says one thing, whatever form a reader meets it in.

const stored = await Bun.file(join(import.meta.dir, "../tests/golden/report.json")).text();
const golden = parseReport(stored, "report.json");
const [first] = leadComparisons(golden);
if (first === undefined) throw new Error("the golden report leads with no comparison");

const measured = { ratio: 1.37, ciLow: 1.29, ciHigh: 1.46, detectablePct: 12, equalWithinPct: null } as const;
const states: Record<string, Partial<Comparison>> = {
  better: { verdict: "a-better", code: "beyond-margin", ...measured },
  worse: { verdict: "b-better", code: "beyond-margin", ...measured },
  equal: {
    ...{ verdict: "equal", code: "equal-within-margin", ...measured },
    ...{ ratio: 1.013, ciLow: 0.987, ciHigh: 1.041, equalWithinPct: 3.7 },
  },
  undecided: { verdict: "undecided", code: "straddles-margin", ...measured, ciLow: 0.941, ciHigh: 1.99 },
  withheld: { verdict: "withheld", code: "delivery-not-intact", why: "8 messages came twice", ...measured },
  "at least": { verdict: "a-better", code: "beyond-margin", bound: "at-least", ...measured },
  "at most": { verdict: "b-better", code: "beyond-margin", bound: "at-most", ...measured },
};

/** What a reader sees of a form: no tags, no characters that only lay it out, one space between words. */
const read = (form: string): string =>
  form
    .replace(/<script[^>]*>[\s\S]*?<\/script>|<style[^>]*>[\s\S]*?<\/style>/g, " ")
    // A picture says to whom it is read what it shows to others.
    .replace(/<[^>]*?alt="([^"]*)"[^>]*>/g, " $1 ")
    .replace(/<[^>]+>/g, " ")
    .replace(/&amp;/g, "&")
    .replace(/&#39;/g, "'")
    .replace(/[\s\u00a0*`|\\]+/g, " ");

async function forms(report: Report): Promise<Record<string, string>> {
  return {
    terminal: renderTerminal(report, "out", { columns: 120, bold: false, wide: true }),
    markdown: renderDetails(report, []),
    page: await renderHtml(report),
    slides: renderSlides(report),
    adr: renderAdr(report),
  };
}

describe("a comparison reads the same in every form", () => {
  for (const [state, change] of Object.entries(states)) {
    test(state, async () => {
      const changed: Comparison = { ...first, ...change };
      const comparisons = golden.comparisons.map((c) => (c === first ? changed : c));
      const report = { ...golden, comparisons };
      const phrase = read(verdictWords(changed));
      const figure = changed.verdict === "withheld" ? null : read(ratioWords(changed) ?? "");
      for (const [form, text] of Object.entries(await forms(report))) {
        const seen = read(text);
        expect({ form, phrase: seen.includes(phrase) }).toEqual({ form, phrase: true });
        if (figure !== null) expect({ form, figure: seen.includes(figure) }).toEqual({ form, figure: true });
        // A figure that carries no verdict is not printed beside the phrase as if it did.
        if (changed.verdict === "withheld")
          expect(seen).not.toContain(`${phrase}: ${read(ratioWords(changed) ?? "")}`);
      }
      // The short form has no room for the phrase beside a ratio that carries a verdict.
      const short = read(renderMarkdown(report, []));
      for (const words of shortStatement(changed)) expect(short).toContain(read(words));
      const again = parseReport(reportJson(report), "report.json").comparisons;
      expect(again).toContainEqual(changed);
    });
  }
});

describe("the terminal", () => {
  const long = "an-own-server-with-a-name-that-goes-on-and-on-for-longer-than-any-column";
  const renamed = parseReport(stored.replaceAll('"node/hono"', `"${long}"`), "report.json");
  for (const columns of [80, 120]) {
    for (const wide of [false, true]) {
      test(`no line is wider than ${columns} columns${wide ? ", with intervals" : ""}`, () => {
        for (const report of [golden, renamed]) {
          // The path alone may be longer: broken, it could not be copied.
          const folder = `/home/somebody/${"x".repeat(100)}`;
          const lines = renderTerminal(report, folder, { columns, bold: false, wide }).split("\n");
          expect(lines.filter((line) => line.length > columns)).toEqual([`Report    ${folder}/report.md`]);
          expect(lines[0]).toContain(golden.decision.recommended ?? "");
        }
      });
    }
  }

  test("marks the winner, and sets it in bold where it may", () => {
    const screen = { columns: 80, bold: true, wide: false };
    const bold = renderTerminal(golden, "out", screen);
    expect(bold).toContain(`\x1b[1m  ${golden.decision.recommended} *`);
    expect(renderTerminal(golden, "out", { ...screen, bold: false })).not.toContain("\x1b");
  });

  const lines = (report: Report, columns = 80, wide = false): string[] =>
    renderTerminal(report, "out", { columns, bold: false, wide }).split("\n");

  test("the answer takes nine lines, however long it is, behind the word on writing where that matters more", () => {
    const long = { ...golden, decision: { ...golden.decision, answer: "One more word of it. ".repeat(200) } };
    for (const columns of [80, 120]) {
      const [, ...shown] = lines(long, columns);
      const answer = shown.findIndex((line) => line.startsWith("  One more word"));
      expect(shown.indexOf("") - answer).toBe(9);
      expect(shown.slice(0, answer).join(" ").replaceAll(/\s+/g, " ").trim()).toBe(writingFirst(long) ?? "");
    }
  });

  test("the lines below the table say what would change it, its cost, its limits and where the rest is", () => {
    for (const columns of [80, 120]) {
      const labels = lines(golden, columns).flatMap((line) => /^[A-Z][a-z]+(?= {2})/.exec(line)?.[0] ?? []);
      expect(labels).toEqual(["Changes", "Cost", "Warnings", "Limits", "Run", "Report", "Next"]);
    }
  });

  test("two speeds are a sign with a note, and a row has no unit", () => {
    const results = golden.results.map((r) => {
      const rate = r.metrics.throughputHz;
      if (r.candidate !== "bun/elysia" || rate === undefined) return r;
      const twoSpeeds = { lower: rate.median * 0.6, upper: rate.median * 1.4 };
      return { ...r, metrics: { ...r.metrics, throughputHz: { ...rate, twoSpeeds } } };
    });
    const shownLines = lines({ ...golden, results });
    expect(shownLines.find((line) => line.startsWith("  bun/elysia  "))).toMatch(
      /^ {2}bun\/elysia [\d,.! ]+† [^a-zµ]*$/,
    );
    expect(shownLines.filter((line) => line.startsWith("  † "))).toHaveLength(1);
    expect(lines(golden).filter((line) => line.startsWith("  † "))).toEqual([]);
  });

  test("a figure has the digits that it has everywhere else, whatever its column's unit", () => {
    expect(lines(golden, 80, true).join("\n")).toContain("at least 2.08 M/s (1.99–2.14)");
    expect(lines(golden).join("\n")).toContain("≥2,080");
    expect(lines(golden).join("\n")).not.toContain("(1.99–2.14)");
  });
});

describe("what is reported beside the statement", () => {
  const [second] = golden.comparisons.filter((c) => c !== first && c.declared);
  if (second === undefined) throw new Error("the golden report declared one comparison alone");
  const undecided: Comparison = {
    ...{ ...first, ...states.undecided, minutesToDecide: 10.2 },
    spread: { largest: "windows", shares: { windows: 0.6, unknown: 0.4 } },
  };

  test("what would decide an undecided comparison, in the table and where the report says how sure it is", async () => {
    const words = toDecideWords(undecided) ?? "";
    expect(words).toContain("11 min");
    expect(words).toContain("a longer window");
    const report = { ...golden, comparisons: [undecided] };
    const markdown = `${renderMarkdown(report, [])}${renderDetails(report, [])}`;
    for (const text of [markdown, await renderHtml(report)]) {
      expect(read(text).split(words).length - 1).toBeGreaterThanOrEqual(2);
    }
    expect(toDecideWords(first)).toBeNull();
  });

  test("how sure tells what is equal from what is not decided", () => {
    const equal: Comparison = { ...second, ...states.equal };
    const [line = ""] =
      renderMarkdown({ ...golden, comparisons: [equal, undecided] }, []).match(/\*\*How sure:.*/) ?? [];
    expect(line).toContain(`1 is ${tieStates.equal}`);
    expect(line).toContain(`1 is ${tieStates.undecided} (`);
  });

  test("a decision that is a trade-off reads so in every form", async () => {
    const weights = { latencyTail: 1, throughput: 1, cpuCost: 0, memory: 0, startup: 0 };
    const evidence = inventReport({
      one: { figures: figuresAround({ ...plain, latencyNsP99: 5e5 }) },
      other: { figures: figuresAround({ ...plain, throughputHz: 2e6 }) },
    });
    const report = decided(evidence, { ...defaultPolicy, weights });
    expect(report.decision.outcome).toBe("trade-off");
    const all = { ...(await forms(report)), markdown: renderMarkdown(report, []) };
    for (const [form, text] of Object.entries(all)) {
      expect({ form, told: read(text).includes(tieStates["trade-off"]) }).toEqual({ form, told: true });
    }
    expect(parseReport(reportJson(report), "report.json").decision.outcome).toBe("trade-off");
  });

  test("a gate tells figures and ratios in the report's form", () => {
    const of = (latencyNsP99: number) =>
      decided(
        inventReport({
          one: { figures: figuresAround({ ...plain, latencyNsP99 }) },
          other: { figures: figuresAround(plain) },
        }),
        defaultPolicy,
      );
    const [baseline, report] = [of(3e5), of(6e5)];
    const result = report.results.find((r) => r.candidate === "one" && r.metrics.latencyNsP99 !== undefined)!;
    const figure = formatWithInterval("latencyNsP99", result.metrics.latencyNsP99!, null);
    const [change] = compareRuns(baseline, report, true).candidates.flatMap((c) =>
      c.candidate === "one" ? c.changes.filter((x) => x.metric === "latencyNsP99") : [],
    );
    const { findings } = judge(report, {
      assertions: [parseAssertion("one feed p99 < 5ms")],
      regression: { baseline, limitPct: 5, figures: [{ cell: result.cell, metric: "latencyNsP99" }] },
      planned: [],
    });
    const ofOne = findings.filter((f) => f.candidate === "one");
    expect(ofOne.map((f) => f.kind).toSorted()).toEqual(["assertion", "regression"]);
    for (const { text } of ofOne) expect(text).toContain(figure);
    expect(ofOne.find((f) => f.kind === "regression")?.text).toContain(ratioWords(change!)!);
    expect(read(renderTerminal(report, "out", { columns: 80, bold: false, wide: true }))).toContain(figure);
  });
});

test("who survives the market's open, and what fails the others, is said alike wherever a chooser looks", async () => {
  const finding = (criterion: OpenCriterion, survives: Survival, reason: OpenReason) => ({
    ...{ criterion, survives, reason, cell: "flood/json", price: [] },
  });
  const one = (candidate: string, survives: Survival, reason: OpenReason): MarketOpen[number] => ({
    ...{ candidate, survives },
    findings: [finding("bursts", "yes", "held"), finding("back-pressure", survives, reason)],
  });
  const open = [
    one("node/hono", "not-known", "not-measured"),
    one("bun/ws", "no", "buffers"),
    one("node/ws", "yes", "held"),
    one("bun/serve", "no", "messages-lost"),
  ];
  const report = { ...golden, open };
  const said = [
    renderTerminal(report, "out", { columns: 80, bold: false, wide: false }),
    renderMarkdown(report, []),
    await renderHtml(report),
  ].map((form) => read(form).replaceAll(" :", ":"));
  for (const form of said) {
    expect(form).toContain("yes: node/ws ");
    expect(form).toContain("no (overload): bun/ws, bun/serve ");
    expect(form).toContain("not known (overload): node/hono ");
    expect(form.indexOf("yes: node/ws ")).toBeLessThan(form.indexOf("no (overload)"));
  }
  expect(read(renderTerminal(golden, "out", { columns: 80, bold: false, wide: false }))).not.toContain(
    "Survives",
  );
});
