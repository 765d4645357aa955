import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { warningsPage } from "../docs/warnings.ts";
import { warningCodes, warningKind } from "../schemas/warning.ts";

const root = join(import.meta.dir, "..");
const documents = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
];
const textOf = (file: string) => readFileSync(join(root, file), "utf8");

/** The anchors that a Markdown page's headings have on GitHub. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );

test.each(documents)("every link from %s to another document leads somewhere", (file) => {
  const broken = [...textOf(file).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
    .map(([, target = "", anchor]) => ({
      path: target === "" ? file : join(dirname(file), target),
      anchor,
    }))
    .filter(({ path, anchor }) => {
      if (!existsSync(join(root, path))) return true;
      return anchor !== undefined && path.endsWith(".md") && !anchorsOf(textOf(path)).includes(anchor);
    });
  expect(broken).toEqual([]);
});

test("the glossary is linked from every document that rests on its words", () => {
  const exempt = ["docs/GLOSSARY.md", "docs/CONTRACT.md", "docs/RUNTIME-VERSIONS.md", "docs/POWER.md"];
  const without = documents
    .filter((file) => !exempt.includes(file))
    .filter((file) => !textOf(file).includes("GLOSSARY.md"));
  expect(without).toEqual([]);
});

test("docs/WARNINGS.md is the table of warnings; bun run docs/warnings.ts makes it anew", () => {
  expect(textOf("docs/WARNINGS.md")).toBe(warningsPage());
});

test.each(warningCodes)(
  "warning %s has a cause that is a sentence, and a next step that goes on from one",
  (code) => {
    const { cause, nextStep } = warningKind(code);
    expect(cause).toMatch(/^\S.*\.$/);
    expect(nextStep).toMatch(/^[a-z].*[^.]$/s);
  },
);
