import { existsSync } from "node:fs";
import { Command } from "commander";
import { CommandError } from "../reports/command-error.ts";
import { defaultDatabase, runStates } from "./names.ts";

/** What `runs` does, each with its arguments. */
const actions = {
  list: "runs list: the stored runs, newest first",
  show: "runs show RUN: one run, with its answer",
  compare: "runs compare RUN RUN: two runs, with the differences between their environments",
  import: "runs import FILE…: report.json files or folders of runs into the store",
  export: "runs export RUN: its report in the forms of --report, into --out",
} as const;
type Action = keyof typeof actions;

/** The options of `runs`; what it needs to act is loaded when it does. */
export const runsCommand = (): Command =>
  new Command("runs")
    .description("Lists, shows, compares, imports and exports the stored runs of the service.")
    .argument("<action>", Object.keys(actions).join(", "))
    .argument("[what...]", "runs by their ids, or files to import")
    .option("--db <file>", "the store", defaultDatabase)
    .option("--limit <n>", "runs to list, 1..200", "20")
    .option("--state <state>", `list runs in this state: ${runStates.join(", ")}`)
    .option("--all", "compare all figures, not only the headline ones")
    .option("--report <forms>", "what to export, comma-separated", "json,md,html")
    .option("--out <dir>", "where to export to", ".")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `\nActions:\n${Object.values(actions)
        .map((text) => `  ${text}`)
        .join("\n")}`,
    )
    .helpOption("-h, --help", "print this and exit");

/** Does what was asked, and gives the text for stdout. Throws CommandError for what the user can put right. */
export async function runStoredRuns(parsed: Command): Promise<string> {
  const [action = "", ...what] = parsed.args;
  if (!Object.hasOwn(actions, action)) {
    throw new CommandError(`runs: must be one of ${Object.keys(actions).join(", ")}, got ${action}`);
  }
  const { db } = parsed.opts<{ db: string }>();
  if (action !== "import" && !existsSync(db)) {
    throw new CommandError(
      `--db: ${db}: must be the store of a service, found none; import a report, or start one with bun run serve`,
    );
  }
  const [{ openDatabase }, { isUnwritable, Store }, { actOn }] = await Promise.all([
    import("./store/database.ts"),
    import("./store/store.ts"),
    import("./stored-runs.ts"),
  ]);
  const store = new Store(openDatabase(db));
  try {
    return await actOn(store, action as Action, what, parsed.opts());
  } catch (error) {
    if (!isUnwritable(error)) throw error;
    throw new CommandError(`--db: ${db}: must be writable, got ${error.code}; stored runs are kept`);
  } finally {
    store.close();
  }
}
