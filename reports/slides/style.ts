import { fontFamily, light } from "../charts/palette.ts";

/** Front matter and style of the deck: Marp's default theme with the charts' colours and type. */
export const deckStyle = `---
marp: true
theme: default
paginate: true
style: |
  section { font-family: ${fontFamily}; color: ${light.ink}; background: ${light.background}; font-size: 27px; padding: 56px 72px; justify-content: flex-start; }
  section h1 { font-size: 1.9em; line-height: 1.15; margin: 0 0 .5em; color: ${light.ink}; letter-spacing: -.01em; }
  section h2 { font-size: 1.25em; margin: 0 0 .6em; color: ${light.ink}; }
  section ul { margin: 0; }
  section li { margin: .3em 0; }
  section small, section.dense li { font-size: 22px; }
  section.dense p { font-size: 25px; }
  section small { color: ${light.muted}; }
  section.title { justify-content: center; }
  section.title h1 { font-size: 2.4em; }
  section img { display: block; max-width: 100%; height: 600px; margin: 0 auto; object-fit: contain; }
  section::after { color: ${light.muted}; }
---`;

/** How the slides lie in the page: one a screen, and one a sheet in print. */
export const pageStyle = `
html{background:${light.band};scroll-snap-type:y proximity}
body{margin:0}
.marpit>svg{display:block;width:min(100vw,calc(100vh*16/9));height:auto;margin:0 auto 12px;scroll-snap-align:center;background:${light.background}}
@page{size:1280px 720px;margin:0}
@media print{html{background:none}.marpit>svg{width:1280px;height:720px;margin:0;break-after:page}.marpit>svg:last-child{break-after:auto}}
`;
