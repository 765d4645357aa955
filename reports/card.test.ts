import { expect, test } from "bun:test";
import { makeReport } from "../tests/golden/make-report.ts";
import { cardSize, cardSvg } from "./card.ts";

const report = makeReport();

test("the card has the answer's name, a bar a candidate with its figure, and the size of a link's picture", () => {
  const card = cardSvg(report);
  expect(card).toContain(`width="${cardSize.width}" height="${cardSize.height}"`);
  expect(card).toContain(`font-weight="700">${report.decision.recommended}</text>`);
  for (const id of ["node/ws", "node/hono", "bun/elysia", "bun/serve"])
    expect(card).toContain(`>${id}</text>`);
  expect(card).toContain("at least 2.08 M/s");
  expect(card).not.toMatch(/NaN|undefined/);
});

test("names stay text, and a run without figures has a card all the same", () => {
  const hostile = "<img onerror=alert(1)>";
  const results = report.results.map((r) => (r.candidate === "node/ws" ? { ...r, candidate: hostile } : r));
  const candidates = report.candidates.map((c) => (c.id === "node/ws" ? { ...c, id: hostile } : c));
  expect(cardSvg({ ...report, results, candidates })).toContain("&lt;img onerror=alert(1)&gt;</text>");
  expect(cardSvg({ ...report, results: [], comparisons: [] })).toContain("</svg>");
});
