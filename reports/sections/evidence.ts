import type { Report } from "../../schemas/report.ts";
import type { ChartRef } from "../charts/file.ts";
import { writing } from "./broadcast-effects.ts";
import { capacity } from "./capacity.ts";
import { codec } from "./codec.ts";
import { connections } from "./connections.ts";
import { contribution } from "./contribution.ts";
import { deliveries } from "./deliveries.ts";
import { folding, picture, type Section, section } from "./document.ts";
import { environment } from "./environment.ts";
import { factors } from "./factors.ts";
import { feed } from "./feed.ts";
import { failures, gaps, notMeasured, warnings } from "./findings.ts";
import { latency } from "./latency.ts";
import { noise } from "./noise.ts";
import { floods, slowSubscribers } from "./pressure.ts";
import { ratios } from "./ratios.ts";
import { recovery } from "./recovery.ts";
import { resources } from "./resources.ts";
import { scalability } from "./scalability.ts";
import { soak } from "./soak.ts";
import { stalls } from "./stalls.ts";
import { study } from "./study.ts";
import { throughput } from "./throughput.ts";
import { upgrade } from "./upgrade.ts";
import { why } from "./why.ts";

/** Charts that the page alone has; null where there is none. */
export interface PageCharts {
  readonly time: ChartRef | null;
  readonly resources: ChartRef | null;
}

const none: PageCharts = { time: null, resources: null };

/**
 * The sections behind the answer, in the order of every form: what was measured, and what weakens it. A section with nothing
 * to say is left out. Charts are those that do not stand beside the answer.
 */
export function evidence(report: Report, charts: readonly ChartRef[], page: PageCharts = none): Section[] {
  return [
    ...latency(report, charts, true),
    folding(feed(report)),
    folding(stalls(report)),
    folding(section("Latency over time", page.time === null ? null : picture(page.time))),
    soak(report, charts),
    folding(scalability(report, charts)),
    slowSubscribers(report),
    floods(report),
    capacity(report, charts),
    connections(report, charts),
    recovery(report, charts),
    throughput(report, charts),
    ...latency(report, charts, false).map(folding),
    folding(resources(report, page.resources)),
    folding(upgrade(report)),
    factors(report),
    folding(codec(report)),
    study(report),
    writing(report),
    folding(contribution(report)),
    why(report),
    folding(ratios(report, charts)),
    folding(noise(report)),
    folding(deliveries(report)),
    folding(gaps(report)),
    failures(report),
    warnings(report),
    folding(environment(report)),
    notMeasured(report),
  ].filter((part) => part !== null);
}
