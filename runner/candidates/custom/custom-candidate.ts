import { resolve } from "node:path";
import { z } from "zod";
import { type Endpoint, endpoint, paths } from "../../../schemas/endpoint.ts";
import type { Launch } from "../../../schemas/plan.ts";
import { UsageError } from "../../cli/usage-error.ts";

const name = z
  .string()
  .regex(/^[\w./-]+$/, "must be letters, digits, dots, slashes and dashes")
  .describe("name in the report");

/** A user's server, as a config file describes it. A flag gives the first two fields and perhaps a pid. */
export const customCandidate = z
  .strictObject({
    name,
    /** Program and arguments; nothing is handed to a shell. It listens on $PORT of 127.0.0.1. */
    command: z.union([z.string().min(1), z.array(z.string()).min(1)]).optional(),
    /** Where it listens already, e.g. `ws://127.0.0.1:9001`. A path behind it is where it echoes. */
    url: z.string().optional(),
    env: z.record(z.string(), z.string()).default({}),
    /** Working directory; from the config file's own folder. */
    cwd: z.string().default("."),
    paths: paths.partial().default({}),
    subprotocol: endpoint.shape.subprotocol,
    headers: endpoint.shape.headers,
    /** Process whose CPU time and memory are the server's, where it runs already. */
    pid: z.int().positive().nullable().default(null),
  })
  .refine(({ command, url }) => (command === undefined) !== (url === undefined), {
    message: "must have a command or a url, and not both",
  });
type CustomFields = z.infer<typeof customCandidate>;

/** A user's server, checked. */
export interface CustomCandidate {
  readonly name: string;
  readonly launch: Launch;
  readonly endpoint: Endpoint;
}

/**
 * Reads `NAME=COMMAND` or `NAME=ws://127.0.0.1:PORT[/PATH][,pid=N]`, the value of --candidate. Throws UsageError.
 */
export function parseCustomCandidate(value: string, cwd: string): CustomCandidate {
  const at = value.indexOf("=");
  const rest = value.slice(at + 1).trim();
  if (at <= 0 || rest === "") {
    throw new UsageError(
      `--candidate: must be NAME=COMMAND or NAME=ws://127.0.0.1:PORT, got ${JSON.stringify(value)}`,
    );
  }
  const given = value.slice(0, at).trim();
  const parsed = name.safeParse(given);
  if (!parsed.success) {
    throw new UsageError(`--candidate: the name ${parsed.error.issues[0]?.message}, got ${given}`);
  }
  const [url = "", ...more] = isAddress(rest) ? rest.split(",") : [rest];
  const fields: CustomFields = {
    name: given,
    ...(isAddress(rest) ? { url } : { command: rest }),
    env: {},
    cwd: ".",
    paths: {},
    subprotocol: null,
    headers: {},
    pid: more.length === 0 ? null : pidOf(more.join(",")),
  };
  return checkCustomCandidate(fields, cwd, `--candidate ${given}`);
}

/** Checks what a schema cannot. `where` names the flag or the field in errors. Throws UsageError. */
export function checkCustomCandidate(fields: CustomFields, folder: string, where: string): CustomCandidate {
  const { command, url, env, cwd, subprotocol, headers, pid } = fields;
  const protocol = { subprotocol, headers };
  if (url !== undefined) {
    const { host, port, path } = loopback(url, where);
    const all = { ...(path === null ? {} : { echo: path }), ...fields.paths };
    return {
      name: fields.name,
      launch: { kind: "running", port, pid },
      endpoint: endpoint.parse({ host, paths: all, ...protocol }),
    };
  }
  if (pid !== null) throw new UsageError(`${where}: pid: is for a url only; a command's process is known`);
  const words = typeof command === "string" ? splitCommand(command, where) : [...(command ?? [])];
  mustNeedNoShell(typeof command === "string" ? command : words, words, where);
  if ((words[0] ?? "") === "") throw new UsageError(`${where}: command: must name a program`);
  if (isAddress(words[0] ?? "")) {
    throw new UsageError(`${where}: command: must name a program, got ${words[0]}; an address goes into url`);
  }
  if ("PORT" in env) {
    throw new UsageError(
      `${where}: env: PORT is chosen for each start; a server that listens elsewhere says so in a ready line`,
    );
  }
  return {
    name: fields.name,
    launch: { kind: "command", command: words, cwd: resolve(folder, cwd), env, listensOn: null },
    // Many a server listens on "localhost", which is either of the two.
    endpoint: endpoint.parse({ host: "localhost", paths: fields.paths, ...protocol }),
  };
}

