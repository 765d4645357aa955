import type { z } from "zod";
import type { Random } from "../../stats/random.ts";
import { pick } from "./mutate.ts";

/** Text that formats and patterns are written for; what fits none of a schema's is one more wrong value. */
const texts = [
  "btcusdt@trade",
  "BTCUSDT",
  "bun/serve",
  "1.25",
  "2026-03-04T09:30:00.000Z",
  "127.0.0.1",
  "echo/json/c1/w1/b64",
  "latencyNsP99",
  "0123456789abcdef",
  "/feed",
];

/**
 * A value as a schema describes it: right in shape and kind, and often in its limits too. What a refinement asks for beyond that it may
 * not meet, which is as good an input as any.
 */
export function sampleOf(random: Random, schema: z.core.$ZodType, depth = 0): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const inner = (type: z.core.$ZodType): unknown => sampleOf(random, type, depth + 1);
  const few = <T>(make: () => T): T[] => Array.from({ length: depth > 6 ? 0 : random.below(3) }, make);
  switch (def.type) {
    case "object": {
      const members = Object.entries(def.shape).flatMap(([key, type]) => {
        const isLeftOut = type._zod.optin === "optional" && (depth > 6 || random.below(2) === 0);
        return isLeftOut ? [] : [[key, inner(type)]];
      });
      return Object.fromEntries(members);
    }
    case "union":
      return inner(pick(random, def.options));
    case "array":
      return [...few(() => inner(def.element)), inner(def.element)];
    case "tuple":
      return def.items.map(inner);
    case "record":
      return Object.fromEntries(few(() => [String(inner(def.keyType)), inner(def.valueType)]));
    case "enum":
      return pick(random, Object.values(def.entries));
    case "literal":
      return pick(random, def.values);
    case "nullable":
      return random.below(3) === 0 ? null : inner(def.innerType);
    case "optional":
    case "default":
    case "prefault":
    case "readonly":
    case "catch":
      return inner(def.innerType);
    case "pipe":
      return inner(def.in);
    case "lazy":
      return inner(def.getter());
    case "intersection":
      return Object.assign({}, inner(def.left), inner(def.right));
    case "string":
      return pick(random, texts);
    case "number":
      return pick(random, [0, 1, 2, 64, 8080, 0.5, 1e6]);
    case "boolean":
      return random.below(2) === 0;
    case "null":
      return null;
    default:
      return pick(random, [null, 1, "x", {}]);
  }
}
