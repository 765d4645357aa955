import { metricKinds } from "../schemas/metric.ts";
import type { Report } from "../schemas/report.ts";
import { fontFamily, light, looks } from "./charts/palette.ts";
import { type Markup, markup } from "./html/markup.ts";
import { medianText } from "./sections/figure.ts";
import { type Column, headlineFigures, rowOrder } from "./sections/headline.ts";
import { wrapped } from "./text-table.ts";
import { resultsOf } from "./view.ts";
import { headline } from "./wording.ts";
import { cellPhrase } from "./workloads/index.ts";

/** What pages that show a link ask of its picture. */
export const cardSize = { width: 1200, height: 630 } as const;

const left = 64;
const answerColumns = 84;
const answerLines = 3;
const rowsMax = 6;
const rowHeight = 34;
const barLeft = 330;
const barMax = 640;

/** Lines of the answer, the last with a sign where it goes on. */
function answerOf({ decision }: Report): string[] {
  const lines = wrapped(decision.answer, answerColumns, 0).split("\n");
  const shown = lines.slice(0, answerLines);
  return lines.length <= answerLines ? shown : shown.map((l, i) => (i === answerLines - 1 ? `${l} …` : l));
}

/** A bar a candidate for the last of the headline figures, the best first. */
function bars(report: Report, column: Column, top: number): Markup {
  const look = looks(report, light);
  const results = new Map(resultsOf(report, column.cell).map((r) => [r.candidate, r]));
  const shown = rowOrder(report, column)
    .flatMap((id) => results.get(id) ?? [])
    .slice(0, rowsMax);
  const highest = Math.max(...shown.map((r) => r.metrics[column.metric]?.median ?? 0));
  const rows = shown.map((result, i) => {
    const value = result.metrics[column.metric]?.median ?? 0;
    const y = top + 22 + i * rowHeight;
    const width = highest === 0 ? 0 : (value / highest) * barMax;
    const isWinner = result.candidate === report.decision.recommended;
    return markup`<text x="${left}" y="${y + 17}" font-size="20" font-weight="${isWinner ? 700 : 400}">${result.candidate}</text><rect x="${barLeft}" y="${y}" width="${width.toFixed(1)}" height="22" rx="3" fill="${look(result.candidate).color}"/><text x="${(barLeft + width + 12).toFixed(1)}" y="${y + 17}" font-size="20">${medianText(result, column.metric)}</text>`;
  });
  const title = `${metricKinds[column.metric].label}, ${cellPhrase(column.spec)}`;
  return markup`<text x="${left}" y="${top}" font-size="18" fill="${light.muted}">${title}</text>${rows}`;
}

/** Text of card.svg: the answer as a picture to share, of the size that pages show beside a link. */
export function cardSvg(report: Report): string {
  const { decision, run, host } = report;
  const { width, height } = cardSize;
  const title = headline(decision);
  const size = Math.min(64, Math.floor((width - 2 * left) / (0.6 * title.length)));
  const column = headlineFigures(report).at(-1);
  const answer = answerOf(report).map(
    (of, i) => markup`<text x="${left}" y="${212 + i * 30}" font-size="22">${of}</text>`,
  );
  const foot = `${decision.policy} policy · ${run.profile} run of ${run.startedAt.slice(0, 10)} · ${host.cpu}, ${host.cores} cores · tickbench ${run.toolVersion}`;
  return String(markup`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="${fontFamily}" fill="${light.ink}">
<title>${title}</title>
<rect width="${width}" height="${height}" fill="${light.background}"/>
<text x="${left}" y="76" font-size="22" fill="${light.muted}">Which server for this market data?</text>
<text x="${left}" y="150" font-size="${size}" font-weight="700">${title}</text>
${answer}
${column === undefined ? null : bars(report, column, 330)}
<text x="${left}" y="${height - 36}" font-size="18" fill="${light.muted}">${foot}</text>
</svg>
`);
}
