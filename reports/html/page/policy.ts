/// <reference lib="dom" />
import { defaultEvidence, type Policy, policyAxes, type Requirement } from "../../../schemas/policy.ts";

const nsPerMs = 1e6;
const bytesPerMiB = 2 ** 20;
/** Where a limit on the tail holds that names no cells: in those that the tail is judged by. */
const tailCells = defaultEvidence.latencyTail.flatMap((e) => (e.metric === "latencyNsP99" ? e.cells : []));

const isReach = (r: Requirement): boolean => r.kind === "reach";
const isP99 = (r: Requirement): boolean =>
  r.kind === "slo" && r.metric === "latencyNsP99" && r.max !== undefined;
const isMemory = (r: Requirement): boolean => r.kind === "memory";

function input(form: HTMLFormElement, name: string): HTMLInputElement {
  const found = form.elements.namedItem(name);
  if (!(found instanceof HTMLInputElement)) throw new Error(`the page has no field ${name}`);
  return found;
}

/** Sets every field of the form to a policy. */
export function showPolicy(form: HTMLFormElement, policy: Policy): void {
  const total = policyAxes.reduce((sum, axis) => sum + policy.weights[axis], 0);
  for (const axis of policyAxes) {
    input(form, axis).value = String(Math.round((100 * policy.weights[axis]) / total));
  }
  input(form, "vcpuHour").value = String(policy.prices.vcpuHour);
  input(form, "gibHour").value = String(policy.prices.gibHour);
  input(form, "reach").checked = policy.require.some(isReach);
  const p99 = policy.require.find(isP99);
  input(form, "p99Ms").value = p99?.kind === "slo" && p99.max !== undefined ? String(p99.max / nsPerMs) : "";
  const memory = policy.require.find(isMemory);
  input(form, "rssMiB").value = memory?.kind === "memory" ? String(memory.maxBytes / bytesPerMiB) : "";
}

/**
 * The policy that the form states, on top of the one it started from, whose other requirements stay; null while it states
 * none, as when every weight is 0 or a price is empty.
 */
export function readPolicy(form: HTMLFormElement, start: Policy): Policy | null {
  const value = (name: string): number => input(form, name).valueAsNumber;
  const weights = { ...start.weights };
  for (const axis of policyAxes) weights[axis] = value(axis);
  const prices = { ...start.prices, vcpuHour: value("vcpuHour"), gibHour: value("gibHour") };
  const weighs = Object.values(weights).some((w) => w > 0);
  if (!weighs || !(prices.vcpuHour > 0) || !(prices.gibHour >= 0)) return null;
  return { ...start, weights, prices, require: requirements(form, start) };
}

function requirements(form: HTMLFormElement, start: Policy): Requirement[] {
  const kept = start.require.filter((r) => !isReach(r) && !isP99(r) && !isMemory(r));
  const limit = (name: string, per: number): number | null => {
    const value = input(form, name).valueAsNumber * per;
    return value > 0 ? value : null;
  };
  const reach = start.require.find(isReach) ?? { kind: "reach" as const, cells: ["*"], min: 1 };
  const p99Cells = start.require.find(isP99);
  const memoryCells = start.require.find(isMemory);
  const max = limit("p99Ms", nsPerMs);
  const maxBytes = limit("rssMiB", bytesPerMiB);
  return [
    ...kept,
    ...(input(form, "reach").checked ? [reach] : []),
    ...(max === null
      ? []
      : [
          {
            kind: "slo" as const,
            metric: "latencyNsP99" as const,
            cells: cellsOf(p99Cells) ?? tailCells,
            max,
          },
        ]),
    ...(maxBytes === null
      ? []
      : [{ kind: "memory" as const, cells: cellsOf(memoryCells) ?? tailCells, maxBytes }]),
  ];
}

function cellsOf(requirement: Requirement | undefined): string[] | undefined {
  return requirement === undefined || requirement.kind === "codec" ? undefined : requirement.cells;
}
