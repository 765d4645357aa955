import type { ServerFactor } from "../schemas/factor.ts";
import type { Broadcast, ServerOptions } from "../schemas/ready.ts";

/** A place where a framework leaves RFC 6455 or the wire contract. Named by the contract case that shows it. */
export interface Gap {
  /** Id of the contract case that fails, e.g. `echo/text-like-json`. */
  readonly case: string;
  readonly reason: string;
}

/** An option that could not be made equal to the other candidates', with the value it has instead. */
export interface Difference {
  readonly option: keyof ServerOptions;
  readonly value: ServerOptions[keyof ServerOptions];
  readonly reason: string;
}

/** What a framework with native builds needs of its runtime and of the machine. */
export interface Requirement {
  /** The one major version of the runtime that there is a working build for. */
  readonly runtimeMajor: number;
  /** Folder from the project's root, there once the framework has been installed. */
  readonly installed: string;
  readonly reason: string;
  readonly nextStep: string;
}

/** One server program, described as data. The runner spawns it and never imports it. */
export interface Candidate {
  readonly id: string;
  readonly runtime: "node" | "bun" | "python";
  readonly framework: string;
  /**
   * What its ready line calls the framework, and the package whose version that line gives, where `framework` is not
   * the name of both.
   */
  readonly readyFramework?: { readonly name: string; readonly package: string };
  /** Packages of npm whose versions the ready line gives behind the framework's: its adapter and what is below it. */
  readonly parts?: readonly string[];
  /** Path of the program from the project's root. */
  readonly entry: string;
  /** Arguments of the program. */
  readonly args?: readonly string[];
  /** Python packages that the interpreter must have, the framework's first. The ready line gives their versions. */
  readonly modules?: readonly string[];
  readonly requires?: Requirement;
  readonly broadcast: readonly Broadcast[];
  readonly codecs: readonly ("json" | "sbe" | "raw")[];
  /** Features of the server that it cannot be run with, each with the reason (schemas/factor.ts). */
  readonly lacks?: Readonly<Partial<Record<ServerFactor, string>>>;
  /** Why a codec is not among them. */
  readonly codecsReason?: string;
  readonly gaps: readonly Gap[];
  readonly differences: readonly Difference[];
}

/** listen(2) takes this many pending connections where the program may choose. */
export const backlog = 4096;

const bunBacklog: Difference = {
  option: "backlog",
  value: null,
  reason:
    "Bun lets no program choose it, neither under Bun.serve nor under its node:http; the runtime asks for 512",
};

const noConnectionHeader: Gap = {
  case: "http/missing-connection-header",
  reason: "Bun upgrades a request without a Connection header, which RFC 6455 section 4.2.1 asks for",
};

const binaryAsText =
  "@elysiajs/node reads every message as text before its handler sees it, so that binary is mangled on its way in (70,000 B came back as 35,000); what the server sends itself is intact";

const refusedUpgrade =
  "crossws answers 500 to any request that Bun would not upgrade, where the mistake is the client's";

/** The earlier study's systems. The event loop moves their figures as much as the framework, so it is in the id. */
function python(
  framework: string,
  loop: "asyncio" | "uvloop",
  parts: readonly string[],
  gaps: readonly Gap[],
) {
  return {
    id: `python/${framework}-${loop}`,
    runtime: "python",
    framework,
    entry: `servers/python/${framework}_server.py`,
    args: [loop],
    modules: [framework, ...parts, ...(loop === "uvloop" ? ["uvloop"] : [])],
    // uvloop itself joins the writes of a turn; asyncio has no means to.
    broadcast: loop === "uvloop" ? ["send", "coalesced"] : ["send"],
    codecs: ["json", "sbe", "raw"],
    lacks: { cores: "the Python gateway keeps its subscribers in one process" },
    gaps,
    differences: [],
  } satisfies Candidate;
}

const unmasked = "aiohttp takes frames that a client has not masked, which RFC 6455 section 5.1 forbids";
const aiohttpGaps: readonly Gap[] = [
  { case: "frame/unmasked", reason: unmasked },
  { case: "frame/unmasked-1002", reason: unmasked },
  {
    case: "close/by-client-with-code-and-reason",
    reason: "aiohttp answers every close with 1000, whatever code the client gave",
  },
  {
    case: "frame/oversized-in-fragments-of-one-read-1009",
    reason:
      "aiohttp 3.8 adds up the fragments of a message between its reads alone, so that those of one read pass its limit",
  },
];
const refusedHandshake =
  "an ASGI application that refuses a handshake is answered for with 403, whatever the mistake was";
