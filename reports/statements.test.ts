import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Comparison, Report } from "../schemas/report.ts";
import { renderAdr } from "./adr.ts";
import { renderHtml } from "./html/html.ts";
import { parseReport, reportJson } from "./json.ts";
import { renderMarkdown } from "./markdown/markdown.ts";
import { renderSlides } from "./slides/slides.ts";
import { renderTerminal } from "./terminal.ts";
import { leadComparisons } from "./view.ts";
import { ratioWords, verdictWords } from "./wording.ts";

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
    markdown: renderMarkdown(report, []),
    page: await renderHtml(report),
    slides: renderSlides(report),
    adr: renderAdr(report),
  };
}

describe("a comparison reads the same in every form", () => {
  for (const [state, change] of Object.entries(states)) {
    test(state, async () => {
      const mine: Comparison = { ...first, ...change };
      const comparisons = golden.comparisons.map((c) => (c === first ? mine : c));
      const report = { ...golden, comparisons };
      const phrase = read(verdictWords(mine));
      const figure = mine.verdict === "withheld" ? null : read(ratioWords(mine) ?? "");
      for (const [form, text] of Object.entries(await forms(report))) {
        const seen = read(text);
        expect({ form, phrase: seen.includes(phrase) }).toEqual({ form, phrase: true });
        if (figure !== null) expect({ form, figure: seen.includes(figure) }).toEqual({ form, figure: true });
        // A figure that carries no verdict is not printed beside the phrase as if it did.
        if (mine.verdict === "withheld")
          expect(seen).not.toContain(`${phrase}: ${read(ratioWords(mine) ?? "")}`);
      }
      const again = parseReport(reportJson(report), "report.json").comparisons;
      expect(again).toContainEqual(mine);
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
          const lines = renderTerminal(report, `/home/somebody/${"x".repeat(100)}`, {
            columns,
            bold: false,
            wide,
          }).split("\n");
          expect(lines.filter((line) => line.length > columns)).toEqual([]);
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
});
