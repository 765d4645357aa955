import { afterAll, beforeAll, describe, test } from "bun:test";
import type { Candidate } from "../../servers/manifest.ts";
import { echoCases } from "./cases-echo.ts";
import { feedCases } from "./cases-feed.ts";
import { httpCases } from "./cases-http.ts";
import { lifecycleCases } from "./cases-lifecycle.ts";
import { protocolCases } from "./cases-protocol.ts";
import { publishCases } from "./cases-publish.ts";
import { pushCases } from "./cases-push.ts";
import { slowCases } from "./cases-slow.ts";
import { Context } from "./context.ts";
import { killAll, type RunningServer, start } from "./process.ts";
import { whyUnavailable } from "./runtime.ts";

/** The example of docs/ADD-YOUR-SERVER.md, which a stranger takes for what docs/CONTRACT.md asks for. */
const example: Candidate = {
  id: "example",
  runtime: "python",
  framework: "aiohttp",
  entry: "docs/examples/gateway_server.py",
  modules: ["aiohttp"],
  broadcast: ["send"],
  codecs: ["json", "sbe", "raw"],
  gaps: [],
  differences: [],
};

/** Cases of what the example says that it does: not transcoding, nor any policy but `disconnect`. */
const served = [
  /^echo\//,
  /^feed\//,
  /^push\//,
  /^publish\/(order-passthrough|passthrough|nameless|only-to|nothing-after|publisher-gone|subscriber-gone)/,
  /^slow\/disconnect/,
  /^control\/ping-pong$/,
  /^frame\/(oversized-1009|largest-allowed|invalid-utf8-1007)$/,
  /^http\/(unknown-path|bad-query|unserved-broadcast-refused|health|deflate-offer-declined)$/,
  /^ready\/versions$/,
  /^stop\/sigterm-closes/,
];

const cases = [
  ...[...echoCases, ...protocolCases, ...httpCases, ...feedCases],
  ...[...publishCases, ...pushCases, ...slowCases, ...lifecycleCases],
].filter(({ id, when }) => served.some((pattern) => pattern.test(id)) && when?.(example) !== false);

afterAll(killAll);

const missing = whyUnavailable(example);
describe.skipIf(missing !== null)(`${example.entry}${missing === null ? "" : `: ${missing}`}`, () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await start(example, { MAX_PAYLOAD_BYTES: String(2 * 1024 * 1024) });
  });
  afterAll(() => server.stop());

  for (const { id, run } of cases) {
    test(id, async () => {
      const context = new Context(example, server);
      try {
        await run(context);
      } finally {
        await context.end();
      }
    }, 60_000);
  }
});
