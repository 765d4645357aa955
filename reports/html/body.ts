import type { Report } from "../../schemas/report.ts";
import type { ChartFile } from "../charts/file.ts";
import { headlineNote, leadChart, profileNote } from "../markdown/answer.ts";
import { bullets, picture, section, text } from "../markdown/element.ts";
import { evidence } from "../markdown/evidence.ts";
import { headlineTable } from "../markdown/headline.ts";
import { html } from "./escape.ts";

export interface Section {
  readonly id: string;
  readonly heading: string;
  readonly html: string;
}

/** A chart of the page: what the sections need to place it, and the line below its title. */
export interface Place extends ChartFile {
  readonly caption: string;
}

/**
 * The sections below the decision. They are those of report.md, turned into HTML, so that the two tell the same; charts
 * become places that the page's program draws in, and two charts that only the page has join them.
 */
export function bodySections(
  report: Report,
  charts: readonly Place[],
  extra: { time: Place | null; resources: Place | null },
): Section[] {
  const chart = leadChart(charts);
  const own = (place: Place | null): string | null => (place === null ? null : picture(place));
  const parts = [
    section(
      "Headline figures",
      headlineTable(report, true),
      profileNote(report),
      chart === undefined ? null : picture(chart),
      headlineTable(report, false),
      headlineNote,
    ),
    section("Why", bullets(report.decision.because.map(text))),
    ...evidence(report, charts, { time: own(extra.time), resources: own(extra.resources) }),
  ].filter((part) => part !== null && part !== "");
  const all = [...charts, ...Object.values(extra).filter((place) => place !== null)];
  return parts.map((part) => sectionOf(part as string, all));
}

function sectionOf(markdown: string, charts: readonly Place[]): Section {
  const heading = /^## (.*)$/m.exec(markdown)?.[1] ?? "";
  const id = heading
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  const content = Bun.markdown.html(markdown.replace(/^## .*\n/, ""));
  return { id, heading, html: places(scrolling(content, heading), charts) };
}

/** Tables and blocks scroll by themselves, so that a phone's page does not; a keyboard can reach them. */
function scrolling(content: string, heading: string): string {
  let count = 0;
  return content
    .replace(/<table>/g, () => {
      count += 1;
      // The section has the heading's name already, and two landmarks of one name cannot be told apart.
      return `<div class="scroll" role="region" aria-label="${html(heading)}, table ${count}" tabindex="0"><table>`;
    })
    .replace(/<pre>/g, '<pre tabindex="0">')
    .replace(/<\/table>/g, "</table></div>")
    .replace(/<th align=/g, '<th scope="col" align=')
    .replace(/<th scope="col" align="left"><\/th>/g, "<td></td>");
}

function places(content: string, charts: readonly Place[]): string {
  return content.replace(
    /<picture>[\s\S]*?charts\/([a-z0-9-]+)-light\.svg[\s\S]*?<\/picture>/g,
    (_, name: string) => {
      const chart = charts.find((c) => c.name === name);
      if (chart === undefined) return "";
      return `<figure><figcaption>${html(chart.title)}<small>${html(chart.caption)}</small></figcaption><div class="chart" data-chart="${html(name)}" role="img" aria-label="${html(chart.alt)}"></div></figure>`;
    },
  );
}
