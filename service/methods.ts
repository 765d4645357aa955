/** A route as the framework lists it. */
interface Route {
  readonly method: string;
  readonly path: string;
}

/**
 * The methods that are answered at a path, in the order of `Allow`; none where nothing is at the path. A path that takes GET takes
 * HEAD, and a socket is opened by GET.
 */
export function methodsAt(routes: readonly Route[], pages: ReadonlyMap<string, unknown>) {
  const known = routes
    // What takes every path says of none that it is there.
    .filter(({ path }) => path !== "/*")
    .map(({ method, path }) => ({ method: method === "WS" ? "GET" : method, parts: path.split("/") }));
  return (path: string): readonly string[] => {
    const asked = path.split("/");
    const found = known.filter(({ parts }) => isAt(parts, asked)).map(({ method }) => method);
    const all = new Set(pages.has(path) ? ["GET", ...found] : found);
    if (all.has("GET")) all.add("HEAD");
    return [...all].sort();
  };
}

/** Whether a path is one of a route's: `:name` stands for any one part of it, and `*` for all that are left. */
function isAt(parts: readonly string[], asked: readonly string[]): boolean {
  if (parts.at(-1) === "*") {
    return asked.length >= parts.length && isAt(parts.slice(0, -1), asked.slice(0, parts.length - 1));
  }
  return (
    parts.length === asked.length &&
    parts.every((part, i) => (part.startsWith(":") ? asked[i] !== "" : part === asked[i]))
  );
}
