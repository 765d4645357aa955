/**
 * Ends this process as SIGTERM does when its standard input ends. The kernel ends the pipe that another program holds however that
 * program ends, SIGKILL included, so that a run does not outlive whoever started it.
 */
export function endWithStandardInput(): void {
  process.stdin.once("end", () => process.kill(process.pid, "SIGTERM"));
  process.stdin.resume();
  // What is left to do decides how long this process lives, not what it might be told.
  process.stdin.unref();
}
