import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { renderCharts } from "../reports/charts/svg.ts";
import { parse } from "../reports/command.ts";
import { CommandError } from "../reports/command-error.ts";
import { repeatCommand } from "../reports/sections/repeat.ts";
import { renderExcerpt } from "./excerpt.ts";
import { machineOf, sampleReadme } from "./sample-readme.ts";
import { coreSample, flagsOf, isTaken, root, sampleFolder, slots, takeRun } from "./sample-slots.ts";

const begin = "<!-- sample:begin -->";
const end = "<!-- sample:end -->";

/** The project's README with its excerpt made anew from the sample of the core set. */
export async function readmeWithSample(readme: string): Promise<string> {
  const report = await coreSample();
  const excerpt = renderExcerpt(report, renderCharts(report), slots.core.folder);
  const from = readme.indexOf(begin) + begin.length;
  const to = readme.indexOf(end);
  const where = `From [a whole report](${slots.core.folder}/report.md): \`${repeatCommand(report)}\`, ${report.run.roundsRun} rounds, ${machineOf(report)}. ${othersOf()}`;
  return `${readme.slice(0, from)}\n${where}\n\n${excerpt}\n${readme.slice(to)}`;
}

/** Where the further samples are told of. */
function othersOf(): string {
  const taken = [slots.open, slots.studies].some(isTaken);
  const more = taken ? "[Others](" : "[There is another](";
  const of = taken ? "are over every candidate and every workload" : "over every candidate";
  return `${more}${sampleFolder}/README.md) ${of}.`;
}

function command(): Command {
  const made = new Command("docs/sample.ts").description(
    "Takes runs as the sample reports, and renews what the READMEs show of them.",
  );
  for (const slot of Object.values(slots))
    made.option(`--${slot.name} <run>`, `folder of a run of ${flagsOf(slot)}`);
  return made
    .helpOption("--help", "print this and end")
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
}

async function sample(argv: readonly string[]): Promise<void> {
  const parsed = parse(command(), argv);
  if (parsed === null) return;
  const runs = parsed.opts<Partial<Record<keyof typeof slots, string>>>();
  for (const slot of Object.values(slots)) {
    const run = runs[slot.name];
    if (run !== undefined) await takeRun(slot, run);
  }
  const readme = join(root, "README.md");
  writeFileSync(readme, await readmeWithSample(readFileSync(readme, "utf8")));
  writeFileSync(join(root, sampleFolder, "README.md"), await sampleReadme());
}

// `bun run docs/sample.ts [--core RUN] [--all RUN] [--open RUN] [--studies RUN]`
if (import.meta.main) {
  await sample(process.argv.slice(2)).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  });
}
