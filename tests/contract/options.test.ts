import { afterAll, expect, test } from "bun:test";
import { candidates } from "../../servers/manifest.ts";
import { declaredOptions } from "./cases-lifecycle.ts";
import { killAll, start } from "./process.ts";
import { whyUnavailable } from "./runtime.ts";

afterAll(killAll);

const reference = {
  compression: false,
  maxPayloadBytes: 16 * 1024 * 1024,
  backpressureLimitBytes: 16 * 1024 * 1024,
  slowConsumer: "disconnect",
  idleTimeoutSeconds: 0,
  noDelay: true,
  utf8Validation: true,
  backlog: 4096,
  replayMessages: 4096,
  replayBytes: 4 * 1024 * 1024,
  tls: false,
};

for (const candidate of candidates) {
  const missing = whyUnavailable(candidate);
  test.skipIf(missing !== null)(
    `options of ${candidate.id} are those of the others, or the manifest declares and explains the difference`,
    async () => {
      const server = await start(candidate);
      const { broadcast, ...options } = server.ready.options;
      await server.stop();
      expect<unknown>(options).toEqual({ ...reference, ...declaredOptions(candidate) });
      expect(broadcast).toEqual([...candidate.broadcast]);
      expect(candidate.differences.every(({ reason }) => reason.length > 20)).toBe(true);
    },
    60_000,
  );
}

test("a declared difference is one", () => {
  expect(candidates[0]?.differences).toEqual([]);
  for (const { option, value } of candidates.flatMap(({ differences }) => differences)) {
    expect(reference).not.toMatchObject({ [option]: value });
  }
});
