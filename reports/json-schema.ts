/**
 * JSON Schemas of report.json, summary.json and a policy file, generated from the zod schemas so that the two cannot part.
 * `bun reports/json-schema.ts` writes schemas/*.schema.json again.
 */
import { join } from "node:path";
import { z } from "zod";
import { policy } from "../schemas/policy.ts";
import { report, reportSchemaVersion } from "../schemas/report.ts";
import { summary, summarySchemaVersion } from "../schemas/summary.ts";

/** A schema that is published: where it lies, and its text, draft 2020-12. */
interface Published {
  readonly file: string;
  readonly text: string;
}

/** What a written report looks like, defaults filled in; and what a policy file may look like, defaults left out. */
export function publishedSchemas(): Published[] {
  return [
    publishedAs("report", `tickbench report, version ${reportSchemaVersion}`, report, "output"),
    publishedAs("summary", `tickbench summary, version ${summarySchemaVersion}`, summary, "output"),
    publishedAs("policy", "tickbench policy, version 1", policy, "input"),
  ];
}

function publishedAs(name: string, title: string, schema: z.ZodType, io: "input" | "output"): Published {
  const generated = z.toJSONSchema(schema, { io, target: "draft-2020-12" });
  return {
    file: join(import.meta.dir, `../schemas/${name}.schema.json`),
    text: `${JSON.stringify({ title, ...generated }, null, 2)}\n`,
  };
}

if (import.meta.main) for (const { file, text } of publishedSchemas()) await Bun.write(file, text);
