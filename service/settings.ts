import { isIP } from "node:net";
import { Command, Option } from "commander";
import { z } from "zod";
import { parse } from "../reports/command.ts";
import { CommandError } from "../reports/command-error.ts";
import { readWholeFile, UnreadableFileError } from "../reports/whole-file.ts";
import { validate } from "../schemas/validation.ts";
import { type Access, loopback } from "./guard.ts";
import { defaultDatabase } from "./names.ts";

/** What the service is started with. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** A config file of the runner, with servers of one's own. */
  readonly config: string | null;
  readonly access: Access;
  /** Hours between two looks at the registry; null for none by itself. */
  readonly watchHours: number | null;
}

/** As a browser writes it behind `http://`. */
const hostName = /^(\[[\da-f:.]+\]|[\w.-]+)$/i;

const usual = { port: "4600", host: "127.0.0.1" };
/** Of these the environment has a say too. */
const variables = { port: "PORT", host: "HOST" } as const;

const given = z.object({
  port: z
    .string()
    .regex(/^\d{1,5}$/, "must be 0 to 65535")
    .transform(Number)
    .pipe(z.number().max(65535, "must be 0 to 65535")),
  host: z.string().min(1),
  db: z.string().min(1),
  config: z.string().min(1).optional(),
  tokenFile: z.string().min(1).optional(),
  allowHost: z
    .array(z.string().regex(hostName, "must be a host name or address, without scheme and port"))
    .default([]),
  watchEvery: z.coerce.number("must be 1 to 500 hours").min(1).max(500).optional(),
});

const command = (): Command =>
  new Command("bun run serve")
    .description(
      "Serves the dashboard and the API: starts comparisons, shows them live, stores and compares them.",
    )
    .option("--port <n>", `port, 0 for any free one (or set PORT; default: ${usual.port})`)
    .option(
      "--host <address>",
      `address to listen on; any but loopback needs a token (or set HOST; default: ${usual.host})`,
    )
    .option("--db <file>", "the store; records of runs lie beside it", defaultDatabase)
    .option("--config <file>", "config file of the runner, for your own servers")
    .option("--token-file <file>", "file with the token that clients must send (or set TICKBENCH_TOKEN)")
    .addOption(
      new Option(
        "--allow-host <name>",
        "another host name of the service, e.g. behind a proxy; repeatable",
      ).argParser((one: string, before: readonly string[] = []) => [...before, one]),
    )
    .option(
      "--watch-every <hours>",
      "every so many hours, look for newer runtimes and measure old against new",
    )
    .helpOption("-h, --help", "print this and exit");

/** Reads the command line and the environment; null where help was asked for. Throws CommandError. */
export function readSettings(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Settings | null {
  const parsed = parse(command(), argv);
  if (parsed === null) return null;
  // An empty variable is one that is not set.
  const set = Object.entries(variables).flatMap(([option, name]) => (env[name] ? [[option, env[name]]] : []));
  const fromEnv: Readonly<Record<string, string>> = Object.fromEntries(set);
  const flags: Readonly<Record<string, unknown>> = parsed.opts();
  /** Whoever set a variable looks for no flag. */
  const nameOf = (option: string): string =>
    flags[option] === undefined && option in fromEnv
      ? variables[option as keyof typeof variables]
      : `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const options = { ...usual, ...fromEnv, ...flags };
  const checked = validate(given, options);
  if ("error" in checked) {
    const option = String(checked.error.path[0]);
    throw new CommandError(`${nameOf(option)}${checked.error.text.slice(option.length)}`);
  }
  const { host, port, db, config, tokenFile, allowHost, watchEvery } = checked.data;
  const token = tokenOf(tokenFile, env.TICKBENCH_TOKEN);
  if (!isLoopback(host) && token === null) {
    throw new CommandError(
      `${nameOf("host")}: must be 127.0.0.1 or ::1 where no token is set, got ${host}; give --token-file, or TICKBENCH_TOKEN in the environment`,
    );
  }
  const wildcard = host === "0.0.0.0" || host === "::";
  if (wildcard && allowHost.length === 0) {
    throw new CommandError(
      `${nameOf("host")}: ${host} is not a host name; give the service's host names with --allow-host`,
    );
  }
  const listenName = wildcard ? [] : [isIP(host) === 6 ? `[${host}]` : host.toLowerCase()];
  const hosts = new Set([...loopback, ...listenName, ...allowHost.map((name) => name.toLowerCase())]);
  return {
    host,
    port,
    database: db,
    config: config ?? null,
    access: { hosts, token },
    watchHours: watchEvery ?? null,
  };
}

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);

/** Shorter ones can be guessed. */
const tokenMin = 16;

/** The token, which is never printed. */
function tokenOf(file: string | undefined, variable: string | undefined): string | null {
  const [where, text] =
    file === undefined ? ["TICKBENCH_TOKEN", variable] : [`--token-file: ${file}`, contentOf(file)];
  if (text === undefined) return null;
  const token = text.trim();
  if (token.length >= tokenMin && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new CommandError(
    `${where}: must be ${tokenMin} or more visible ASCII characters, got ${token.length}; e.g. openssl rand -hex 32`,
  );
}

function contentOf(file: string): string {
  try {
    return readWholeFile(file, 4096).toString("utf8");
  } catch (cause) {
    if (!(cause instanceof UnreadableFileError)) throw cause;
    throw new CommandError(`--token-file: ${file}: must be a readable file, got ${cause.message}`, { cause });
  }
}
