import { flawsIn } from "../../schemas/delivery.ts";
import type { Measurement } from "../../schemas/load.ts";
import type { SoakWindow } from "../../schemas/soak.ts";
import { type ExtraTask, soakWindows } from "../plan/extras.ts";
import { qualityFlagOf } from "../quality/trial-quality.ts";
import type { DiagnosticResult, DiagnosticRun } from "./diagnostic.ts";

/** One server under the cell's own load for as long as the plan says, in windows that replay one and the same stretch. */
export async function soak(
  { bench, plan, stopping }: Pick<DiagnosticRun, "bench" | "plan" | "stopping">,
  { candidate, cell }: ExtraTask,
): Promise<DiagnosticResult> {
  const { count, ms } = soakWindows(plan.extras?.soakMs ?? 0);
  const started = await bench.start(candidate);
  if ("failure" in started) return started;
  try {
    const opened = await bench.open(started.server, cell);
    if ("failure" in opened) return opened;
    const windows: SoakWindow[] = [];
    const beganMs = performance.now();
    for (let i = 0; i < count && !stopping(); i += 1) {
      const atS = (performance.now() - beganMs) / 1000;
      const outcome = await opened.cell.window({ windowMs: ms, stretch: 0, waitMs: 0 });
      if ("failure" in outcome) return outcome;
      windows.push(soakWindowOf(outcome.measurement, atS, plan.keepDisturbed));
      // A connection has ended, or messages never came: what was measured until then is what there is.
      if (outcome.measurement.spent === true) break;
    }
    await opened.cell.close();
    return { outcome: { kind: "soak", soak: { windowMs: ms, windows } } };
  } finally {
    await started.server.stop();
  }
}

/** What a soak keeps of a window; one that others disturbed is as good as any where the plan keeps those. */
function soakWindowOf(measurement: Measurement, atS: number, keepDisturbed: boolean): SoakWindow {
  const { metrics, ledger, slices, server, windowMs, late = [] } = measurement;
  const longest = late.toSorted((a, b) => b.lengthNs - b.ownNs - (a.lengthNs - a.ownNs))[0];
  const p99Ns = metrics.latencyNsP99 ?? null;
  // Slices of less than a second would show single bursts.
  const seconds = slices.length > 0 && windowMs / slices.length >= 999 ? slices : [];
  return {
    atS,
    latencyNsP99: p99Ns,
    pauseNs: longest?.lengthNs ?? metrics.latencyNsMax ?? 0,
    ownNs: longest?.ownNs ?? 0,
    rssBytes: server?.rssBytesEnd ?? null,
    flawed: flawsIn(ledger),
    disturbed: !keepDisturbed && qualityFlagOf(measurement) !== null,
    secondsP99Ns:
      seconds.length > 0
        ? seconds.filter(({ count }) => count > 0).map((slice) => slice.p99Ns)
        : p99Ns === null
          ? []
          : [p99Ns],
  };
}
