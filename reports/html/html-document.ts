import { type Markup, markup, trusted } from "./markup.ts";
import { pageStyle } from "./style.ts";

/** An HTML document with the style of the reports in it, so that it needs no network. */
export const htmlDocument = (title: string, body: Markup): string =>
  String(markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · tickbench</title>
<link rel="icon" href="data:,">
<style>${trusted(pageStyle)}</style>
</head>
<body>
${body}
</body>
</html>
`);
