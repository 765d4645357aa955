import { table, wrapped } from "../../reports/text-table.ts";
import { exitCodes } from "../../schemas/exit-codes.ts";
import type { Plan, PlannedCandidate } from "../../schemas/plan.ts";
import type { ProtocolFuzz, Verification, VerifiedCandidate } from "../../schemas/verification.ts";
import { findCommands, type Unavailable } from "../candidates/commands.ts";
import { forProbing, type Probing, probe, servicesOf } from "../candidates/custom/probe.ts";
import { fuzzProtocol, together } from "../candidates/protocol-fuzz.ts";
import { type Options, readOptions } from "../cli/args.ts";
import type { Request } from "../cli/command-line.ts";
import { columns, json, note } from "../cli/output.ts";
import { checkInputs } from "../cli/preflight.ts";
import { makePlan } from "../plan/plan.ts";
import { planPins, readTopology } from "../process/pin.ts";
import { processesOf } from "../processes.ts";
import { createBench } from "../trial.ts";
import { Notes } from "./footnotes.ts";

/** Checks what the candidates serve, and prints it. */
export async function act({ command, notes }: Request): Promise<number> {
  const options = readOptions(command);
  notes.forEach(note);
  const plan = makePlan(options);
  await checkInputs(options, plan, false);
  const found = await verify(plan, options, options.quiet ? () => undefined : note);
  process.stdout.write(options.json ? json(found) : verificationTable(found, columns()));
  if (found.interrupted) return exitCodes.interrupted;
  return found.candidates.some((c) => c.status === "failed") ? exitCodes.candidateFailed : exitCodes.done;
}

/**
 * Starts each candidate of a plan and asks it for every service of the plan that it declares, as a run asks the user's own
 * servers: each message is checked, nothing is measured. Every process that it starts has ended when it returns.
 */
export async function verify(
  plan: Plan,
  options: Options,
  print: (line: string) => void,
): Promise<Verification> {
  const pins = planPins(readTopology());
  let interrupted = false;
  const { children, load, close } = processesOf(
    pins,
    () => {
      interrupted = true;
    },
    options.debug,
  );
  try {
    const { commands, probes, unavailable } = await findCommands(plan.candidates);
    const tools = {
      pins,
      children,
      load,
      port: options.port,
      commands,
      probes,
      onBusyAtRest: () => undefined,
    };
    const bench = createBench({ ...tools, plan: forProbing(plan) });
    const candidates: VerifiedCandidate[] = [];
    for (const candidate of plan.candidates.filter((c) => c.replicateOf === null)) {
      print(candidate.name);
      const found = await verifyOne(candidate, plan, bench, unavailable.get(candidate.name), {
        inputs: options.fuzz,
        seed: options.seed,
      });
      // What the interrupt itself ended has not failed.
      if (interrupted) break;
      candidates.push(found);
    }
    return { candidates, interrupted };
  } finally {
    await close();
  }
}

/** One candidate; `missing` says why it cannot run here. */
export async function verifyOne(
  candidate: PlannedCandidate,
  plan: Plan,
  bench: Probing,
  missing?: Unavailable,
  fuzzing = { inputs: 0, seed: 1 },
): Promise<VerifiedCandidate> {
  const base = { id: candidate.name, passed: [], failed: [], notServed: [], fuzz: null };
  if (missing !== undefined) {
    return { ...base, status: "unavailable", reason: `${missing.reason}; ${missing.nextStep}` };
  }
  const isCustom = candidate.launch.kind !== "program";
  const services = servicesOf(plan).filter(({ id }) => isCustom || candidate.serves.includes(id));
  // A variant whose feature the framework has no way to.
  if (!isCustom && services.length === 0) {
    return { ...base, status: "passed", reason: null, notServed: candidate.notServed };
  }
  const { served, failure } = await probe(candidate, services, bench);
  const [failed, notServed] = isCustom ? [[], served.notServed] : [served.notServed, []];
  const fuzz = failure === null && fuzzing.inputs > 0 ? await fuzzed(candidate, bench, fuzzing) : null;
  const isSturdy = fuzz === null || (fuzz.died.length === 0 && fuzz.harmed.length === 0);
  return {
    ...base,
    status: failure === null && failed.length === 0 && isSturdy ? "passed" : "failed",
    reason: failure?.reason ?? null,
    passed: served.serves,
    failed,
    notServed,
    fuzz,
  };
}

/** Lives of a server that broken input may take before the rest is not tried. */
const livesMax = 10;

/** Broken input to one candidate, which is started again where it died of one. */
async function fuzzed(
  candidate: PlannedCandidate,
  bench: Probing,
  { inputs, seed }: { readonly inputs: number; readonly seed: number },
): Promise<ProtocolFuzz | null> {
  const parts: ProtocolFuzz[] = [];
  for (let from = 0; from < inputs && parts.length < livesMax; ) {
    const started = await bench.start(candidate);
    if ("failure" in started || started.server.address === undefined) break;
    const { server } = started;
    const target = { ...started.server.address, endpoint: candidate.endpoint, alive: server.alive };
    const part = await fuzzProtocol(target, inputs, seed, from);
    await server.stop();
    parts.push(part);
    if (part.inputs === 0) break;
    from += part.inputs;
  }
  return parts.length === 0 ? null : together(parts);
}

/** A verification as a table for a terminal of that many columns, its reasons as numbered notes below. */
export function verificationTable({ candidates }: Verification, columns: number): string {
  const notes = new Notes();
  const rows = candidates.map((c) => {
    const reasons = c.reason === null ? [] : [`${c.id}: ${c.reason}`];
    const numbers = [...reasons, ...reasonsOf(c), ...fuzzWords(c)].map((text) => notes.number(text));
    const asked = c.passed.length + c.failed.length + c.notServed.length;
    return [c.id, c.status, `${c.passed.length} of ${asked}`, numbers.join(", ") || "none"];
  });
  const text = table(["id", "verified", "services", "notes"], rows, columns);
  const below = [...notes.lines(columns), "", wrapped(scope, columns, 0)];
  return `${text}\n${below.join("\n").trimStart()}\n`;
}

/** What broken input did, in a line each for deaths, harm and each rule that was not kept. */
function fuzzWords({ id, fuzz }: VerifiedCandidate): string[] {
  if (fuzz === null) return [];
  const some = (inputs: readonly number[]) => inputs.slice(0, 5).join(", ");
  return [
    ...(fuzz.died.length > 0
      ? [`${id}: died of ${fuzz.died.length} of ${fuzz.inputs} broken inputs (${some(fuzz.died)})`]
      : []),
    ...(fuzz.harmed.length > 0
      ? [
          `${id}: other connections were harmed by ${fuzz.harmed.length} of ${fuzz.inputs} broken inputs (${some(fuzz.harmed)})`,
        ]
      : []),
    ...fuzz.deviations.map(({ rule, section, answer, times, of }) => {
      const what = answer === "went-on" ? "went on" : "neither closed nor went on";
      return `RFC 6455 ${section}, ${rule}: ${what}${times === of ? "" : ` (${times} of ${of})`}`;
    }),
  ];
}

const scope =
  "A service passes if every message of a short sample arrives as it must. The whole contract: bun test tests/contract";

/** `echo/raw, echo/json: reason`, what came of several services once. */
function reasonsOf({ failed, notServed }: VerifiedCandidate): string[] {
  const byReason = Map.groupBy([...failed, ...notServed], ({ reason }) => reason);
  return [...byReason].map(([reason, of]) => `${of.map(({ service }) => service).join(", ")}: ${reason}`);
}
