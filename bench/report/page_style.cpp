// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/page_parts.h"

namespace weir::report {

// Colours: every text on every ground has a contrast of at least 4.5 : 1, every mark at least 3 : 1
// (WCAG 2.1).
std::string pageStyle()
{
    return R"css(
:root{--paper:#fbfaf8;--card:#fff;--ink:#1b2230;--soft:#586174;--rule:#e3e0d9;--grid:#ebe8e2;--good:#0b7a43;
--bad:#b3341c;--warn:#fff4dd;--warnink:#6b4700;--a0:#0a63c2;--a1:#6b7484;--a2:#15803d;--a3:#c2570c;--a4:#7a45c9;
--a5:#b3176c;--a6:#806300;--a7:#0c7683}
@media(prefers-color-scheme:dark){:root{--paper:#12161d;--card:#1a1f29;--ink:#e8ebf1;--soft:#a2abbc;--rule:#2c3340;
--grid:#272d39;--good:#5fd394;--bad:#ff9078;--warn:#33290f;--warnink:#f6d58b;--a0:#5aaeff;--a1:#98a2b3;--a2:#4cc47a;
--a3:#ff9a52;--a4:#b697ff;--a5:#ff76b5;--a6:#d6bb45;--a7:#4ccbd6}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue","DejaVu Sans",sans-serif}
main{max-width:1120px;margin:0 auto;padding:40px 24px 72px}
h1{font-size:clamp(1.7rem,4.5vw,2.5rem);line-height:1.15;letter-spacing:-.02em;margin:.1em 0 .3em}
h2{font-size:1.4rem;letter-spacing:-.01em;margin:2.6em 0 .5em;padding-top:1em;border-top:1px solid var(--rule)}
h3{font-size:1.05rem;margin:2em 0 .2em}
p{margin:.5em 0}
.eyebrow{color:var(--soft);font-size:.85rem;letter-spacing:.06em;margin:0}
.facts,.parameters,.lead{color:var(--soft)}
.lead{max-width:46em}
.parameters{font-size:.9rem;margin:0 0 .6em}
.warning{background:var(--warn);color:var(--warnink);border-left:4px solid currentColor;border-radius:4px;
padding:.5em .9em;font-size:.92rem;overflow-wrap:anywhere}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,215px),1fr));gap:14px;margin:1.2em 0 1.8em;
padding:0;list-style:none}
.cards li{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:16px 18px}
.cards .name{display:block;color:var(--soft);font-size:.88rem}
.cards .ratio{display:block;font-size:1.75rem;font-weight:650;letter-spacing:-.02em;line-height:1.3;
font-variant-numeric:tabular-nums}
.cards .against{display:block;font-size:.88rem}
.cards .more{display:block;color:var(--soft);font-size:.82rem;margin-top:.35em}
.better{color:var(--good)}.worse{color:var(--bad)}.level{color:var(--soft)}
.scroll{overflow-x:auto;margin:.6em 0;border:1px solid var(--rule);border-radius:8px;background:var(--card)}
.scroll:focus-visible{outline:3px solid var(--a0);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:.42em .85em;text-align:right;white-space:nowrap;vertical-align:baseline}
th:first-child,td:first-child{text-align:left}
thead th{color:var(--soft);font-weight:600;vertical-align:bottom;border-bottom:1px solid var(--rule)}
thead small,td small{display:block;font-weight:400;color:var(--soft);font-size:.8em}
tbody th{font-weight:500}
tbody tr+tr th,tbody tr+tr td{border-top:1px solid var(--grid)}
tbody th.group{color:var(--soft);font-size:.82rem;letter-spacing:.03em;padding-top:.9em}
tr.own th,tr.own td{font-weight:700;background:color-mix(in srgb,var(--a0) 8%,transparent)}
td.words,th.words{white-space:normal;text-align:left}
th.track{text-align:center}
td.track{width:34%;min-width:120px}
.track div{position:relative;height:12px;background:var(--grid);border-radius:6px}
.track i{position:absolute;top:0;bottom:0;border-radius:6px}
.track i.better{background:var(--good)}.track i.worse{background:var(--bad)}
.track b{position:absolute;left:50%;top:-4px;bottom:-4px;width:2px;margin-left:-1px;background:var(--soft)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:18px}
figure{margin:0;background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:14px 14px 10px;min-width:0}
figcaption{font-weight:600;font-size:.95rem;line-height:1.35}
figcaption small{display:block;font-weight:400;color:var(--soft)}
figure svg{display:block;width:100%;height:auto;margin-top:8px}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;margin:.5em 0 0;padding:0;list-style:none;font-size:.85rem}
.legend li{display:flex;align-items:center;gap:6px;min-width:0;overflow-wrap:anywhere}
.legend svg{width:30px;height:14px;margin:0;flex:none}
svg text{fill:var(--soft);font-size:11.5px;font-family:inherit}
svg .grid{stroke:var(--grid)}svg .base{stroke:var(--soft)}
.c0{--c:var(--a0)}.c1{--c:var(--a1)}.c2{--c:var(--a2)}.c3{--c:var(--a3)}.c4{--c:var(--a4)}.c5{--c:var(--a5)}
.c6{--c:var(--a6)}.c7{--c:var(--a7)}
svg .ground{fill:var(--c)}svg .hatch{fill:none;stroke:var(--card);stroke-width:1.3}
svg .hatch.h0{stroke:none}svg .hatch.h1{fill:var(--card);fill-opacity:.62;stroke:none}
svg .bar{stroke:var(--c);stroke-width:1.2}
svg .mark{fill:var(--c);stroke:var(--card);stroke-width:1}
svg .line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round}
svg .line.c0{stroke-width:2.8}svg .line.c1{stroke-dasharray:2 3}svg .line.c2{stroke-dasharray:9 3}
svg .line.c3{stroke-dasharray:6 3 2 3}svg .line.c4{stroke-dasharray:4 3}svg .line.c5{stroke-dasharray:12 4 3 4}
svg .line.c6{stroke-dasharray:1 4}svg .line.c7{stroke-dasharray:9 3 2 3 2 3}
.definitions{position:absolute}
.notes{color:var(--soft);font-size:.9rem;padding-left:1.2em;max-width:60em}
pre{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:.8em 1em;white-space:pre-wrap;
overflow-wrap:anywhere;font:.88rem/1.5 ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3em 1.4em;margin:1em 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
@media(max-width:640px){main{padding:24px 14px 48px}th,td{padding:.4em .55em}td.track,th.track{display:none}
td.words{min-width:8em}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.6em}}
@media print{:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--rule:#bbb;--grid:#ddd;--good:#0b7a43;--bad:#b3341c;
--warn:#fff;--warnink:#000;--a0:#0a63c2;--a1:#6b7484;--a2:#15803d;--a3:#c2570c;--a4:#7a45c9}body{font-size:11px}
main{max-width:none;padding:0}figure,tr,.cards li{break-inside:avoid}h2,h3{break-after:avoid}
.scroll{overflow:visible;border:0}.charts{grid-template-columns:1fr 1fr}*{print-color-adjust:exact}}
)css";
}

} // namespace weir::report