/** No program's name begins with a scheme; which schemes are served is checked where the address is read. */
function isAddress(text: string): boolean {
  return /^(wss?:|[a-z][a-z0-9+.-]*:\/\/)/i.test(text);
}

function pidOf(text: string): number {
  const pid = Number(/^pid=([1-9]\d*)$/.exec(text)?.[1]);
  if (Number.isSafeInteger(pid)) return pid;
  throw new UsageError(`--candidate: only pid=N may follow the address, got ${text}`);
}

const hosts: Readonly<Record<string, Endpoint["host"]>> = {
  "127.0.0.1": "127.0.0.1",
  localhost: "localhost",
  "[::1]": "::1",
};

function loopback(text: string, where: string) {
  const match = /^(ws|wss):\/\/(\[[^\]]*\]|[^:/?]*)(?::(\d+))?(\/\S*)?$/i.exec(text);
  const host = hosts[match?.[2]?.toLowerCase() ?? ""];
  const port = Number(match?.[3]);
  if (match === null || match[1]?.toLowerCase() !== "ws" || !(port >= 1 && port <= 65_535)) {
    throw new UsageError(`${where}: must be ws://127.0.0.1:PORT, got ${text}`);
  }
  if (host === undefined) {
    throw new UsageError(
      `${where}: must be on this machine (127.0.0.1, localhost or [::1]), got ${match[2]}; load goes nowhere else`,
    );
  }
  return { host, port, path: match[4] ?? null };
}

/** What a shell would read outside quotes, and what to do instead. */
const shellSyntax: readonly { readonly sign: RegExp; readonly instead: string }[] = [
  {
    sign: /\$\{?PORT\b/,
    instead: "PORT is in the environment; a server that wants it as an argument needs a script",
  },
  { sign: /`|\$[({]|\$[A-Za-z_]/, instead: "write it out, or write a script" },
  { sign: /&&|\|\||[;|<>&]|[()]/, instead: "write a script that ends in exec" },
  { sign: /(?:^|\s)~(?:\/|\s|$)/, instead: "write the whole path" },
];
/** Commands that a shell has and the system does not. */
const builtins: readonly string[] = ["cd", "export", "source", ".", "exec", "set", "ulimit", "alias"];

/**
 * Refuses a command that only a shell could read, since none is used: it would hand `&&` to the program. What stands in quotes is
 * meant as it is. Throws UsageError.
 */
function mustNeedNoShell(command: string | readonly string[], words: readonly string[], where: string): void {
  const refuse = (sign: string, instead: string): UsageError =>
    new UsageError(
      `${where}: command: no shell is used, so ${sign} would not work, got ${JSON.stringify(typeof command === "string" ? command : words.join(" "))}; ${instead}, or use env and cwd in a config file`,
    );
  const [first = ""] = words;
  if (/^[A-Za-z_]\w*=/.test(first)) throw refuse(first, "write a script");
  if (builtins.includes(first)) throw refuse(first, "write a script");
  // A list is split already: of it only a word that is nothing but a sign can have been meant for a shell.
  const bare =
    typeof command === "string"
      ? command.replace(/"[^"]*"|'[^']*'/g, "quoted")
      : words.filter((word) => /^(?:&&|\|\||[;|<>&]|2?>>?)$/.test(word)).join(" ");
  for (const { sign, instead } of shellSyntax) {
    const found = sign.exec(bare)?.[0].trim();
    if (found !== undefined) throw refuse(found, `${instead}; in quotes it is handed on as it is`);
  }
}

/** Splits at spaces outside quotes. */
function splitCommand(text: string, where: string): string[] {
  const words = [...text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"),
  );
  const quotes = text.replace(/"[^"]*"|'[^']*'/g, "").match(/["']/);
  if (quotes !== null) throw new UsageError(`${where}: must close its quotes, got ${text}`);
  return words;
}
