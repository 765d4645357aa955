import type { ServerOptions } from "../../schemas/ready.ts";
import type { CandidateReport, Report } from "../../schemas/report.ts";
import {
  digits3,
  formatBytes,
  formatCount,
  formatDuration,
  formatInteger,
  formatNs,
  formatVersion,
} from "../format.ts";
import { knownBehaviours, knownOf } from "../known-behaviour.ts";
import { comparedCandidates } from "../view.ts";
import {
  br,
  code,
  em,
  type Inline,
  joined,
  line,
  note,
  type Part,
  type Section,
  section,
  stacked,
  strong,
  table,
} from "./document.ts";
import { absent } from "./figure.ts";
import { rewritingGap } from "./findings.ts";

function optionText(name: keyof ServerOptions, value: ServerOptions[keyof ServerOptions]): string {
  // What says nothing of TLS was served without it, and what says nothing of processes by one.
  if (value === undefined) return { tls: "off", processes: "1" }[name as string] ?? "not served";
  if (value === null) return "not settable";
  if (Array.isArray(value)) return value.join(", ");
  // The handshake takes no server that agrees to another mode (runner/load/handshake.ts).
  if (name === "compression" && value === true) return "on, each message by itself (no context takeover)";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "string") return value;
  return name.endsWith("Bytes") ? formatBytes(value) : formatInteger(value);
}

const optionLabels: Record<keyof ServerOptions, string> = {
  compression: "permessage-deflate",
  tls: "TLS",
  processes: "processes on its port",
  maxPayloadBytes: "largest message",
  backpressureLimitBytes: "backpressure limit",
  slowConsumer: "slow consumer",
  idleTimeoutSeconds: "idle timeout, s",
  noDelay: "TCP_NODELAY",
  utf8Validation: "UTF-8 validation",
  backlog: "listen backlog",
  broadcast: "broadcast variants",
  replayMessages: "messages kept to resume",
  replayBytes: "bytes kept to resume",
};

/** One option: the commonest value, in bold who differs from it, and who was measured without reporting it. */
function optionRow(name: keyof ServerOptions, candidates: readonly CandidateReport[]): Inline[] {
  const silent = candidates.filter((c) => c.status === "ok" && c.options === null);
  const byValue = Map.groupBy(
    candidates.filter((c) => c.options !== null),
    (c) => optionText(name, c.options![name]),
  );
  const [common, ...others] = [...byValue].toSorted((a, b) => b[1].length - a[1].length);
  const differing = others.map(([value, who]) => strong(`${who.map((c) => c.id).join(", ")}: ${value}`));
  const equal = [silent.length === 0 ? "all equal" : "equal where reported"];
  const unreported = silent.length === 0 ? [] : [`not reported: ${silent.map((c) => c.id).join(", ")}`];
  return [
    optionLabels[name],
    common?.[0] ?? absent,
    stacked(...(differing.length > 0 ? differing : equal), ...unreported),
  ];
}

/** Which rounds a run measured before and after it was gone on with. */
function parts({ parts: all }: Report["run"]): Inline[][] {
  if (all.length < 2) return [];
  const lines = all.map(({ fromRound, toRound, toolVersion, kernel, startedAt }) => {
    const rounds =
      fromRound === toRound ? `round ${fromRound + 1}` : `rounds ${fromRound + 1} to ${toRound + 1}`;
    return `${rounds}: from ${startedAt}, tickbench ${toolVersion}, kernel ${kernel}`;
  });
  return [["Resumed", stacked(...lines)]];
}

/** What the environment allows of the machine: a container, a service or a shell may have less than all of it. */
function limits({ cpuQuotaCores, memoryLimitBytes, cpuset }: Report["host"]): string {
  const quota = cpuQuotaCores === null ? "no CPU quota" : `⚠ CPU quota ${digits3(cpuQuotaCores)} cores`;
  const memory = memoryLimitBytes === null ? "no memory limit" : `memory ${formatBytes(memoryLimitBytes)}`;
  const allowed = cpuset === null ? "cores allowed: not reported" : `cores allowed: ${cpuset}`;
  return [quota, memory, allowed].join(", ");
}

