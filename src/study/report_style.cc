// One column of text, figures and tables with rules above and below, numbers that line up, nothing else.
#include "study/report_style.h"

namespace cohortium::study::report {
namespace {

Html page_policy_and_style() {
  return Literal(
      R"html(<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>
:root { --ink: #1d2430; --muted: #5a6472; --rule: #d5dae1; --strong-rule: #1d2430; --paper: #ffffff; --accent: #0072b2 }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ee; --muted: #a3adba; --rule: #2f3742; --strong-rule: #a3adba; --paper: #14181f; --accent: #56b4e9 }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 Inter, "Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif; overflow-wrap: anywhere }
main { max-width: 52rem; margin: 0 auto; padding: 3.5rem 1.5rem 4rem }
h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -0.015em; margin: 0.25rem 0 0.75rem; font-weight: 700 }
h2 { font-size: 1.3rem; line-height: 1.3; letter-spacing: -0.01em; margin: 0 0 0.9rem; font-weight: 650 }
h3 { font-size: 1rem; margin: 0 0 0.3rem; font-weight: 650 }
p { margin: 0 0 0.9rem; max-width: 44rem }
.kicker { color: var(--accent); font-size: 0.8rem; font-weight: 650; letter-spacing: 0.08em; text-transform: uppercase; margin: 0 }
.purpose { font-size: 1.1rem; color: var(--muted) }
section { margin-top: 3.25rem }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem 2rem; margin: 1.75rem 0 0;
  padding: 1.1rem 0; border-top: 1px solid var(--rule); border-bottom: 1px solid var(--rule) }
.facts div, .roles > div { min-width: 0 }
dt { color: var(--muted); font-size: 0.8rem; line-height: 1.4 }
dd { margin: 0; font-weight: 550; line-height: 1.4 }
figure { margin: 0 0 1.5rem }
figure svg { display: block; width: 100%; height: auto }
figcaption, .note { color: var(--muted); font-size: 0.85rem; line-height: 1.5; margin: 0.5rem 0 0; max-width: 44rem }
.note:empty { display: none }
.scroll { overflow-x: auto; margin: 0 0 1.5rem }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; line-height: 1.4; font-variant-numeric: tabular-nums;
  overflow-wrap: normal; border-bottom: 1.5px solid var(--strong-rule) }
caption { text-align: left; font-weight: 650; padding: 0 0 0.5rem }
thead th { border-top: 1.5px solid var(--strong-rule); border-bottom: 1px solid var(--strong-rule); font-weight: 550;
  color: var(--muted); font-size: 0.82rem; vertical-align: bottom }
th, td { padding: 0.42rem 0 0.42rem 1.25rem; font-weight: 400 }
th:first-child { padding-left: 0 }
tbody tr + tr > * { border-top: 1px solid var(--rule) }
.text { text-align: left; overflow-wrap: break-word; min-width: 4rem }
td.number { white-space: nowrap }
.number { text-align: right }
.muted, .detail { color: var(--muted) }
.dense .detail { display: block; font-size: 0.8rem }
.dense th, .dense td { padding-left: 0.75rem }
.dense th:first-child { padding-left: 0 }
.roles { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1.5rem 2.5rem }
ul { margin: 0; padding-left: 1.1rem }
li { margin: 0 0 0.35rem }
.provenance { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: 0.45rem 2rem; margin: 0 }
.provenance dd { font-weight: 400; font-size: 0.9rem; min-width: 0 }
.hash { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.82rem }
footer { margin-top: 3.25rem; padding-top: 1rem; border-top: 1px solid var(--rule); color: var(--muted); font-size: 0.85rem }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
@media print {
  @page { margin: 16mm }
  body { font-size: 10.5pt }
  main { max-width: none; padding: 0 }
  section { margin-top: 2rem }
  h2, h3, caption { break-after: avoid }
  figure, tr, .facts, .roles > div { break-inside: avoid }
  .scroll { overflow: visible }
  figure svg, .facts, thead { -webkit-print-color-adjust: exact; print-color-adjust: exact }
}
</style>
)html");
}

}  // namespace

std::string complete_page(std::string_view title, const Html& content) {
  const Html head =
      element("head", Html("<meta charset=\"utf-8\">\n") + page_policy_and_style() + element("title", text(title)));
  const Html body = element("body", element("main", content));
  return "<!DOCTYPE html>\n" + element("html", {{"lang", "en"}}, head + body).markup() + "\n";
}

}  // namespace cohortium::study::report
