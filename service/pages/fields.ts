/// <reference lib="dom" />
import { z } from "zod";
import { element } from "./element.ts";

/** What a form needs of a JSON schema's property. A union is asked for by its names alone. */
const property = z.object({
  type: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  enum: z.array(z.string()).optional(),
  anyOf: z.array(z.object({ enum: z.array(z.string()).optional() })).optional(),
  items: z.object({ enum: z.array(z.string()).optional() }).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  maxLength: z.int().optional(),
  default: z.unknown().optional(),
});
type Property = z.infer<typeof property>;
const described = z.object({ properties: z.record(z.string(), property) });

type Control = HTMLInputElement | HTMLSelectElement;

/** A control, and the value that it says; undefined where it is left to the schema's default. */
interface Field {
  readonly label: HTMLElement;
  readonly value: () => unknown;
}

function controlOf(name: string, of: Property): Control {
  const names = of.enum ?? of.anyOf?.find((one) => one.enum !== undefined)?.enum;
  if (names !== undefined) {
    const made = element("select", { name }, ...names.map((one) => element("option", {}, one)));
    made.value = String(of.default ?? names[0]);
    return made;
  }
  if (of.type === "boolean") return element("input", { name, type: "checkbox" });
  const isNumber = of.type === "number" || of.type === "integer";
  const limits: [string, unknown][] = [
    ["min", of.minimum],
    ["max", of.maximum],
    ["maxlength", of.maxLength],
    ["step", of.type === "number" ? "any" : undefined],
    ["value", Array.isArray(of.default) ? of.default.join(", ") : of.default],
  ];
  const given = limits.flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]));
  return element("input", { name, type: isNumber ? "number" : "text", ...Object.fromEntries(given) });
}

function saidBy(control: Control, { type }: Property): unknown {
  if (control.type === "checkbox" && "checked" in control) return control.checked;
  const text = control.value.trim();
  if (text === "") return undefined;
  if (type === "array") return text.split(/[\s,]+/).filter((part) => part !== "");
  return type === "number" || type === "integer" ? Number(text) : text;
}

/** A field for each property of an object's schema, in its order. */
export function fieldsOf(schema: z.ZodType): ReadonlyMap<string, Field> {
  const { properties } = described.parse(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
  return new Map(
    Object.entries(properties).map(([name, of]) => {
      const control = controlOf(name, of);
      const title = of.title ?? name;
      const names = of.items?.enum === undefined ? "" : `one or more of ${of.items.enum.join(", ")}`;
      const hint = of.description ?? names;
      const label = element(
        "label",
        {},
        title,
        control,
        ...(hint === "" ? [] : [element("small", {}, hint)]),
      );
      return [name, { label, value: () => saidBy(control, of) }];
    }),
  );
}
