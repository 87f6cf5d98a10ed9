#include <fmt/format.h>

#include "etamax/draw/escape.h"
#include "etamax/draw/svg.h"
#include "etamax/report/detail_page.h"

namespace etamax {
namespace {

constexpr const char* kStyle = R"(
*{box-sizing:border-box}
body{margin:0 auto;max-width:1048px;padding:1.5rem 24px 4rem;background:var(--paper);color:var(--ink);
  font:16px/1.55 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;overflow-wrap:anywhere}
h1{font-size:1.7rem;line-height:1.25;margin:.4rem 0 .1rem}
h2{font-size:1.2rem;margin:2.4rem 0 .5rem}
.setting,figcaption,footer,.why{color:var(--muted)}
.verdicts{list-style:none;margin:1.4rem 0;padding:0;display:grid;gap:.7rem}
.verdicts li{background:var(--panel);border-left:5px solid var(--look);border-radius:4px;padding:.7rem 1rem}
.verdicts svg{width:16px;height:16px;vertical-align:-2px;margin-right:.35rem}
.answer{font-size:1.08rem;max-width:52rem}
.remark{border:1px solid var(--orange);border-left-width:5px;border-radius:4px;padding:.7rem 1rem;margin:1rem 0}
.box{overflow-x:auto}
.formula{font-size:1.2rem;padding:.15rem 0}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:.25rem .8rem;border-bottom:1px solid var(--faint);white-space:nowrap}
th{font-weight:600}
th.run{text-align:center;border-left:2px solid var(--faint)}
td.first,th.first{border-left:2px solid var(--faint)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.2rem;margin:.5rem 0}
dt{font-weight:600}
dd{margin:0}
figure{margin:0}
figure svg{display:block;max-width:100%;height:auto}
figcaption{font-size:.92rem;margin-top:.4rem;max-width:46rem}
.narrow{display:none!important}
.lab button{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--muted);border-radius:6px;padding:.3rem .9rem;
  margin:0 .5rem .7rem 0;min-height:44px;cursor:pointer}
.lab button[aria-pressed=true]{border:2px solid var(--ink);font-weight:600}
.lab iframe{display:block;width:100%;height:760px;border:1px solid var(--faint);border-radius:6px}
pre{background:var(--panel);padding:1rem;overflow:auto;max-height:30rem;font-size:.82rem;line-height:1.4;border-radius:4px}
summary{cursor:pointer;font-weight:600;margin-top:2.4rem}
footer{margin-top:2rem;font-size:.88rem}
@media (max-width:640px){body{padding:1rem 16px 3rem}.wide{display:none!important}.narrow{display:block!important}
  dl{grid-template-columns:1fr;gap:.1rem}dd{margin-bottom:.5rem}th,td{padding:.25rem .5rem}}
@media print{body{max-width:none;padding:0}.wide{display:block!important}.narrow{display:none!important}
  figure,.verdicts li,table{break-inside:avoid}h2{break-after:avoid}details,.lab{display:none}}
)";

/// Nothing that a title or a sentence says depends on this sign: it is hidden from those who listen.
std::string sign(const Appearance& appearance) {
  Drawing drawing;
  drawing.width = drawing.height = 16;
  drawing.add(Drawing::Marker{{8, 8}, appearance.shape, 6, {appearance.color, 1}, ""});
  std::string svg = to_svg(drawing, Theme::page, "");
  const std::size_t begin = svg.find("<title"), end = svg.find("</desc>") + 7;
  svg.erase(begin, end - begin);
  const std::string label = "role=\"img\" aria-labelledby=\"-title -desc\"";
  svg.replace(svg.find(label), label.size(), "aria-hidden=\"true\"");
  return svg;
}

}  // namespace

std::string html_page(const std::string& title, const std::string& heading_html, const std::string& body_html) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<meta "
         "name=\"color-scheme\" content=\"light dark\"/>\n<title>" +
         escaped(title) + "</title>\n<style>:root{" + theme_css(false) +
         "color-scheme:light dark}\n@media screen and (prefers-color-scheme:dark){:root{" + theme_css(true) + "}}" +
         kStyle + "</style>\n</head>\n<body>\n<main>\n<h1>" + heading_html + "</h1>\n" + body_html +
         "</main>\n</body>\n</html>\n";
}

std::string html_setting(const std::string& setting) { return "<p class=\"setting\">" + escaped(setting) + "</p>\n"; }

std::string html_section(const std::string& heading, const std::string& body_html) {
  return "<section>\n<h2>" + escaped(heading) + "</h2>\n" + body_html + "</section>\n";
}

std::string html_figure(const std::string& id, const Drawing& wide, const Drawing& narrow, const std::string& caption) {
  return "<figure>\n<div class=\"wide\">" + to_svg(wide, Theme::page, id + "-wide") + "</div>\n<div class=\"narrow\">" +
         to_svg(narrow, Theme::page, id + "-narrow") + "</div>\n<figcaption>" + escaped(caption) +
         "</figcaption>\n</figure>\n";
}

std::string html_verdict(const Appearance& appearance, const std::string& what, const std::string& reason) {
  return fmt::format("<li style=\"--look:var(--{})\">{}{}{}</li>\n", name(appearance.color), sign(appearance),
                     what.empty() ? "" : "<strong>" + escaped(what) + "</strong> ", escaped(reason));
}

std::string html_answer(const std::vector<std::string>& sentences) {
  if (sentences.empty()) return "";
  std::string html = "<p class=\"answer\"><strong>" + escaped(sentences.front()) + "</strong>";
  for (std::size_t i = 1; i < sentences.size(); ++i) html += " " + escaped(sentences[i]);
  return html + "</p>\n";
}

std::string html_interrupted(bool partial) {
  return partial ? "<p class=\"remark\"><strong>Interrupted.</strong> This is what was known by then.</p>\n" : "";
}

std::string html_details(const std::string& json, const std::string& cost) {
  return "<details>\n<summary>The answer as JSON</summary>\n<pre>" + escaped(json) + "</pre>\n</details>\n<footer>" +
         escaped(cost) + "</footer>\n";
}

}  // namespace etamax
