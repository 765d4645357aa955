import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { protocolRules } from "../../schemas/verification.ts";
import { candidates } from "../../servers/manifest.ts";
import { echoCases } from "./cases-echo.ts";
import { feedCases } from "./cases-feed.ts";
import { httpCases } from "./cases-http.ts";
import { lifecycleCases } from "./cases-lifecycle.ts";
import { protocolCases } from "./cases-protocol.ts";
import { publishCases } from "./cases-publish.ts";
import { pushCases } from "./cases-push.ts";
import { resumeCases } from "./cases-resume.ts";
import { ruleCases } from "./cases-rules.ts";
import { slowCases } from "./cases-slow.ts";
import { type Case, Context } from "./context.ts";
import { killAll, type RunningServer, start } from "./process.ts";
import { mayBeMissing, whyUnavailable } from "./runtime.ts";

const cases: readonly Case[] = [
  ...echoCases,
  ...protocolCases,
  ...httpCases,
  ...ruleCases,
  ...feedCases,
  ...publishCases,
  ...pushCases,
  ...resumeCases,
  ...slowCases,
  ...lifecycleCases,
];

/** Less than the default, so that the largest message is not most of the suite's work. */
const maxPayloadBytes = 2 * 1024 * 1024;

afterAll(killAll);

test("every id is a case's own, and every declared gap and rule of the protocol names one", () => {
  const ids = cases.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  const declared = candidates.flatMap(({ gaps }) => gaps.map((gap) => gap.case));
  const ruled = Object.values(protocolRules).flatMap(({ cases: of }): readonly string[] => of);
  expect([...declared, ...ruled].filter((id) => !ids.includes(id))).toEqual([]);
});

for (const candidate of candidates) {
  const missing = whyUnavailable(candidate);
  if (missing !== null) {
    test.skipIf(mayBeMissing(candidate))(`${candidate.id} is unavailable: ${missing}`, () => {
      throw new Error(`CONTRACT_MAY_SKIP: does not allow ${candidate.id} to be missing; ${missing}`);
    });
    continue;
  }
  describe(candidate.id, () => {
    let server: RunningServer;
    beforeAll(async () => {
      server = await start(candidate, { MAX_PAYLOAD_BYTES: String(maxPayloadBytes) });
    });
    afterAll(() => server.stop());

    for (const { id, when, run } of cases) {
      if (when !== undefined && !when(candidate)) continue;
      const gap = candidate.gaps.find((one) => one.case === id);
      test(gap === undefined ? id : `${id} (declared gap)`, async () => {
        const context = new Context(candidate, server);
        try {
          const failure = await run(context).then(
            () => undefined,
            (error: unknown) => error,
          );
          if (gap === undefined && failure !== undefined) throw failure;
          if (gap !== undefined && failure === undefined) {
            throw new Error(`${candidate.id} meets ${id} now: take the gap out of servers/manifest.ts`);
          }
        } finally {
          await context.end();
        }
      }, 60_000);
    }
  });
}
