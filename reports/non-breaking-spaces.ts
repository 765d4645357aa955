const beforeUnit = /(\d) (?=(?:[kMG]?\/s|[nµm]?s|[KMG]iB|B|USD|min|h)(?![\w/]))/g;

/** A sign that wraps away from its number reads as a separate cell. */
export const unbrokenSigns = (text: string): string =>
  text.replace(/(\d) (?=[%×])/g, "$1\u00a0").replace(/× (?=\d)/g, "×\u00a0");

/** The same for units too, where nobody searches the text for a figure. */
export const unbroken = (text: string): string => unbrokenSigns(text).replace(beforeUnit, "$1\u00a0");
