import { hostAddress, type Target } from "../../schemas/plan.ts";
import { type CustomCandidate, parseCustomCandidate } from "../candidates/custom/custom-candidate.ts";
import { UsageError } from "./usage-error.ts";
import { text, type Raw as Value } from "./values.ts";

type Raw = Readonly<Record<string, Value>>;

/** What --target asks for. */
interface Aim {
  readonly target: Target;
  /** The server that runs there; null where an agent starts candidates. */
  readonly server: CustomCandidate | null;
}

/**
 * Where the servers are, and the one that runs there where nobody of the run starts any. With --agents an agent of that host starts
 * them; without, whatever answers there is measured.
 */
export function aimOf(raw: Raw, hasOwn: boolean): Aim {
  const given = text(raw.target);
  const match = /^ws:\/\/(\[[\da-f:.]+\]|[\w.-]+)(?::(\d+))?(\/\S*)?$/i.exec(given);
  const host = match?.[1]?.replace(/^\[|\]$/g, "") ?? "";
  const port = Number(match?.[2] ?? 0);
  if (match === null || !hostAddress.safeParse(host).success || port > 65_535) {
    throw new UsageError(`--target: must be ws://HOST:PORT, got ${given}`);
  }
  const refused = [
    ...(["runtime", "pathNode", "soak", "why"] as const).filter((name) => (raw[name] ?? false) !== false),
    ...(["tls", "deflate"] as const).filter((name) => raw[name] !== "off"),
    ...(raw.serverCores === "1" ? [] : ["serverCores"]),
    ...(raw.port === "0" ? [] : ["port"]),
  ].map((name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
  const [flag] = hasOwn ? ["--candidate"] : refused;
  if (flag !== undefined) {
    throw new UsageError(
      `${flag}: must not be given with --target, whose servers are another host's; leave it out`,
    );
  }
  if (raw.agents !== undefined || raw.redis !== undefined) {
    if (match[3] !== undefined)
      throw new UsageError(`--target: must have no path with --agents, got ${given}`);
    return { target: { host, port, startedBy: "agent" }, server: null };
  }
  if (port === 0)
    throw new UsageError(`--target: must name the server's port, got ${given}; or add --agents and --redis`);
  if (raw.candidates !== "default") {
    throw new UsageError(
      `--candidates: needs an agent that starts them at --target, got ${text(raw.candidates)}; add --agents and --redis, or leave it out to measure what runs there`,
    );
  }
  const url = `ws://127.0.0.1:${port}${match[3] ?? ""}`;
  return {
    target: { host, port, startedBy: "nobody" },
    server: parseCustomCandidate(`target=${url}`, process.cwd()),
  };
}