const fastapiGaps: readonly Gap[] = [
  { case: "http/bad-query", reason: refusedHandshake },
  { case: "http/unserved-broadcast-refused", reason: refusedHandshake },
  { case: "resume/bad-query", reason: refusedHandshake },
  {
    case: "http/frame-right-behind-the-upgrade",
    reason: "uvicorn with httptools drops the bytes that arrive with the upgrade request",
  },
  {
    case: "close/echo-before-close-is-delivered",
    reason:
      "websockets reads ahead of the application and answers a close before the messages in front of it are handled",
  },
  ...["slow/disconnect-send", "slow/disconnect-coalesced"].map((name) => ({
    case: name,
    reason:
      "ASGI lets an application end a connection by the closing handshake alone, which waits behind all that is unsent",
  })),
];
const uvicornParts = ["uvicorn", "websockets", "httptools"];

const cutOff = "uWebSockets.js ends a connection that breaks the protocol without a word of why";
const unmaskedRead =
  "uWebSockets.js takes every frame for a masked one, as RFC 6455 section 5.1 demands of clients, and waits for more";
const anyVersion = "uWebSockets.js leaves the version of the protocol for the program to check";
const uwsBacklog: Difference = {
  option: "backlog",
  value: null,
  reason: "uWebSockets.js does not let a program choose it and asks for 512",
};

