/** Fields that reports of version 1, the first ones of version 2, and records of their time call otherwise. */
const formerNames: Readonly<Record<string, string>> = {
  twinOf: "replicateOf",
  untold: "notMeasured",
  spanNs: "durationNs",
};

/** A stored value with each field under its present name. */
export function withPresentNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPresentNames);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [formerNames[name] ?? name, withPresentNames(inner)]),
  );
}

/** Codes of warnings that older versions gave and no version gives now. */
const retiredWarnings: readonly string[] = ["runtime-end-of-life"];

/** Whether a stored value is a warning that is given no more, which nothing that reads it has words for. */
export const isRetiredWarning = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  "code" in value &&
  retiredWarnings.some((code) => code === value.code);
