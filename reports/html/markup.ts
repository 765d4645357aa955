import { html, raw } from "hono/html";

/** HTML that is safe to put into a page as it stands. */
export type Markup = ReturnType<typeof raw>;

/** HTML by its author: what is put in as a value is text, unless it is markup itself. */
export function markup(texts: TemplateStringsArray, ...values: readonly unknown[]): Markup {
  const made = html(texts, ...values);
  if (made instanceof Promise) throw new Error("a page is made of what is there, and waits for nothing");
  return made;
}

/** Text of this project's own that is markup already: a style sheet, a program, data for it. */
export const trusted = raw;

/**
 * JSON as the content of a `<script>`. A `<` could end the element (`</script>`) or open a comment in it, and U+2028 and
 * U+2029 end a line where the text is read as a script; inside JSON all three can only stand in strings, so that an escape
 * keeps the value.
 */
export function scriptJson(value: unknown): Markup {
  return raw(
    JSON.stringify(value)
      .replaceAll("<", "\\u003c")
      .replaceAll("\u2028", "\\u2028")
      .replaceAll("\u2029", "\\u2029"),
  );
}

/** Program text as the content of a `<script>`: only inside strings and templates does it hold what would end the element. */
export function scriptText(code: string): Markup {
  return raw(code.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--"));
}
