import { expect, test } from "bun:test";
import { localPorts, sourceAddresses } from "./ports.ts";

const range = (text: string | null) => () => text;
const usual = range("32768\t60999\n");

test("connections come from where the kernel chooses while one address has ports for all", () => {
  const sourceOf = sourceAddresses(20_000, "127.0.0.1", usual);
  expect([0, 19_999].map(sourceOf)).toEqual([undefined, undefined]);
});

test("beyond that each address is used for three quarters of its ports, in turn", () => {
  const sourceOf = sourceAddresses(60_000, "127.0.0.1", usual);
  const each = 28_232 * 0.75;
  expect([0, each - 1, each, 2 * each - 1, 2 * each].map(sourceOf)).toEqual([
    "127.0.0.2",
    "127.0.0.2",
    "127.0.0.3",
    "127.0.0.3",
    "127.0.0.4",
  ]);
});

test("a host off the loopback, or a system that tells no range, is left alone", () => {
  expect(sourceAddresses(60_000, "::1", usual)(0)).toBeUndefined();
  expect(sourceAddresses(60_000, "127.0.0.1", range(null))(0)).toBeUndefined();
  expect(localPorts(range("nonsense"))).toBeNull();
  expect(localPorts(usual)).toEqual({ first: 32_768, last: 60_999 });
});
