import { afterAll, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { Connection, type ConnectionTap } from "../../runner/load/connection.ts";
import { selfSignedCertificate } from "../../runner/process/certificate.ts";
import { candidates } from "../../servers/manifest.ts";
import { within } from "./deadline.ts";
import { killAll, start } from "./process.ts";
import { whyUnavailable } from "./runtime.ts";

afterAll(async () => {
  killAll();
  // A run of tests ends without the event that removes them elsewhere.
  rmSync(dirname((await selfSignedCertificate()).certFile), { recursive: true, force: true });
});

/** Text that no framework takes for anything else, and that shrinks. */
const text = "tick ".repeat(100);
const compressedText = 0xc1;
const plainText = 0x81;

for (const candidate of candidates) {
  const missing = whyUnavailable(candidate);
  const deflate = candidate.lacks?.deflate === undefined;
  test.skipIf(missing !== null)(
    `${candidate.id} serves over TLS${deflate ? ", and compresses what it sends to a client that takes it" : ""}`,
    async () => {
      const { cert, certFile, keyFile } = await selfSignedCertificate();
      const files = { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile };
      const server = await start(candidate, deflate ? { ...files, DEFLATE: "on" } : files);
      const frames: Buffer[] = [];
      const tap = (): ConnectionTap => ({
        sent: () => undefined,
        received: (bytes) => void frames.push(Buffer.from(bytes)),
      });
      const echoed = Promise.withResolvers<string>();
      const connection = await Connection.open(
        { host: "127.0.0.1", port: server.port, path: "/echo", ca: cert, deflate, tap },
        {
          message: (_opcode, buffer, start, end) =>
            echoed.resolve(Buffer.from(buffer.bytes.subarray(start, end)).toString()),
        },
      );
      connection.sendText(text);
      expect(await within(`echo of ${candidate.id}`, echoed.promise)).toBe(text);
      const wire = Buffer.concat(frames);
      expect(wire[0]).toBe(deflate ? compressedText : plainText);
      if (deflate) expect(wire.length).toBeLessThan(text.length / 4);
      expect(server.ready.options).toMatchObject({ tls: true, compression: deflate });
      connection.terminate();
      await server.stop();
    },
    60_000,
  );
}

test("a certificate that is not the server's is refused, and so is a server that agrees to no compression", async () => {
  const candidate = candidates.find(({ id }) => id === "bun/serve")!;
  const { certFile, keyFile } = await selfSignedCertificate();
  const server = await start(candidate, { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile });
  const sink = { message: () => undefined };
  const target = { host: "127.0.0.1", port: server.port, path: "/echo" };
  const { generate } = await import("selfsigned");
  const { cert } = await generate([{ name: "commonName", value: "127.0.0.1" }], { keyType: "ec" });
  await expect(Connection.open({ ...target, ca: cert }, sink)).rejects.toThrow();
  const ca = (await selfSignedCertificate()).cert;
  await expect(Connection.open({ ...target, ca, deflate: true }, sink)).rejects.toThrow("nothing was agreed");
  await server.stop();
}, 60_000);
