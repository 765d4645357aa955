/** Whether a name matches a glob. A name such as `node/ws` or a cell's id is one word, so that `*` reaches over its slashes. */
export function globMatcher(pattern: string): (name: string) => boolean {
  const flat = (name: string) => name.replaceAll("/", "\u0001");
  const glob = new Bun.Glob(flat(pattern));
  return (name) => glob.match(flat(name));
}
