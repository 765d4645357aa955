import { describe, expect, test } from "bun:test";
import { connectionTo, shown, withoutPasswords } from "./redis-url.ts";

test("host, port, user, password, database and TLS are those of the URL", () => {
  expect(connectionTo("rediss://me:p%40%25%2F@[fd00::1]:7000/3")).toMatchObject({
    ...{ host: "fd00::1", port: 7000, username: "me", password: "p@%/", db: 3, tls: {} },
  });
  expect(connectionTo("redis://h")).toMatchObject({ host: "h", port: 6379, db: 0 });
  expect(connectionTo("redis://h")).not.toHaveProperty("tls");
});

describe("a password is in no message, however the URL is wrong", () => {
  test.each([
    ["redis://:se/cret@h", "this is no URL; in a password, / is written %2F"],
    ["redis://:se#cret@h", "this is no URL"],
    ["redis://:100%secret@h", "a % in a password is written %25"],
    ["redis://:secret@h?tls=true", "it takes no ? and no #"],
    ["redis://:secret@h/#1", "it takes no ? and no #"],
    ["http://:secret@h", "its scheme is http"],
    ["redis://:secret@h/db", "the database is a number"],
    [":secret@h", "this is no URL"],
  ])("%s", (url, why) => {
    let said = "";
    try {
      connectionTo(url);
    } catch (error) {
      said = String(error);
    }
    expect(said).toStartWith("UsageError: --redis: must be redis://");
    expect(said).toContain(why);
    expect(said).not.toContain("cret");
  });

  test("nor in the record's command line, which keeps all else", () => {
    expect(shown("redis://me:a@b@h:1/2")).toBe("redis://…@h:1/2");
    expect(shown("redis://h:1/2")).toBe("redis://h:1/2");
    const argv = ["--redis", "redis://:a@h", "--runtime", "node@24,node@26", "--redis=rediss://:b@h"];
    expect(withoutPasswords(argv)).toEqual([
      ...["--redis", "redis://…@h", "--runtime", "node@24,node@26", "--redis=rediss://…@h"],
    ]);
  });
});
