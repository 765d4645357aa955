import { dark, fontFamily, light } from "../charts/palette.ts";

/** Front matter and style of the deck: Marp's default theme with the charts' colours and type. */
export const deckStyle = `---
marp: true
theme: default
paginate: true
style: |
  section { font-family: ${fontFamily}; color: ${light.ink}; background: ${light.background}; font-size: 27px; padding: 56px 72px; place-content: start stretch; justify-content: flex-start; }
  section h1 { font-size: 1.7em; line-height: 1.15; margin: 0 0 .5em; color: ${light.ink}; letter-spacing: -.01em; }
  section h2 { font-size: 1.25em; margin: 0 0 .6em; color: ${light.ink}; }
  section ul { margin: 0; }
  section li { margin: .3em 0; }
  section small, section.dense li { font-size: 22px; }
  section.dense p { font-size: 25px; }
  section small { color: ${light.muted}; }
  section.answer h1 { font-size: 1.7em; margin-bottom: .4em; }
  section.answer p { font-size: 21px; line-height: 1.4; margin: 0 0 .6em; }
  section.answer.dense p { font-size: 18px; }
  section.answer small { font-size: 18px; }
  section .stats { display: flex; gap: 40px; margin: 0 0 1em; }
  section .stats div { flex: 1; border-top: 4px solid ${light.ink}; padding-top: .4em; }
  section .stats strong { display: block; font-size: 1.9em; line-height: 1.1; }
  section .stats span { display: block; font-size: 20px; line-height: 1.3; color: ${light.muted}; }
  section table { font-size: 25px; border-collapse: collapse; }
  section table, section table tr:nth-child(n), section table :is(th, td) { background: transparent; border: 0; border-bottom: 1px solid ${light.band}; color: inherit; }
  section td small { font-size: 19px; }
  section.chart { display: flex; flex-direction: column; padding: 40px 56px; }
  section.chart h1 { font-size: 1.35em; margin: 0 0 .3em; }
  section.chart p { margin: 0 0 .4em; font-size: 22px; }
  section .picture { flex: 1; min-height: 0; }
  section .picture picture { display: contents; }
  section .picture img { display: block; width: 100%; height: 100%; object-fit: contain; object-position: top; }
  section::after { color: ${light.muted}; }
  @media (prefers-color-scheme: dark) {
    section { color: ${dark.ink}; background: ${dark.background}; }
    section :is(h1, h2) { color: ${dark.ink}; }
    section :is(small, .stats span), section::after { color: ${dark.muted}; }
    section .stats div { border-color: ${dark.ink}; }
    section table :is(tr, th, td) { border-color: ${dark.band}; }
  }
---`;

/** How the slides lie in the page: one a screen, and one a sheet in print. */
export const pageStyle = `
html{background:${light.band};scroll-snap-type:y proximity}
body{margin:0}
.marpit>svg{display:block;width:min(100vw,calc(100vh*16/9));height:auto;margin:0 auto 12px;scroll-snap-align:center;background:${light.background}}
@media (prefers-color-scheme:dark){html{background:${dark.band}}.marpit>svg{background:${dark.background}}}
@page{size:1280px 720px;margin:0}
@media print{html{background:none}.marpit>svg{width:1280px;height:720px;margin:0;break-after:page}.marpit>svg:last-child{break-after:auto}}
`;
