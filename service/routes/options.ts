import { Elysia } from "elysia";
import { formNames, formWrites } from "../../reports/forms.ts";
import { policies } from "../../reports/policies.ts";
import { workloads } from "../../schemas/cell.ts";
import { feedPresets, profiles, slowConsumerPolicies } from "../../schemas/names.ts";
import { options } from "../api/options.ts";
import type { Candidates } from "../candidates.ts";

/** Values for the start form. */
export const optionRoutes = (candidates: Candidates) =>
  new Elysia({ prefix: "/api/v1" }).get(
    "/options",
    () => ({
      candidates:
        candidates.listed?.map(({ id, available, reason, nextStep, sets }) => ({
          id,
          available,
          reason,
          nextStep,
          sets,
        })) ?? null,
      profiles: profiles.map((name) => ({ name })),
      workloads: [...workloads],
      feeds: [...feedPresets],
      slowConsumers: [...slowConsumerPolicies],
      policies: [...policies],
      forms: formNames.map((name) => ({ name, writes: formWrites(name) })),
    }),
    { response: { 200: options }, detail: { summary: "Values for the start form", tags: ["options"] } },
  );
