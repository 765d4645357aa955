import type { Report } from "../../schemas/report.ts";
import { captionOf } from "../charts/base.ts";
import type { ChartRef } from "../charts/file.ts";
import { type ChartSpec, chartSpecs, light } from "../charts/options.ts";
import { anyTheme } from "../charts/palette.ts";
import { byPanels } from "../charts/panels.ts";
import { formatDay } from "../format.ts";
import { unbroken } from "../non-breaking-spaces.ts";
import { defaultPolicy, policies } from "../policies.ts";
import { furtherCharts, headlineCharts, reasons } from "../sections/answer.ts";
import { costTables } from "../sections/decision.ts";
import { picture, type Section, section } from "../sections/document.ts";
import { evidence, type PageCharts } from "../sections/evidence.ts";
import { headlineTable } from "../sections/headline.ts";
import { marketOpen } from "../sections/market-open.ts";
import { alarms, first, keyFacts } from "../sections/overview.ts";
import { repeat } from "../sections/repeat.ts";
import { headline, storedAnswer, wayToServers } from "../wording.ts";
import { pageScript } from "./bundle.ts";
import { resourcesChart } from "./charts/resources.ts";
import { timeChart } from "./charts/time.ts";
import { controls } from "./controls.ts";
import { type PageChart, type PageData, pageDataId } from "./data.ts";
import { facts } from "./facts.ts";
import { htmlDocument } from "./html-document.ts";
import { leaderRatios } from "./leader-ratios.ts";
import { type Markup, markup, scriptJson, scriptText } from "./markup.ts";
import { blocksOf, inline, type Place, sectionOf } from "./render.ts";
import { verdict } from "./verdict.ts";

/**
 * Text of report.html: one file that needs no network. The answer stands first and reads without a program; the charts
 * and the policy's sliders need the program that is part of the file.
 */
export async function renderHtml(report: Report): Promise<string> {
  const specs = chartSpecs(report);
  const overTime = timeChart(report);
  const time = overTime === null ? null : byPanels(report, overTime);
  const resources = resourcesChart(report);
  const all = [...specs, ...[time, resources].filter((spec) => spec !== null)];
  const sections = bodySections(report, specs, { time, resources });
  const policy = report.decision.policyUsed ?? defaultPolicy;
  const charts = [
    ...specs.map((spec) => [spec.name, pageChart(spec, spec.kind)]),
    ...(time === null ? [] : [[time.name, pageChart(time, "time")]]),
    ...(resources === null ? [] : [[resources.name, pageChart(resources, "resources")]]),
  ];
  const data: PageData = { report: decidable(report), policy, policies, charts: Object.fromEntries(charts) };
  const places = new Map(all.map((spec) => [spec.name, placeOf(spec)]));
  const place: Place = (name) => places.get(name) ?? markup``;
  const script = await pageScript();
  return htmlDocument(
    headline(report.decision),
    markup`<a class="skip" href="#answer-first">To the answer</a>
${header(report, place)}
<main>
${decisionSection(report, data)}
<nav aria-label="Sections"><ul>${sections.map((s) => markup`<li><a href="#${s.id}">${s.name}</a></li>`)}</ul></nav>
${sections.map((s) => sectionOf(s, place))}
</main>
<footer><p>Run ${report.run.id}, seed ${report.run.seed}, tickbench ${report.run.toolVersion}. Every figure is in the report.json beside this page.</p></footer>
<script type="application/json" id="${pageDataId}">${scriptJson(data)}</script>
<script>${scriptText(script)}</script>`,
  );
}

/** The report without what nothing on the page reads: charts are drawn from their own points. */
const decidable = (report: Report): Report => ({
  ...report,
  soak: [],
  why: [],
  results: report.results.map((result) => ({
    ...result,
    ...{ histogram: null, slices: [], windows: null, cores: [], feed: null },
  })),
});

/** What stands for a chart until the page's program draws it: its words, which are also for who cannot see it. */
function placeOf(spec: ChartSpec): Markup {
  const titles = spec.option(light).title;
  const caption = Array.isArray(titles) ? captionOf(titles[1]?.text ?? "") : "";
  return markup`<figure><figcaption>${spec.title}<small>${caption}</small></figcaption><div class="chart" data-chart="${spec.name}" role="img" aria-label="${spec.alt}"></div></figure>
`;
}

function pageChart(spec: ChartSpec, kind: PageChart["kind"]): PageChart {
  const option = spec.option(anyTheme);
  const lines = Array.isArray(option.grid) ? null : Array.isArray(option.series) ? option.series.length : 1;
  return { kind, height: spec.height, lines, option };
}

function header(report: Report, place: Place): Markup {
  const { run, decision, host } = report;
  const day = formatDay(run.startedAt);
  const asked = "Which server for this market data?";
  return markup`<header id="answer-first">
<p class="eyebrow">${asked}</p>
<h1>${headline(decision)}</h1>
<p id="stored" class="note" hidden>Under the stored policy, ${decision.policy}. You have changed it below: <a href="#decide">the answer there</a> is <strong></strong>.</p>
${blocksOf(first(report), place, "First")}
<p class="answer">${unbroken(decision.answer)}</p>
${blocksOf(alarms(report), place, "Read this first")}
${leaderRatios(decision)}
${facts(report)}
<div class="key-facts">
${keyFacts(report).map((of) => markup`<p>${inline(of)}</p>\n`)}</div>
<p class="run">${run.profile} run of ${day} on ${host.cpu}, ${host.cores} cores, ${wayToServers(report)}</p>
</header>`;
}

function decisionSection(report: Report, data: PageData): Markup {
  return markup`<section id="decide" aria-labelledby="decide-h"><h2 id="decide-h">Decide by your own policy</h2>
<noscript><p>The sliders and charts of this page need JavaScript. Every figure is in its tables.</p></noscript>
<div class="panel">
${controls(data.policy, data.policies)}
<div class="outcome">
<p id="answer" role="status" aria-live="polite"><strong>${headline(report.decision)}</strong> ${storedAnswer(report.decision)}</p>
<div id="verdict">${verdict(report.decision)}</div>
</div>
</div>
</section>`;
}

/**
 * The sections below the decision: those of report.md and details.md. What would change the answer is left to the panel of
 * the policy, which computes it again; two charts that only the page has join them.
 */
const bodySections = (report: Report, charts: readonly ChartRef[], page: PageCharts): Section[] =>
  [
    section("Headline figures", headlineTable(report), headlineCharts(report, charts).map(picture)),
    marketOpen(report),
    section("Why", reasons(report), costTables(report)),
    ...evidence(report, furtherCharts(report, charts), page),
    repeat(report),
  ].filter((part) => part !== null);
