import { expect, test } from "bun:test";
import { LineSplitter } from "./lines.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a line is whole however its bytes are cut, a character among them, and a return at its end is left out", () => {
  const text = "é1\r\n\nlast";
  const whole = bytes(text);
  for (let cut = 0; cut <= whole.length; cut += 1) {
    const lines = new LineSplitter();
    const got = [...lines.push(whole.subarray(0, cut)), ...lines.push(whole.subarray(cut))];
    expect([...got, ...lines.end()]).toEqual(["é1", "", "last"]);
    expect(lines.end()).toEqual([]);
  }
});

test("of a line without an end only the last characters are kept", () => {
  const lines = new LineSplitter(4);
  expect(lines.push(bytes("a very long beginning"))).toEqual([]);
  expect(lines.push(bytes("!\nnext\n"))).toEqual(["ning!", "next"]);
});
