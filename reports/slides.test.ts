import { expect, test } from "bun:test";
import { tornReport } from "../tests/browser/torn-report.ts";
import { renderSlides } from "./slides.ts";

test("the deck tells question, method, three charts, answer, reversals and limits, in one file", async () => {
  const page = renderSlides(await tornReport());
  const slides = page.split("<section ").slice(1);
  expect(
    slides.map((s) => /<h1[^>]*>([^<]*)</.exec(s)?.[1] ?? (s.includes("<img ") ? "chart" : "?")),
  ).toEqual([
    "Which server for this market data?",
    "How it was measured",
    "chart",
    "chart",
    "chart",
    "bun/serve or bun/elysia",
    "What would change the answer",
    "What was not measured",
  ]);
  const fetched = [...page.matchAll(/(?:src|href)="([^"]*)"|@import|url\((?!'?"?data:)[^)]*\)/g)].filter(
    ([, target]) => !target?.startsWith("data:"),
  );
  expect(fetched).toEqual([]);
});
