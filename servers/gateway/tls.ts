import { readFileSync } from "node:fs";
import { type Settings, UsageError } from "./settings.ts";

/** A certificate and its key, in PEM, as Bun.serve and node:https both take them. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
}

/** What a server listens with: as `Bun.serve` takes it, without `tls` where it is served in the clear. */
export interface Secure {
  readonly tls?: Tls;
}

/** Reads the files that the settings name. Throws UsageError for one file without the other, or one that cannot be read. */
export function readTls({ TLS_CERT_FILE: cert, TLS_KEY_FILE: key }: Settings): Secure {
  if (cert === undefined && key === undefined) return {};
  return { tls: { cert: read("TLS_CERT_FILE", cert), key: read("TLS_KEY_FILE", key) } };
}

function read(name: string, file: string | undefined): string {
  if (file === undefined)
    throw new UsageError(`${name}: must be given beside the other file of TLS, got nothing`);
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new UsageError(`${name}: must name a file that can be read, got ${JSON.stringify(file)}`);
  }
}
