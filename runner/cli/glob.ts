/** Whether a name matches a glob. A name such as `node/ws` or a cell's id is one word, so that `*` reaches over its slashes. */
export function globMatcher(pattern: string): (name: string) => boolean {
  const flat = (name: string) => name.replaceAll("/", "\u0001");
  const glob = new Bun.Glob(flat(pattern));
  return (name) => glob.match(flat(name));
}

/** Splits a list of globs at its commas; those between braces are the glob's own: `{node,bun}/ws,bun/serve` holds two. */
export function splitGlobs(list: string): string[] {
  const items = [""];
  let depth = 0;
  for (const letter of list) {
    if (letter === "{") depth += 1;
    if (letter === "}") depth -= 1;
    if (letter === "," && depth <= 0) items.push("");
    else items[items.length - 1] += letter;
  }
  return items;
}
