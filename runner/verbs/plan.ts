import { exitCodes } from "../../schemas/exit-codes.ts";
import type { PlanListing } from "../../schemas/listing.ts";
import type { Plan } from "../../schemas/plan.ts";
import { readOptions } from "../cli/args.ts";
import type { Request } from "../cli/command-line.ts";
import { columns, json, note } from "../cli/output.ts";
import { plannedMs } from "../record/progress.ts";
import { placed, prepare } from "./compare.ts";
import { planTable } from "./list-text.ts";

/** Checks what a run would be given, and prints what it would measure. */
export async function act({ command, notes }: Request): Promise<number> {
  const options = placed(readOptions(command));
  notes.forEach(note);
  const { plan } = await prepare(options);
  const listing = listPlan(plan);
  process.stdout.write(options.json ? json(listing) : planTable(listing, columns()));
  return exitCodes.done;
}

/** The plan, and how long it should take. */
export function listPlan(plan: Plan): PlanListing {
  return { plan, expectedMs: plannedMs(plan) };
}