export const candidates: readonly Candidate[] = [
  {
    id: "node/ws",
    runtime: "node",
    framework: "ws",
    entry: "servers/node/ws.ts",
    broadcast: ["send", "coalesced"],
    codecs: ["json", "sbe", "raw"],
    gaps: [],
    differences: [],
  },
  {
    id: "node/hono",
    runtime: "node",
    framework: "hono",
    parts: ["@hono/node-server", "@hono/node-ws", "ws"],
    entry: "servers/node/hono.ts",
    broadcast: ["send", "coalesced"],
    codecs: ["json", "sbe", "raw"],
    gaps: [],
    differences: [],
  },
  {
    id: "bun/elysia",
    runtime: "bun",
    framework: "elysia",
    entry: "servers/bun/elysia.ts",
    broadcast: ["send", "coalesced", "native"],
    codecs: ["json", "sbe", "raw"],
    gaps: [
      noConnectionHeader,
      {
        case: "echo/text-like-json",
        reason:
          "Elysia parses text that looks like JSON before its handler sees it (elysiajs/elysia#1911), so spaces and the form of numbers are lost",
      },
      {
        case: "feed/json-string",
        reason:
          "Elysia unwraps a JSON string before its handler sees it (elysiajs/elysia#1911), so the server takes the frame for no JSON at all and answers with the other error code",
      },
      {
        case: "publish/passthrough-json-bytes",
        reason:
          "Elysia parses JSON before its handler sees it (elysiajs/elysia#1911), so a passthrough writes it anew: the values survive, the padding of the sequence does not",
      },
      {
        case: "echo/text-like-number",
        reason:
          "Elysia turns text that looks like a number into one before its handler sees it (elysiajs/elysia#1911), so leading zeros, exponents and digits beyond a double are lost",
      },
    ],
    differences: [bunBacklog],
  },
  {
    id: "bun/serve",
    runtime: "bun",
    framework: "bun",
    entry: "servers/bun/serve.ts",
    broadcast: ["send", "coalesced", "native"],
    codecs: ["json", "sbe", "raw"],
    gaps: [noConnectionHeader],
    differences: [bunBacklog],
  },
  {
    id: "bun/ws",
    runtime: "bun",
    framework: "ws",
    readyFramework: { name: "ws (Bun's own)", package: "bun" },
    entry: "servers/bun/ws.ts",
    broadcast: ["send"],
    codecs: ["json", "sbe", "raw"],
    gaps: [],
    differences: [bunBacklog],
  },
  {
    id: "bun/hono",
    runtime: "bun",
    framework: "hono",
    entry: "servers/bun/hono.ts",
    broadcast: ["send", "coalesced", "native"],
    codecs: ["json", "sbe", "raw"],
    gaps: [noConnectionHeader],
    differences: [bunBacklog],
  },
  {
    id: "bun/crossws",
    runtime: "bun",
    framework: "crossws",
    entry: "servers/bun/crossws.ts",
    broadcast: ["send", "coalesced", "native"],
    codecs: ["json", "sbe", "raw"],
    gaps: [
      noConnectionHeader,
      { case: "http/missing-key", reason: refusedUpgrade },
      { case: "http/malformed-key", reason: refusedUpgrade },
    ],
    differences: [bunBacklog],
  },
  {
    id: "node/crossws",
    runtime: "node",
    framework: "crossws",
    entry: "servers/node/crossws.ts",
    broadcast: ["send", "coalesced"],
    codecs: ["json", "sbe", "raw"],
    gaps: [],
    differences: [],
  },
  {
    id: "node/hono-v2",
    runtime: "node",
    framework: "hono-v2",
    readyFramework: { name: "hono", package: "hono" },
    parts: ["@hono/node-server-v2", "ws"],
    entry: "servers/node/hono-v2.ts",
    broadcast: ["send", "coalesced"],
    codecs: ["json", "sbe", "raw"],
    gaps: [
      {
        case: "rules/outlives-broken-input",
        reason:
          "a client that damages its upgrade request and resets the connection ends the process under @hono/node-server 2.1.9: ECONNRESET of that socket has no listener",
      },
    ],
    differences: [],
  },
  {
    id: "node/elysia",
    runtime: "node",
    framework: "elysia",
    parts: ["@elysiajs/node", "crossws"],
    entry: "servers/node/elysia.ts",
    broadcast: ["send", "coalesced"],
    codecs: ["json"],
    codecsReason: binaryAsText,
    lacks: { deflate: "@elysiajs/node passes no option on to ws, which then takes no permessage-deflate" },
    gaps: [
      "echo/binary",
      "echo/empty-binary",
      "echo/binary-125",
      "echo/binary-126",
      "echo/binary-65535",
      "echo/binary-65536",
      "echo/binary-1048576",
      "echo/binary-that-is-json",
      "echo/fragmented-binary-with-ping-between",
      "publish/passthrough-sbe-bytes",
    ].map((name) => ({ case: name, reason: binaryAsText })),
    differences: [
      {
        option: "maxPayloadBytes",
        value: 100 * 1024 * 1024,
        reason: "@elysiajs/node passes no option on to ws, whose default is 100 MiB",
      },
      {
        option: "idleTimeoutSeconds",
        value: 30,
        reason:
          "@elysiajs/node passes no option on to crossws, which pings every 30 s and closes what did not answer",
      },
    ],
  },
  {
    id: "node/uws",
    runtime: "node",
    framework: "uws",
    readyFramework: {
      name: "uWebSockets.js",
      package: "../native/uws/node_modules/@trufflesuite/uws-js-unofficial",
    },
    entry: "servers/node/uws.ts",
    requires: {
      runtimeMajor: 20,
      installed: "native/uws/node_modules",
      reason: "the builds of uWebSockets.js that the registry has for any glibc run on Node 20 alone",
      nextStep: "run `bun install --frozen-lockfile --cwd native/uws`, and give --runtime node@20",
    },
    broadcast: ["send", "coalesced", "native"],
    codecs: ["json", "sbe", "raw"],
    lacks: {
      cores:
        "uWebSockets.js opens its port by itself, past node:cluster, by which Node's processes share one",
    },
    gaps: [
      ...[
        "frame/reserved-opcode-1002",
        "frame/reserved-bit-1002",
        "frame/invalid-utf8-1007",
        "frame/oversized-1009",
        "frame/oversized-in-fragments-1009",
        "frame/oversized-in-fragments-of-one-read-1009",
      ].map((name) => ({ case: name, reason: cutOff })),
      { case: "frame/unmasked", reason: unmaskedRead },
      { case: "frame/unmasked-1002", reason: unmaskedRead },
      { case: "http/wrong-websocket-version", reason: anyVersion },
      { case: "http/missing-websocket-version", reason: anyVersion },
      ...["upgrade", "connection"].map((header) => ({
        case: `http/missing-${header}-header`,
        reason:
          "uWebSockets.js upgrades any request that has a key, whatever its Upgrade and Connection headers, which RFC 6455 section 4.2.1 asks for",
      })),
      {
        case: "http/frame-right-behind-the-upgrade",
        reason: "uWebSockets.js drops the bytes that it reads together with the upgrade request",
      },
    ],
    differences: [uwsBacklog],
  },
  python("aiohttp", "asyncio", [], aiohttpGaps),
  python("aiohttp", "uvloop", [], aiohttpGaps),
  python("fastapi", "asyncio", uvicornParts, fastapiGaps),
  python("fastapi", "uvloop", uvicornParts, fastapiGaps),
];

/** What `--candidates` takes as a name for several; `default` is what runs where nothing is named. */
export const candidateSets: Readonly<Record<"default" | "core" | "all", readonly string[]>> = {
  default: ["node/ws", "node/hono", "bun/elysia", "bun/serve"],
  // The same frameworks over both runtimes, so that a difference can be split between the two.
  core: ["node/ws", "node/hono", "bun/elysia", "bun/serve", "bun/ws", "bun/hono"],
  all: candidates.map(({ id }) => id),
};
