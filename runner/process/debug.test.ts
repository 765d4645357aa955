import { expect, test } from "bun:test";
import { ChildLines } from "./debug.ts";

test("what children print comes line by line, under their names", () => {
  const lines: string[] = [];
  const child = new ChildLines("mine", { env: {}, write: (line) => lines.push(line) });
  const bytes = Buffer.from("one\r\ntwo é");
  child.stdout(bytes.subarray(0, 2));
  child.stderr(Buffer.from("oh\n"));
  child.stdout(bytes.subarray(2, bytes.length - 1));
  child.stdout(bytes.subarray(bytes.length - 1));
  expect(lines).toEqual(["[mine stderr] oh", "[mine] one"]);
  child.end();
  expect(lines.slice(2)).toEqual(["[mine] two é"]);
});
