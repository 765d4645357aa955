/** HTML that is safe to put into a page as it stands. */
export class Markup {
  readonly #html: string;

  constructor(html: string) {
    this.#html = html;
  }

  toString(): string {
    return this.#html;
  }
}

/** HTML by its author: what is put in as a value is text, unless it is markup itself. Nothing stands for null and for true or false. */
export function markup(texts: TemplateStringsArray, ...values: readonly unknown[]): Markup {
  let html = texts[0] ?? "";
  for (let i = 0; i < values.length; i += 1) html += htmlOf(values[i]) + texts[i + 1];
  return new Markup(html);
}

function htmlOf(value: unknown): string {
  if (value instanceof Markup) return String(value);
  if (Array.isArray(value)) return value.map(htmlOf).join("");
  if (value === null || value === undefined || typeof value === "boolean") return "";
  return String(value).replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}

const entities: Readonly<Record<string, string>> = {
  ...{ "&": "&amp;", "<": "&lt;", ">": "&gt;" },
  ...{ '"': "&quot;", "'": "&#39;" },
};

/** Text of this project's own that is markup already: a style sheet, a program, data for it. */
export const trusted = (html: string): Markup => new Markup(html);

/**
 * JSON as the content of a `<script>`. A `<` could end the element (`</script>`) or open a comment in it, and U+2028 and
 * U+2029 end a line where the text is read as a script; inside JSON all three can only stand in strings, so that an escape
 * keeps the value.
 */
export function scriptJson(value: unknown): Markup {
  return trusted(
    JSON.stringify(value).replace(/[<\u2028\u2029]/g, (sign) => {
      return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
    }),
  );
}

/** Program text as the content of a `<script>`: only inside strings and templates does it hold what would end the element. */
export function scriptText(code: string): Markup {
  return trusted(code.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--"));
}
