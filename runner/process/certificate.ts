import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A self-signed certificate for 127.0.0.1, and the files that servers read it from. */
export interface Certificate {
  /** In PEM: what a client takes as its authority. */
  readonly cert: string;
  readonly certFile: string;
  readonly keyFile: string;
}

let made: Promise<Certificate> | null = null;

/** The certificate of this process, made when it is first asked for. Its files are gone when the process ends. */
export function selfSignedCertificate(): Promise<Certificate> {
  made ??= make();
  return made;
}

async function make(): Promise<Certificate> {
  // Loaded here, so that a run in the clear does not wait for it.
  const { generate } = await import("selfsigned");
  const { cert, private: key } = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    keyType: "ec",
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
  });
  const folder = mkdtempSync(join(tmpdir(), "tickbench-tls-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const [certFile, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key, { mode: 0o600 });
  return { cert, certFile, keyFile };
}