/** How several load processes kept together, and whose latencies are reported. */
function spread({ load }: Report): Inline[][] {
  if (load === undefined) return [];
  const { on, processes, windows, repeated, startSkewNsMax, clockBoundNsMax, roundTripWindows } = load;
  const where = on === "cores" ? "on this machine" : "on other hosts";
  const parts: Inline[] = [
    `${processes} load processes ${where} shared the connections of ${formatCount(windows, "window")}`,
  ];
  if (startSkewNsMax !== null) parts.push(`began within ${formatNs(startSkewNsMax)} of the common start`);
  if (on === "hosts" && clockBoundNsMax !== null && clockBoundNsMax > 0)
    parts.push(`clocks known to within ${formatNs(clockBoundNsMax)} of each other`);
  if (roundTripWindows > 0) {
    parts.push(
      `⚠ latencies of ${formatCount(roundTripWindows, "window")} are round trips on the publisher's host, because the clock error is not small against them`,
    );
  }
  if (repeated > 0)
    parts.push(`⚠ ${formatCount(repeated, "window")} repeated, because a load process was lost`);
  const hosts = (load.agents ?? []).map(
    ({ name, role, toolVersion, host: { cpu, cores, core, memoryBytes, system } }) => {
      const pinned = core === null ? "⚠ not pinned" : `${role} on core ${core}`;
      return [
        role === "server" ? `Server's host, agent ${name}` : `Agent ${name}`,
        `${cpu}, ${cores} cores, ${formatBytes(memoryBytes)}, ${system}, ${pinned}, tickbench ${toolVersion}`,
      ];
    },
  );
  return [["Load", stacked(...parts)], ...hosts];
}

function machine(report: Report): Part {
  const { host, run } = report;
  const { pinning } = host;
  const pinned = pinning.pinned
    ? `server on core ${pinning.serverCores.join(", ")}, load on core ${pinning.loadCores.join(", ")} (${pinning.how})`
    : `⚠ not pinned: ${pinning.how}`;
  const rows = [
    ["CPU", `${host.cpu}, ${host.cores} cores`],
    ["Memory", formatBytes(host.memoryBytes)],
    ["Limits", limits(host)],
    ["System", `${host.os}, kernel ${host.kernel}`],
    ["Virtualised", host.virtualised ?? "no"],
    ["CPU governor", host.governor ?? "not reported"],
    ["Pinning", pinned],
    ...spread(report),
    ["Clock resolution", `${digits3(run.clockResolutionNs)} ns`],
    ...parts(run),
    ["Server process", run.processPerTrial ? "fresh for each trial" : "fresh for each candidate and round"],
    ["Run", `${run.id}, ${run.startedAt}, took ${formatDuration(run.durationMs)}`],
    [
      "Plan",
      `profile ${run.profile}, ${formatCount(run.roundsRun, "round")}, seed ${run.seed}, tickbench ${run.toolVersion}`,
    ],
  ];
  return table(["Machine and run", ""], "ll", rows);
}

/** What it was asked for and does not offer, a line for each reason. */
function unserved({ notServed }: CandidateReport): Inline[] {
  return [...Map.groupBy(notServed, ({ reason }) => reason)].map(([reason, same]) => {
    const services = joined(
      same.map(({ service }) => code(service)),
      ", ",
    );
    return line`not served: ${services} (${reason})`;
  });
}

/** What it was seen to do, against what it declares. */
function observed(candidate: CandidateReport): string | null {
  const declares = candidate.gaps.some((gap) => gap.case === rewritingGap);
  if (!candidate.observed.includes("rewrites-json")) return null;
  return `rewrites JSON${declares ? ", as declared" : ", undeclared"}`;
}

function status(candidate: CandidateReport): Inline {
  const { status, reason, nextStep } = candidate;
  if (status === "ok") return stacked("measured", observed(candidate), ...unserved(candidate));
  const next = nextStep === undefined ? [] : [br, em("Next:"), ` ${nextStep}`];
  return [`⚠ ${status}${reason === undefined ? "" : `: ${reason}`}`, ...next];
}

/** What runtimes and frameworks are known to do whatever the load, a line a row of docs/BEHAVIOUR.md. */
function known(candidates: readonly CandidateReport[]): Part {
  const rows = candidates.flatMap((candidate) => {
    const behaviours = knownOf(candidate).map((of) => line`${knownBehaviours[of].says} (${code(of)})`);
    return behaviours.length === 0 ? [] : [[candidate.id, stacked(...behaviours)]];
  });
  if (rows.length === 0) return null;
  return [
    table(["Candidate", "Known behaviour"], "ll", rows),
    note(
      "Seen with the versions that docs/BEHAVIOUR.md names, not in this run. Its row for each code says what to conclude.",
    ),
  ];
}

/** CPU, kernel, versions, pinning and options, with what differs between candidates in bold. */
export function environment(report: Report): Section | null {
  const candidates = comparedCandidates(report);
  const versions = candidates.map((c) => [
    c.id,
    formatVersion(c.runtime),
    formatVersion(c.framework),
    status(c),
  ]);
  const names = (Object.keys(optionLabels) as (keyof ServerOptions)[]).filter((name) =>
    // One that no server of the run reports, such as in a report older than it, has no row.
    candidates.some(({ options }) => options !== null && options[name] !== undefined),
  );
  return section(
    "Environment",
    machine(report),
    table(["Candidate", "Runtime", "Framework", "Status"], "llll", versions),
    candidates.every((c) => c.options === null)
      ? null
      : table(
          ["Option", "Value", "Differs"],
          "lll",
          names.map((name) => optionRow(name, candidates)),
        ),
    known(candidates),
  );
}
