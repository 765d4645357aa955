/** Whether a cell id matches: any of the patterns, and none of those with a leading `!`. `*` stands for any characters. */
export function matchesCell(cell: string, patterns: readonly string[]): boolean {
  const taken = patterns.filter((p) => !p.startsWith("!"));
  const left = patterns.filter((p) => p.startsWith("!")).map((p) => p.slice(1));
  return taken.some((p) => glob(p).test(cell)) && !left.some((p) => glob(p).test(cell));
}

const compiled = new Map<string, RegExp>();

function glob(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const source = pattern.split("*").map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, "\\$&"));
  const made = new RegExp(`^${source.join(".*")}$`, "s");
  compiled.set(pattern, made);
  return made;
}
