/**
 * Options of Bun for a program that is over within seconds: optimize only code that has run a hundred times as often as usual. Its
 * optimizing compiler's threads would take a third of the CPU time, for code that is hardly used again.
 */
export const briefRuntimeEnv: Readonly<Record<string, string>> = {
  BUN_JSC_thresholdForOptimizeAfterWarmUp: "100000",
};

/**
 * Starts this very program anew, in its own process and with these variables, and does not return; returns where it was started so, and
 * where the platform cannot.
 */
export function restartWith(env: Readonly<Record<string, string>>): void {
  const isSet = Object.entries(env).every(([name, value]) => process.env[name] === value);
  if (process.execve === undefined || isSet) return;
  const argv = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(process.execPath, argv, { ...process.env, ...env });
}
