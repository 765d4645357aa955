import { expect, test } from "bun:test";
import { type Candidate, candidates } from "../../servers/manifest.ts";
import type { FoundRuntime } from "../process/runtimes.ts";
import { meetsRequirement } from "./candidate-runtime.ts";

const plain = candidates.find(({ id }) => id === "node/ws") as Candidate;
const requiring = (installed: string): Candidate => ({
  ...plain,
  requires: { runtimeMajor: 20, installed, reason: "there is one build", nextStep: "fetch it" },
});
const node = (version: string): FoundRuntime => ({
  runtime: "node",
  path: "/usr/bin/node",
  version,
  origin: "PATH",
  pinned: false,
});

test("a candidate without a requirement runs on any version", () => {
  expect(meetsRequirement(plain, node("26.10.0"))).toEqual(node("26.10.0"));
});

test("one with a requirement runs on that major version alone, and the reason says what was found", () => {
  expect(meetsRequirement(requiring("servers"), node("20.20.2"))).toEqual(node("20.20.2"));
  for (const version of ["26.10.0", "2.0.0", "200.0.0"]) {
    const missing = meetsRequirement(requiring("servers"), node(version));
    expect(missing).toEqual({ unavailable: expect.stringContaining(version), nextStep: "fetch it" });
  }
});

test("a framework that is installed on demand is missing until it has been", () => {
  const missing = meetsRequirement(requiring("native/none"), node("20.20.2"));
  expect(missing).toEqual({ unavailable: expect.stringContaining("native/none"), nextStep: "fetch it" });
});

test("a runtime that is missing stays missing", () => {
  const missing = { unavailable: "there is no node on PATH", nextStep: "install node" };
  expect(meetsRequirement(requiring("servers"), missing)).toEqual(missing);
});
