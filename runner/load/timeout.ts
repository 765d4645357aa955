/** True when `done` resolves within `limitMs`, else false. Leaves no timer behind. */
export async function withTimeout(limitMs: number, done: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), limitMs);
  try {
    return await Promise.race([done.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
