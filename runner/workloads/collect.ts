/**
 * Waits before a window, and collects at the beginning of the wait what the window before it, the last cell and this window's messages
 * have left behind. A collection within a window of 120 ms would stop the loop for 1 to 2, which is then its tail.
 */
export async function collectAndWait(waitMs: number): Promise<void> {
  const beganMs = performance.now();
  Bun.gc(true);
  await Bun.sleep(Math.max(0, waitMs - (performance.now() - beganMs)));
}
