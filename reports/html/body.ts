import type { Report } from "../../schemas/report.ts";
import { slug } from "../charts/base.ts";
import type { ChartFile } from "../charts/file.ts";
import { headlineNote, leadChart, profileNote } from "../markdown/answer.ts";
import { bullets, picture, type Section, section, text } from "../markdown/element.ts";
import { evidence } from "../markdown/evidence.ts";
import { headlineTable } from "../markdown/headline.ts";
import { html } from "./escape.ts";

export interface PageSection {
  readonly id: string;
  readonly name: string;
  readonly heading: string;
  readonly html: string;
}

/** A chart of the page, and the line below its title. */
export interface Place extends ChartFile {
  readonly caption: string;
}

/** What stands for a chart until the page's program draws it: its words, which are also for who cannot see it. */
export const placed = (chart: Place): Place => ({
  ...chart,
  place: `<figure><figcaption>${html(chart.title)}<small>${html(chart.caption)}</small></figcaption><div class="chart" data-chart="${html(chart.name)}" role="img" aria-label="${html(chart.alt)}"></div></figure>`,
});

/**
 * The sections below the decision. They are those of report.md, turned into HTML, so that the two tell the same; charts
 * become places that the page's program draws in, and two charts that only the page has join them.
 */
export function bodySections(
  report: Report,
  charts: readonly Place[],
  extra: { time: Place | null; resources: Place | null },
): PageSection[] {
  const places = charts.map(placed);
  const chart = leadChart(places);
  const own = (place: Place | null): string | null => (place === null ? null : picture(placed(place)));
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
    ...evidence(report, places, { time: own(extra.time), resources: own(extra.resources) }),
  ];
  return parts.filter((part) => part !== null).map(sectionOf);
}

function sectionOf({ heading, name, body }: Section): PageSection {
  const content = scrolling(Bun.markdown.html(body), heading);
  return { id: slug(heading), name, heading, html: content };
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
