import { expect, test } from "bun:test";
import { tornReport } from "../../tests/browser/torn-report.ts";
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
    "bun/serve or bun/elysia: a trade-off",
    "What would change the answer",
    "What was not measured",
  ]);
  // One measure of each kind of loop: all the ratios would be too small to read.
  const ratios = /<img alt="(Against [^"]*)"/.exec(page)?.[1] ?? "";
  expect(new Set(ratios.match(/latency p\d+|throughput|CPU per message/g))).toEqual(
    new Set(["latency p99", "throughput"]),
  );
  const fetched = [...page.matchAll(/(?:src|href)="([^"]*)"|@import|url\((?!'?"?data:)[^)]*\)/g)].filter(
    ([, target]) => !target?.startsWith("data:"),
  );
  expect(fetched).toEqual([]);
});

test("a run that was cut tells the rounds that it ran", async () => {
  const whole = await tornReport();
  const page = renderSlides({ ...whole, run: { ...whole.run, rounds: 10, roundsRun: 4, interrupted: true } });
  expect(page.includes("4 rounds in random order")).toBe(true);
});

test("of many candidates one cell's throughput is drawn, since all would be too small to read", async () => {
  const few = await tornReport();
  const [first] = few.candidates;
  if (first === undefined) throw new Error("the golden report has candidates");
  const more = Array.from({ length: 5 }, (_, i) => ({ ...first, id: `more/${i}`, program: `more/${i}` }));
  const onlyClosed = few.results.filter((r) => r.workload === "echo");
  const cells = (report: typeof few) => {
    const alt = /<img alt="(Echo throughput[^"]*)"/.exec(renderSlides(report))?.[1] ?? "";
    return alt.match(/in flight/g)?.length ?? 0;
  };
  expect(cells({ ...few, results: onlyClosed })).toBeGreaterThan(1);
  expect(cells({ ...few, results: onlyClosed, candidates: [...few.candidates, ...more] })).toBe(1);
});
