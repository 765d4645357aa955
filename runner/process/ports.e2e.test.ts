import { expect, test } from "bun:test";
import { freePort } from "./ports.ts";

const range = (text: string | null) => () => text;
const usual = range("32768\t60999\n");

test("a port to give away is none that the kernel gives by itself, nor one that is taken", () => {
  const first = freePort(usual);
  const taken = Bun.listen({
    hostname: "127.0.0.1",
    port: first + 1,
    socket: { data: () => undefined },
  });
  try {
    const others = Array.from({ length: 3 }, () => freePort(usual));
    expect(others).not.toContain(first + 1);
    expect(new Set([first, ...others]).size).toBe(4);
    for (const port of [first, ...others]) {
      expect(port).toBeGreaterThanOrEqual(20_000);
      expect(port).toBeLessThan(32_768);
    }
  } finally {
    taken.stop(true);
  }
});

test("where the kernel gives all of them, or tells no range, it is the kernel's choice", () => {
  expect(freePort(range("1024 65535"))).toBeGreaterThan(0);
  expect(freePort(range(null))).toBeGreaterThan(0);
});
