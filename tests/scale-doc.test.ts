import { expect, test } from "bun:test";
import { join } from "node:path";
import { z } from "zod";
import { parseArgs } from "../runner/cli/args.ts";

const container = z.strictObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()),
  env: z.array(z.strictObject({ name: z.literal("REDIS_URL"), valueFrom: z.unknown() })),
  // A limit of CPU would throttle what is measured.
  resources: z.strictObject({ requests: z.strictObject({ cpu: z.string(), memory: z.string() }) }),
});
const job = z.strictObject({
  apiVersion: z.literal("batch/v1"),
  kind: z.literal("Job"),
  metadata: z.strictObject({ name: z.string() }),
  spec: z.strictObject({
    completions: z.int().optional(),
    parallelism: z.int().optional(),
    completionMode: z.literal("Indexed").optional(),
    backoffLimit: z.int().optional(),
    template: z.strictObject({
      spec: z.strictObject({
        restartPolicy: z.literal("Never"),
        hostNetwork: z.literal(true),
        dnsPolicy: z.literal("ClusterFirstWithHostNet"),
        nodeSelector: z.strictObject({ tickbench: z.string() }),
        affinity: z.unknown().optional(),
        containers: z.tuple([container]),
      }),
    }),
  }),
});

test("the manifests of docs/SCALE.md are Jobs as the tool needs them", async () => {
  const text = await Bun.file(join(import.meta.dir, "..", "docs", "SCALE.md")).text();
  const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(text) ?? [];
  const jobs = z.tuple([job, job, job]).parse(Bun.YAML.parse(yaml));
  const [agents, server, coordinator] = jobs;
  const nodes = jobs.map(({ spec }) => spec.template.spec.nodeSelector.tickbench);
  expect(nodes).toEqual(["load", "server", "coordinator"]);
  expect(agents.spec).toMatchObject({ completionMode: "Indexed", completions: agents.spec.parallelism });
  const commandOf = ({ spec }: z.infer<typeof job>) => spec.template.spec.containers[0].command;
  expect(commandOf(server)).toContain("--role");
  const [bun, run, door, ...argv] = commandOf(coordinator);
  expect([bun, run, door]).toEqual(["bun", "run", "runner/compare.ts"]);
  const asked = parseArgs(argv, "0");
  expect(asked).toMatchObject({
    options: { agents: { count: agents.spec.completions }, target: { startedBy: "agent" } },
  });
});
