import { Marp } from "@marp-team/marp-core";

/** Marp whose style is at hand, where it is given: to make it takes most of the time that a deck takes. */
class Deck extends Marp {
  readonly #css: string | null;

  constructor(css: string | null) {
    super({ html: true, script: false, emoji: { shortcode: false, unicode: false } });
    this.#css = css;
  }

  override renderStyle(theme: string | undefined): string {
    return this.#css ?? super.renderStyle(theme);
  }
}

/** The slides of a text in Marp's Markdown, and their style. */
export function renderDeck(markdown: string, css: string | null = null): { html: string; css: string } {
  return new Deck(css).render(markdown);
}
