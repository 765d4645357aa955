import { dark, light, type Theme } from "../charts/palette.ts";

/** The page takes its colours from the charts' palette, so that neither can drift from the other. */
const colours = (theme: Theme): string =>
  `--bg:${theme.background};--ink:${theme.ink};--muted:${theme.muted};--line:${theme.grid};--soft:${theme.band};--accent:${theme.families.node[0]};--win:${theme.families.other[0]};--lose:${theme.families.bun[0]}`;

/** Style sheet of report.html. */
export const pageStyle = `
:root{${colours(light)};color-scheme:light}
@media (prefers-color-scheme:dark){:root{${colours(dark)};color-scheme:dark}}
*{box-sizing:border-box}
html{scroll-padding-top:4.5rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-variant-numeric:tabular-nums}
header,main,footer{max-width:1000px;margin:0 auto;padding:0 24px}
header{padding-top:56px;padding-bottom:8px}
.eyebrow{margin:0;color:var(--muted)}
h1{font-size:clamp(2rem,6vw,3.25rem);line-height:1.1;letter-spacing:-.02em;margin:.25rem 0 1rem;overflow-wrap:anywhere}
.answer{font-size:1.125rem;max-width:46em;margin:0 0 1.5rem}
.facts{display:flex;flex-wrap:wrap;gap:1px;background:var(--line);border:1px solid var(--line);border-radius:10px;overflow:hidden;margin:0}
.facts div{background:var(--bg);padding:14px 16px}
.facts div{flex:1 1 150px}
.facts dt{color:var(--muted);font-size:.875rem}
.facts dd{margin:0;font-size:1.5rem;font-weight:600;line-height:1.3}
.facts small{display:block;color:var(--muted);font-size:.8125rem;font-weight:400;overflow-wrap:anywhere}
.key-facts{margin:1.25rem 0 0;font-size:.9375rem}
.key-facts p{margin:.5rem 0}
.run{color:var(--muted);font-size:.875rem;margin:.75rem 0 0}
section{margin:56px 0 0}
h2{font-size:1.5rem;letter-spacing:-.01em;margin:0 0 .75rem;line-height:1.25}
h3{font-size:1rem;margin:1.75rem 0 .5rem}
p,ul{max-width:46em}
li{margin:.25rem 0}
a{color:var(--accent)}
small,.note{font-size:.8125rem;color:var(--muted)}
td small,th small{white-space:nowrap;font-weight:400}
.alarm{border:1px solid var(--lose);border-left-width:6px;border-radius:8px;padding:10px 14px;max-width:none}
.alarm::before{content:"⚠ "}
.leader-ratios td span{display:block;white-space:nowrap;font-size:.8125rem}
:is(.leader-ratios,.interval) svg{display:block}
:is(.leader-ratios,.interval) line{stroke:currentColor;stroke-width:2}
:is(.leader-ratios,.interval) circle{fill:currentColor}
:is(.leader-ratios,.interval) .one{stroke:var(--muted);stroke-width:1;opacity:1}
.better{color:var(--win)}
.worse{color:var(--lose)}
.unshown{color:var(--muted)}
.unshown line{opacity:.55}
.unshown circle{fill:var(--bg);stroke:currentColor;stroke-width:1.5}
.interval{display:block}
code{font:.875em ui-monospace,"SF Mono",Menlo,Consolas,monospace;background:var(--soft);padding:.1em .35em;border-radius:4px;overflow-wrap:anywhere}
pre{background:var(--soft);border-radius:8px;padding:14px 16px;overflow-x:auto}
pre code{background:none;padding:0}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
.skip{position:absolute;left:-999px}
.skip:focus{left:12px;top:12px;background:var(--bg);padding:8px 12px;z-index:9}
nav{position:sticky;top:0;z-index:4;background:var(--bg);border-bottom:1px solid var(--line);margin:48px -24px 0;padding:0 24px}
nav ul{display:flex;gap:20px;-webkit-mask-image:linear-gradient(90deg,#000 calc(100% - 48px),transparent);mask-image:linear-gradient(90deg,#000 calc(100% - 48px),transparent);list-style:none;margin:0;padding:0 48px 0 0;max-width:none;overflow-x:auto;scrollbar-width:none;white-space:nowrap}
nav a{display:block;padding:12px 0;color:var(--muted);text-decoration:none;font-size:.875rem}
nav a:hover{color:var(--ink)}
.scroll{overflow:auto;margin:1rem 0;border-top:1px solid var(--line);border-bottom:1px solid var(--line)}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
caption{text-align:left;color:var(--muted);font-size:.875rem;padding:8px 0}
th,td{padding:9px 14px 9px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
tr:last-child>*{border-bottom:0}
.num{text-align:right}
td.num{min-width:6.2em}
tbody th{font-weight:600}
tr.head th{background:var(--soft);font-size:.8125rem;padding-left:8px;white-space:nowrap}
tr.head span{position:sticky;left:8px}
#headline-figures td small{white-space:normal}
#headline-figures td.num{min-width:8.2em;padding-left:0}
#ratios td:last-child{min-width:11em}
thead th,thead td{position:sticky;top:0;background:var(--bg);font-size:.8125rem;color:var(--muted);font-weight:600;z-index:1;box-shadow:inset 0 -1px var(--line)}
tbody tr>:first-child{white-space:nowrap}
.scroll tr:not(.head)>:first-child{position:sticky;left:0;background:var(--bg)}
thead tr>:first-child{z-index:2}
details{margin:1rem 0}
summary{cursor:pointer;padding:6px 0;color:var(--accent)}
figure{margin:1.5rem 0}
figcaption{font-weight:600}
figcaption small{display:block;font-weight:400;margin-bottom:10px}
.chart{width:100%;min-height:60px}
.panel{display:grid;grid-template-columns:minmax(260px,340px) 1fr;gap:40px;align-items:start}
.panel>*{min-width:0}
fieldset{border:0;margin:0 0 1.5rem;padding:0;min-width:0}
legend{font-weight:600;padding:0;margin-bottom:.5rem}
.presets{display:flex;flex-wrap:wrap;gap:4px 18px}
.presets label,.check{display:inline-flex;gap:6px;align-items:center;padding:4px 0;cursor:pointer}
.slider{display:grid;grid-template-columns:1fr auto;gap:0 12px;padding:4px 0}
.slider input{width:100%;grid-row:2;margin:6px 0;accent-color:var(--accent);height:24px}
.slider output{grid-row:2;grid-column:2;min-width:3.2em;text-align:right;align-self:center}
.slider label{grid-column:1/3}
.slider small{margin-left:.35em}
.pairs{display:grid;grid-template-columns:1fr 1fr;gap:12px}
.pairs legend{margin-bottom:.5rem}
.number span{display:block;font-size:.875rem;color:var(--muted)}
.number input{width:100%;font:inherit;color:inherit;background:var(--bg);border:1px solid var(--muted);border-radius:6px;padding:6px 8px;min-height:40px}
.check{grid-column:1/3}
.actions{display:flex;flex-wrap:wrap;gap:8px;align-items:center}
.actions button,.actions a{font:inherit;font-size:.875rem;color:inherit;text-decoration:none;background:var(--bg);border:1px solid var(--muted);border-radius:6px;padding:6px 10px;min-height:36px;cursor:pointer}
.actions :is(button,a):hover{background:var(--soft)}
.actions output{flex-basis:100%;font-size:.8125rem;color:var(--muted);overflow-wrap:anywhere}
.fold>summary{color:inherit;display:flex;align-items:baseline;gap:.5em}
.fold>summary::before{content:"▸";color:var(--muted)}
.fold[open]>summary::before{content:"▾"}
.fold>summary::-webkit-details-marker{display:none}
.fold>summary h2{margin:0}
section:has(>.fold){margin-top:20px}
nav a[aria-current]{color:var(--ink);font-weight:600}
input[type=checkbox],input[type=radio]{accent-color:var(--accent);width:18px;height:18px;margin:0}
#answer{margin:0 0 1rem;min-height:6.2em}
#answer strong{display:block;font-size:1.5rem;line-height:1.25;margin-bottom:.25rem}
.wide{min-width:200px;width:60%}
#verdict ul{padding-left:1.25em}
#verdict .shares{padding:0}
.bar{display:block;height:10px;margin:7px 0 4px;background:var(--soft);border-radius:5px;overflow:hidden}
.bar i{display:block;height:100%;background:var(--accent);border-radius:5px}
.shares{list-style:none;padding:0}
.shares li{display:grid;grid-template-columns:10.5em 1fr 4.5em;gap:12px;align-items:center}
.shares b{text-align:right}
footer{margin-top:72px;padding-bottom:48px;color:var(--muted);font-size:.875rem}
@media (min-width:1440px){
 nav{position:fixed;top:0;left:max(16px,calc(50% - 710px));width:196px;height:100vh;margin:0;padding:32px 0;border:0;overflow-y:auto;background:none}
 nav ul{display:block;padding:0;overflow:visible;white-space:normal;-webkit-mask-image:none;mask-image:none}
 nav a{padding:5px 0;line-height:1.35}
 nav a[aria-current]{border-left:3px solid var(--accent);padding-left:8px}
}
@media (max-width:760px){
 header,main,footer{padding-left:16px;padding-right:16px}
 header{padding-top:32px}
 nav{margin-left:-16px;margin-right:-16px;padding:0 16px}
 .panel{grid-template-columns:minmax(0,1fr);gap:16px}

 .facts dd{font-size:1.25rem}
 .wide{min-width:110px}
 section{margin-top:44px}
 th,td{padding-right:16px}
}
@media print{nav,.controls,.skip{display:none}.panel{display:block}.scroll{overflow:visible}thead th,thead td,.scroll tr:not(.head)>:first-child{position:static}figure,tr{break-inside:avoid}h2,h3{break-after:avoid}}
`;
