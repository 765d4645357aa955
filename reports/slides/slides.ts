import { workloads } from "../../schemas/cell.ts";
import type { Report } from "../../schemas/report.ts";
import { builtModule, keptText } from "../build-cache.ts";
import { chartSpecs } from "../charts/options.ts";
import { ratioSummary } from "../charts/ratios.ts";
import { type ChartFile, drawChart } from "../charts/svg.ts";
import { throughputLead } from "../charts/throughput.ts";
import { markup } from "../html/markup.ts";
import { isMany } from "../view.ts";
import { headline } from "../wording.ts";
import { deck, slideCharts } from "./deck.ts";
import { deckStyle, pageStyle } from "./style.ts";

const { renderDeck } = await builtModule(
  {
    name: "marp",
    entry: "reports/slides/marp.ts",
    sources: ["reports/slides/marp.ts"],
    config: { target: "bun", format: "esm" },
  },
  () => import("./marp.ts"),
);

/** The style of every deck: nothing in a report changes it. */
const deckCss = await keptText(
  {
    name: "deck",
    sources: ["reports/slides/marp.ts", "reports/slides/style.ts", "reports/charts/palette.ts"],
  },
  () => renderDeck(deckStyle).css,
);

/**
 * Text of slides.html: a Marp deck as one file that needs no network. It is read by scrolling or with the arrow keys, and
 * printed one slide a page.
 */
export function renderSlides(report: Report): string {
  const rendered = renderDeck(`${deckStyle}\n\n${deck(report, chosenCharts(report))}`, deckCss);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${markup`${headline(report.decision)}`} · tickbench</title>
<link rel="icon" href="data:,">
<style>${rendered.css}${pageStyle}</style>
</head>
<body>
<main>${rendered.html}</main>
<script>${slideScript}</script>
</body>
</html>
`;
}

/**
 * Chosen before any is drawn. All the ratios of a run on one slide would be too small to read, and so would every cell's throughput
 * of many candidates.
 */
function chosenCharts(report: Report): ChartFile[] {
  const rates = isMany(report)
    ? workloads.flatMap((workload) => throughputLead(report, workload) ?? [])
    : null;
  const others = chartSpecs(report).filter(
    ({ kind }) => kind !== "ratios" && (kind !== "throughput" || rates === null),
  );
  const { deciding, latency } = slideCharts(report, [...others, ...ratioSummary(report), ...(rates ?? [])]);
  return [...new Set([deciding, latency].filter((c) => c !== undefined))].map(drawChart);
}

/** The one script of slides.html: arrow keys go from slide to slide; all else is the browser's. */
export const slideScript = `addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 }[event.key];
  if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
  const slides = [...document.querySelectorAll(".marpit > svg")];
  const middle = innerHeight / 2;
  const here = slides.findIndex((s) => s.getBoundingClientRect().bottom > middle);
  const next = slides[Math.min(Math.max(here + step, 0), slides.length - 1)];
  event.preventDefault();
  next.scrollIntoView();
});`;
