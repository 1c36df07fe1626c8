// SPDX-License-Identifier: Apache-2.0
#include "data/browse/page_parts.h"

namespace uls {

const char* const kPageStyle = R"(
:root { color-scheme: light dark; --ground: #f6f5f2; --card: #fff; --ink: #23262b; --soft: #6c7078;
  --line: #e3e1dc; --accent: #2f6f8f; --chosen: #eaf2f6; --shade: 0 1px 2px rgba(30, 30, 20, .06); }
@media (prefers-color-scheme: dark) { :root { --ground: #17191c; --card: #1f2226; --ink: #e4e5e7;
  --soft: #9a9fa8; --line: #30343a; --accent: #7db7d4; --chosen: #26333b; --shade: none; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
header, nav, details, main, #none { max-width: 1480px; margin: 0 auto; padding: 0 28px; }
header { display: flex; flex-wrap: wrap; gap: 12px 40px; align-items: flex-end;
  justify-content: space-between; padding-top: 30px; padding-bottom: 18px; }
h1 { margin: 0; font-size: 25px; font-weight: 620; letter-spacing: -.01em; }
header p { margin: 3px 0 0; color: var(--soft); font-size: 13.5px; max-width: 80ch; }
.counts { display: flex; gap: 26px; }
.counts div { font-size: 12.5px; color: var(--soft); }
.counts b { display: block; color: var(--ink); font-size: 17px; font-weight: 560;
  font-variant-numeric: tabular-nums; }
nav { position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; gap: 10px 16px;
  align-items: center; padding-top: 11px; padding-bottom: 11px; background: var(--ground); }
nav::after { content: ""; position: absolute; left: 28px; right: 28px; bottom: 0; height: 1px;
  background: var(--line); }
input, select, button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; padding: 5px 11px; }
input { width: 260px; }
select { padding-right: 6px; max-width: 190px; }
input:focus-visible, select:focus-visible, button:focus-visible { outline: 2px solid var(--accent);
  outline-offset: 1px; }
nav label { color: var(--soft); font-size: 13.5px; }
nav label select { color: var(--ink); margin-left: 3px; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; }
.chips button { border-radius: 99px; padding: 3px 12px; font-size: 13.5px; cursor: pointer; }
.chips button i { font-style: normal; color: var(--soft); margin-left: 5px; font-size: 12px; }
.chips button[aria-pressed=true] { background: var(--ink); border-color: var(--ink); color: var(--card); }
.chips button[aria-pressed=true] i { color: inherit; opacity: .65; }
.shown { margin-left: auto; color: var(--soft); font-size: 13.5px; font-variant-numeric: tabular-nums; }
details { padding-top: 10px; color: var(--soft); font-size: 13.5px; }
summary { cursor: pointer; }
details p { margin: 8px 0; line-height: 1.9; }
details p span { display: inline-block; margin-right: 6px; padding: 0 9px; color: var(--ink);
  background: var(--card); border: 1px solid var(--line); border-radius: 99px; font-size: 13px; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(290px, 1fr)); gap: 20px;
  padding-top: 16px; padding-bottom: 60px; align-items: start; }
article { background: var(--card); border: 1px solid var(--line); border-radius: 12px; overflow: hidden;
  box-shadow: var(--shade); }
.picture { display: flex; justify-content: center;
  background: color-mix(in srgb, var(--line) 55%, var(--card)); }
canvas { display: block; width: 100%; max-height: 380px; object-fit: contain; }
canvas.small { image-rendering: pixelated; }
.about { display: flex; justify-content: space-between; gap: 10px; padding: 10px 14px 6px; font-size: 12.5px;
  color: var(--soft); }
.about span:first-child { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 12px;
  overflow-wrap: anywhere; }
.about span:last-child { white-space: nowrap; }
ul { list-style: none; margin: 0; padding: 0 6px 8px; max-height: 236px; overflow-y: auto; }
li { display: grid; grid-template-columns: 4px 1fr auto; gap: 9px; align-items: start; padding: 4px 8px;
  border-radius: 7px; cursor: pointer; }
li:hover, li.chosen { background: var(--chosen); }
li > i { width: 4px; align-self: stretch; margin: 3px 0; border-radius: 2px; background: var(--task); }
li small { display: block; color: var(--soft); font-size: 12px; }
li em { font-style: normal; color: var(--soft); font-size: 12px; white-space: nowrap; padding-top: 2px; }
li.empty b { font-weight: 400; color: var(--soft); }
li.empty em { border: 1px dashed var(--soft); border-radius: 5px; padding: 0 6px; }
li b { font-weight: 480; overflow-wrap: anywhere; }
#none { color: var(--soft); padding: 40px 28px; }
)";

}  // namespace uls
