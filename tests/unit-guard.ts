// Loaded before the unit tests (`bun run test:unit`): what would make one slow or flaky is refused where it begins.
// node:child_process, node:net and node:http stand on the same functions.

/** Functions that start a process, a server or a connection. */
export const starters = ["spawn", "spawnSync", "serve", "listen", "connect"] as const;

/** Has each of them throw, and name the tier that a test with one belongs to. */
export function guard(runtime: object): void {
  for (const name of starters) {
    Object.assign(runtime, {
      [name]: () => {
        throw new Error(`Bun.${name}: a unit test starts nothing; call this file NAME.e2e.test.ts`);
      },
    });
  }
}
