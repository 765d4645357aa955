import type { Report } from "../../schemas/report.ts";
import { captionOf } from "../charts/base.ts";
import { type ChartSpec, chartSpecs, dark, light } from "../charts/options.ts";
import { byPanels } from "../charts/panels.ts";
import { bearings } from "../markdown/glance.ts";
import { defaultPolicy, policies } from "../policies.ts";
import { headline, wholeAnswer } from "../wording.ts";
import { bodySections, type Place } from "./body.ts";
import { pageScript } from "./bundle.ts";
import { resourcesChart } from "./charts/resources.ts";
import { timeChart } from "./charts/time.ts";
import { controls } from "./controls.ts";
import { type PageChart, type PageData, pageDataId } from "./data.ts";
import { html, scriptJson, scriptText } from "./escape.ts";
import { facts } from "./facts.ts";
import { pageStyle } from "./style.ts";
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
  const sections = bodySections(report, specs.map(placeOf), {
    time: time === null ? null : placeOf(time),
    resources: resources === null ? null : placeOf(resources),
  });
  const policy = report.decision.policyUsed ?? defaultPolicy;
  const charts = [
    ...specs.map((spec) => [spec.name, pageChart(spec, spec.kind)]),
    ...(time === null ? [] : [[time.name, pageChart(time, "time")]]),
    ...(resources === null ? [] : [[resources.name, pageChart(resources, "resources")]]),
  ];
  const data: PageData = { report, policy, policies, charts: Object.fromEntries(charts) };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${html(headline(report.decision))} · tickbench</title>
<link rel="icon" href="data:,">
<style>${pageStyle}</style>
</head>
<body>
<a class="skip" href="#answer-first">To the answer</a>
${header(report)}
<main>
${decisionSection(report, data)}
<nav aria-label="Sections"><ul>${sections.map((s) => `<li><a href="#${s.id}">${s.name}</a></li>`).join("")}</ul></nav>
${sections.map((s) => `<section id="${s.id}" aria-labelledby="${s.id}-h"><h2 id="${s.id}-h">${s.heading}</h2>\n${s.html}</section>`).join("\n")}
</main>
<footer><p>Run ${html(report.run.id)}, seed ${report.run.seed}, tickbench ${html(report.run.toolVersion)}. Every figure is in the report.json that this page carries.</p></footer>
<script type="application/json" id="${pageDataId}">${scriptJson(data)}</script>
<script>${scriptText(await pageScript())}</script>
</body>
</html>
`;
}

const placeOf = (spec: ChartSpec): Place => {
  const titles = spec.option(light).title;
  const caption = Array.isArray(titles) ? captionOf(titles[1]?.text ?? "") : "";
  return { ...spec, caption, svgLight: "", svgDark: "" };
};

const pageChart = (spec: ChartSpec, kind: PageChart["kind"]): PageChart => ({
  kind,
  height: spec.height,
  light: spec.option(light),
  dark: spec.option(dark),
});

function header(report: Report): string {
  const { run, decision, host } = report;
  const day = new Date(run.startedAt).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
  const asked = "Which server for this market data?";
  return `<header id="answer-first">
<p class="eyebrow">${asked}</p>
<h1>${html(headline(decision))}</h1>
<p class="answer">${html(decision.answer)}</p>
${facts(report)}
<div class="glance">
${bearings(report, "#decide")
  .map((line) => Bun.markdown.html(line))
  .join("")}</div>
<p class="run">${run.profile} run of ${day} on ${html(host.cpu)}, ${host.cores} cores, over loopback</p>
</header>`;
}

function decisionSection(report: Report, data: PageData): string {
  return `<section id="decide" aria-labelledby="decide-h"><h2 id="decide-h">Decide by your own policy</h2>
<noscript><p>The sliders and charts of this page need JavaScript. Every figure is in its tables.</p></noscript>
<div class="panel">
${controls(data.policy, data.policies)}
<div class="outcome">
<p id="answer" role="status" aria-live="polite"><strong>${html(headline(report.decision))}</strong> ${html(wholeAnswer(report.decision))}</p>
<div id="verdict">${verdict(report.decision)}</div>
</div>
</div>
</section>`;
}
