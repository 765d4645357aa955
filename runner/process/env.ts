/** Variables that a program needs to run at all; everything else of the user's environment could tilt a figure. */
const passedOn = ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "LANG", "SystemRoot"];

/**
 * The whole environment of a child: the few variables that any program needs, and `added`. NODE_OPTIONS, BUN_* and the
 * like stay behind, so that no candidate runs under an option that the report does not show.
 */
export function childEnv(
  added: Readonly<Record<string, string>>,
  from: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of passedOn) {
    const value = from[name];
    if (value !== undefined) env[name] = value;
  }
  return { ...env, ...added };
}
