// The one glob of the command line, of policies and of config files. It runs in the page as well, so that nothing of a
// runtime's own is used.

/**
 * Whether a name, or one of several of the same thing, matches any of the patterns, and none of those with a leading `!`; patterns that only take away take away
 * from everything. A name such as `node/ws` or a cell's id is one word: `*` reaches over its slashes, `?` is one character,
 * `[ab]` one of several, `{a,b}` one of two words, and a backslash takes the next character as it is.
 */
export function matchesGlobs(named: string | readonly string[], patterns: readonly string[]): boolean {
  const names = [named].flat();
  const hits = (pattern: string) => names.some((name) => globOf(pattern).test(name));
  const taken = patterns.filter((p) => !p.startsWith("!"));
  const left = patterns.filter((p) => p.startsWith("!")).map((p) => p.slice(1));
  return (taken.length === 0 || taken.some(hits)) && !left.some(hits);
}

/** Splits a list at its commas and spaces; those between braces are the glob's own: `{node,bun}/ws,bun/serve` holds two. */
export function splitGlobs(list: string): string[] {
  const items = [""];
  let depth = 0;
  for (const letter of list) {
    if (letter === "{") depth += 1;
    if (letter === "}") depth -= 1;
    if (depth <= 0 && /[,\s]/.test(letter)) items.push("");
    else if (!/\s/.test(letter)) items[items.length - 1] += letter;
  }
  return items.filter((item) => item !== "");
}

/** Whether every brace that is opened is closed, and no other. */
export function hasWholeBraces(pattern: string): boolean {
  let depth = 0;
  for (const letter of pattern) {
    if (letter === "{") depth += 1;
    if (letter === "}") depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** Patterns without braces that together match the same: `{a,b}/c` → `a/c`, `b/c`. Braces that are not whole stay as they are. */
export function withoutBraces(pattern: string): string[] {
  const open = pattern.indexOf("{");
  if (open < 0 || !hasWholeBraces(pattern)) return [pattern];
  let depth = 0;
  const cuts = [open];
  for (let at = open; at < pattern.length; at += 1) {
    if (pattern[at] === "{") depth += 1;
    if (pattern[at] === "}") depth -= 1;
    if (depth === 1 && pattern[at] === ",") cuts.push(at);
    if (depth > 0) continue;
    const [before, after] = [pattern.slice(0, open), pattern.slice(at + 1)];
    const words = cuts.map((cut, i) => pattern.slice(cut + 1, cuts[i + 1] ?? at));
    return words.flatMap((word) => withoutBraces(`${before}${word}${after}`));
  }
  return [pattern];
}

const compiled = new Map<string, RegExp>();

function globOf(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const made = new RegExp(`^(?:${sourceOf(pattern, hasWholeBraces(pattern))})$`, "s");
  compiled.set(pattern, made);
  return made;
}

/** Braces become groups and are not written out, so that many of them cost no more than one. */
function sourceOf(pattern: string, braces: boolean): string {
  let [source, depth] = ["", 0];
  for (let at = 0; at < pattern.length; at += 1) {
    const letter = pattern[at] ?? "";
    const set = /^\[(!?)([^\]]+)\]/.exec(pattern.slice(at));
    if (letter === "*") {
      // Several stars are one: each more would only give the matcher more to try.
      if (pattern[at - 1] !== "*") source += ".*";
    } else if (letter === "?") source += ".";
    else if (braces && letter === "{") {
      source += "(?:";
      depth += 1;
    } else if (braces && letter === "}") {
      source += ")";
      depth -= 1;
    } else if (depth > 0 && letter === ",") source += "|";
    else if (set !== null) {
      source += `[${set[1] === "" ? "" : "^"}${(set[2] ?? "").replace(/[\\^[]/g, "\\$&")}]`;
      at += set[0].length - 1;
    } else if (letter === "\\" && at + 1 < pattern.length) {
      source += literal(pattern[at + 1] ?? "");
      at += 1;
    } else source += literal(letter);
  }
  return source;
}

const literal = (letter: string): string => letter.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
