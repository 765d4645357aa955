import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { decided } from "../decision/decided.ts";
import { figuresAround, inventReport, plain } from "../decision/fixture.ts";
import { parseReport, reportJson } from "../json.ts";
import { defaultPolicy } from "../policies.ts";
import { readStored } from "../read-report.ts";
import { renderHtml } from "./html.ts";
import { markup, scriptJson, scriptText } from "./markup.ts";
import { fitOption, titleBlock } from "./page/fit.ts";

describe("what a report holds cannot become markup or program", () => {
  const hostile = `</script><script>alert(1)</script><!-- \u2028 "'&`;

  test("JSON in a script keeps its value and ends nothing", () => {
    const text = String(scriptJson({ hostile }));
    expect(text).not.toMatch(/<|\u2028/);
    expect(JSON.parse(text)).toEqual({ hostile });
  });

  test("a program's own strings end nothing either", () => {
    expect(String(scriptText('a("</script>")'))).toBe('a("<\\/script>")');
  });

  test("a hostile report makes no element of the page", async () => {
    const undecided = inventReport({
      a: { figures: figuresAround(plain) },
      b: { figures: figuresAround(plain) },
    });
    const report = {
      ...undecided,
      run: { ...undecided.run, id: hostile, argv: [hostile] },
      host: { ...undecided.host, cpu: hostile },
      failures: [
        { candidate: "a", cell: null, round: 0, phase: "start" as const, reason: hostile, stderr: [hostile] },
      ],
    };
    const page = await renderHtml(decided(report, defaultPolicy));
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script/g)).toHaveLength(2);
    expect(page).not.toContain("alert(1)</script>");
    expect(page).toContain(String(markup`${hostile}`));
  });
});

test("hostile names of candidates stay text in every section of the page", async () => {
  const name = "<img src=x onerror=alert(1)>";
  const golden = await readStored(join(import.meta.dir, "../../tests/golden/report.json"));
  const report = parseReport(reportJson(golden).replaceAll('"node/ws"', JSON.stringify(name)), "report.json");
  const page = await renderHtml(decided(report, defaultPolicy));
  const shown = page.replace(/<script[\s\S]*?<\/script>/g, "");
  expect(shown).not.toContain("<img");
  expect(shown.split("&lt;img src=x onerror=alert(1)&gt;").length).toBeGreaterThan(20);
});

describe("options fitted to a page", () => {
  const line = {
    title: [{ text: "title" }, { text: "subtitle" }],
    grid: { left: 50, right: 140, top: 58, bottom: 30 },
    series: [{ type: "line" as const, name: "a", data: [1, 2], endLabel: { show: true } }],
  };
  const ink = { ink: "#000" };

  test("a wide chart keeps its labels and loses the titles that the page sets", () => {
    const fitted = fitOption(line, 800, ink);
    expect(fitted.title).toEqual([]);
    expect(fitted.grid).toEqual({ ...line.grid, top: 58 - titleBlock });
    expect(fitted.series).toEqual(line.series);
  });

  test("names in a column beside the plot keep their distance from its edge", () => {
    const series = [{ ...line.series[0]!, labelLayout: { x: 628, moveOverlap: "shiftY" as const } }];
    const fitted = fitOption({ ...line, series }, 900, ink);
    expect(fitted.series).toMatchObject([{ labelLayout: { x: 628 + 140, moveOverlap: "shiftY" } }]);
  });

  test("on a narrow chart rows have room for their names, and heads lie over the plot", () => {
    const rows = (data: (string | { value: string })[]) =>
      fitOption(
        {
          grid: [{ top: 60, left: 200, right: 100 }],
          yAxis: [{ type: "category", data, axisLabel: {} }],
          series: [{ type: "scatter", data: [] }],
        },
        340,
        ink,
      );
    const left = (option: ReturnType<typeof rows>) => (option.grid as { left: number }[])[0]!.left;
    const head = { value: "a head that is longer than the names of rows are" };
    expect(left(rows([head, "bun/ws"]))).toBe(104);
    expect(left(rows([head, "python/aiohttp-uvloop"]))).toBeGreaterThan(21 * 6.5);
    expect(rows([head, "bun/ws"]).yAxis).toMatchObject([{ z: 5 }]);
  });

  test("a narrow chart has a legend in place of the labels", () => {
    const fitted = fitOption(line, 340, ink);
    expect(fitted.legend).toMatchObject({ data: ["a"] });
    expect(fitted.series).toMatchObject([{ endLabel: { show: false } }]);
    expect((fitted.grid as { right: number }).right).toBeLessThan(20);
  });
});
