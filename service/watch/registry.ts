import { z } from "zod";

const patienceMs = 30_000;

/** The newest version of a package; null where the registry does not answer. */
export type Newest = (name: string) => Promise<string | null>;

/** Asked by Bun's own client, so that the configuration of npm says which registry it is. */
export const newestInRegistry: Newest = async (name) => {
  const child = Bun.spawn([process.execPath, "pm", "view", name, "version", "--json"], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
    timeout: patienceMs,
  });
  const [text, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  if (code !== 0) return null;
  try {
    return (
      z
        .string()
        .regex(/^\d+\.\d+\.\d+$/)
        .safeParse(JSON.parse(text)).data ?? null
    );
  } catch {
    return null;
  }
};
