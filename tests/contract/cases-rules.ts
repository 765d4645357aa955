import { expect } from "bun:test";
import { fuzzProtocol } from "../../runner/candidates/protocol-fuzz.ts";
import { builtInEndpoint } from "../../schemas/endpoint.ts";
import { protocolRules } from "../../schemas/verification.ts";
import type { Case, Context } from "./context.ts";

/** Each rule three times, and noise as often. */
const inputs = 2 * 3 * Object.keys(protocolRules).length;

/** What broken input does to its own server: the others must not pay for one that dies of it. */
async function fuzzed(context: Context) {
  const { port, exited } = await context.start({});
  let isAlive = true;
  void exited.then(() => {
    isAlive = false;
  });
  const alive = () => isAlive;
  return fuzzProtocol({ host: "127.0.0.1", port, endpoint: builtInEndpoint, alive }, inputs, 1);
}

export const ruleCases: readonly Case[] = [
  {
    id: "rules/outlives-broken-input",
    async run(context) {
      const { died, harmed } = await fuzzed(context);
      expect({ died, harmed }).toEqual({ died: [], harmed: [] });
    },
  },
  {
    // What of the protocol is not kept has its own case, which is declared.
    id: "rules/no-undeclared-deviation",
    async run(context) {
      const { deviations } = await fuzzed(context);
      const declared = new Set(context.candidate.gaps.map((gap) => gap.case));
      const undeclared = deviations.filter(
        ({ rule }) => !protocolRules[rule].cases.some((of) => declared.has(of)),
      );
      expect(undeclared).toEqual([]);
    },
  },
];
