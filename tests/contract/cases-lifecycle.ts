import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Candidate } from "../../servers/manifest.ts";
import type { Case, Context } from "./context.ts";
import { within } from "./deadline.ts";
import { closeCode, closePayload, opcodes } from "./frame.ts";
import { outliveParent, runToExit } from "./process.ts";
import { runtimeOf } from "./runtime.ts";

const modules = join(import.meta.dir, "../../node_modules");

function installed(name: string): { readonly name: string; readonly version: string } {
  return JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8"));
}

/** `1.4.30 + @elysiajs/node 1.4.5` */
function installedVersions(framework: string, parts: readonly string[] = []): string {
  const others = parts.map(installed).map(({ name, version }) => `${name} ${version}`);
  return [installed(framework).version, ...others].join(" + ");
}

/** What the interpreter's own record of installed packages says: `0.92.0 + uvicorn 0.17.6 + …`. */
function pythonVersions(candidate: Candidate): string {
  const program =
    "import sys; from importlib.metadata import version; [print(version(name)) for name in sys.argv[1:]]";
  const { modules = [] } = candidate;
  const { stdout } = Bun.spawnSync([runtimeOf(candidate).path, "-c", program, ...modules]);
  const versions = stdout.toString().trimEnd().split("\n");
  return versions
    .map((version, index) => (index === 0 ? version : `${modules[index]} ${version}`))
    .join(" + ");
}

/** The options in which a candidate differs by declaration, with its values. */
export function declaredOptions({ differences }: Candidate): Record<string, unknown> {
  return Object.fromEntries(differences.map(({ option, value }) => [option, value]));
}

/** The server must end with 2 and say what is wrong in one line that begins with `name`. */
async function refusesSetting(context: Context, name: string, value: string, line: RegExp): Promise<void> {
  const { code, stdout, stderr } = await runToExit(context.candidate, { [name]: value });
  expect(stdout).toBe("");
  expect(stderr).toMatch(line);
  expect(stderr.startsWith(`${name}: `)).toBe(true);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(code).toBe(2);
}

export const lifecycleCases: readonly Case[] = [
  {
    id: "ready/versions",
    async run({ candidate, ready }) {
      expect(ready.candidate).toBe(candidate.id);
      expect(ready.runtime).toEqual({ name: candidate.runtime, version: runtimeOf(candidate).version });
      const { name, package: from } = candidate.readyFramework ?? {
        name: candidate.framework,
        package: candidate.framework,
      };
      const version =
        candidate.runtime === "python" ? pythonVersions(candidate) : installedVersions(from, candidate.parts);
      expect(ready.framework).toEqual({ name, version });
    },
  },
  {
    id: "ready/settings",
    async run(context) {
      const { ready } = await context.start({
        CANDIDATE: "twin",
        SLOW_CONSUMER: "drop",
        BACKPRESSURE_LIMIT_BYTES: "70000",
        MAX_PAYLOAD_BYTES: "80000",
      });
      expect(ready.candidate).toBe("twin");
      expect(ready.options).toEqual({
        ...context.ready.options,
        slowConsumer: "drop",
        backpressureLimitBytes: 70_000,
        maxPayloadBytes: 80_000,
        // What the framework does not let a program choose stays as it is.
        ...declaredOptions(context.candidate),
      });
    },
  },
  {
    id: "settings/refused",
    async run(context) {
      await Promise.all([
        refusesSetting(context, "PORT", "http", /from 0 to 65535, got "http"/),
        refusesSetting(context, "PORT", String(context.server.port), /in use/),
      ]);
    },
  },
  {
    id: "stop/sigterm-closes-every-socket-with-1001",
    async run(context) {
      const server = await context.start({});
      const clients = await Promise.all(
        ["/echo", "/feed", "/publish", "/push", "/echo"].map((path) => context.open(path, server.port)),
      );
      const startedMs = performance.now();
      server.signal("SIGTERM");
      for (const client of clients) {
        const frame = await client.frame("close frame");
        expect(frame.opcode).toBe(opcodes.close);
        expect(closeCode(frame)).toBe(1001);
        client.send(opcodes.close, closePayload(1001));
      }
      expect(await within("exit", server.exited)).toBe(0);
      expect(performance.now() - startedMs).toBeLessThan(2000);
    },
  },
  {
    id: "stop/sigterm-does-not-wait-for-the-silent",
    async run(context) {
      const server = await context.start({});
      await context.open("/echo", server.port);
      // Connected, and never says a word.
      context.dial(server.port);
      const pushed = await context.open("/push", server.port);
      pushed.socket.pause();
      pushed.text('{"count":1000000,"bytes":4096,"codec":"raw","seed":1}');
      server.signal("SIGTERM");
      expect(await within("exit", server.exited, 2000)).toBe(0);
    },
  },
  {
    id: "stop/when-its-parent-is-gone",
    when: () => process.platform !== "win32",
    run: ({ candidate }) => outliveParent(candidate),
  },
];
