#!/usr/bin/env bun
import { Command, CommanderError, Option } from "commander";
import { exitCodes } from "../schemas/exit-codes.ts";
import { UsageError } from "./cli/usage-error.ts";

// The command of a host that makes load or has the servers: it serves the runs whose coordinator is given the same Redis, one after the other, until it is ended.

const command = new Command("bun run runner/agent.ts")
  .description(
    "Takes part in runs that another host coordinates with --redis and --agents, until it is ended.",
  )
  .addOption(
    new Option(
      "--redis <url>",
      "redis://[USER:PASSWORD@]HOST[:PORT][/DB], or rediss:// for TLS",
    ).makeOptionMandatory(),
  )
  .addOption(
    new Option("--role <role>", "make load, or start the servers of --target on this host")
      .choices(["load", "server"])
      .default("load"),
  )
  .addOption(new Option("--name <name>", "its name among the agents (default: of the host and the process)"))
  .helpOption("-h, --help", "print this and exit");

async function serve(argv: readonly string[]): Promise<number> {
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  try {
    command.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return exitCodes.done;
    throw new UsageError(`${error.message.replace(/^error: /, "")}; see --help`);
  }
  const [{ Agent, agentName }, { mustAnswer, mustBeAlone }, { shown }, { agentFacts }] = await Promise.all([
    import("./distributed/agent.ts"),
    import("./distributed/redis.ts"),
    import("./distributed/redis-url.ts"),
    import("../schemas/agent.ts"),
  ]);
  const options = command.opts<{ redis: string; name?: string; role: "load" | "server" }>();
  const { redis, name = agentName(), role } = options;
  const checked = agentFacts.shape.name.safeParse(name);
  if (!checked.success)
    throw new UsageError(`--name: ${checked.error.issues[0]?.message ?? ""}, got ${name}`);
  await mustAnswer(redis, 5_000);
  await mustBeAlone(redis, name, 0);
  const ended = Promise.withResolvers<void>();
  const agent = new Agent(redis, name, role, (line) => console.log(`${name} ${line}`), ended.resolve);
  await agent.ready();
  try {
    // Of two that started at once.
    await mustBeAlone(redis, name, 1);
  } catch (error) {
    await agent.close();
    throw error;
  }
  console.log(`${name} waits for runs at ${shown(redis)}`);
  await ended.promise;
  await agent.close();
  return exitCodes.done;
}

try {
  process.exit(await serve(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(exitCodes.usage);
}
