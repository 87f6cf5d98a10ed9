#include <fmt/format.h>

#include "etamax/draw/escape.h"
#include "etamax/report/bifurcation.h"
#include "etamax/report/detail_facts.h"
#include "etamax/report/detail_page.h"

namespace etamax {
namespace {

std::string doublings_table(const BifurcationDiagram& d) {
  std::string table = "<div style=\"overflow-x:auto\"><table>\n";
  const char* cell = "th";
  for (const std::vector<std::string>& row : doubling_rows(d)) {
    table += "<tr>";
    for (const std::string& text : row) table += fmt::format("<{0}>{1}</{0}>", cell, escaped(text));
    table += "</tr>\n";
    cell = "td";
  }
  return table + "</table></div>\n";
}

}  // namespace

std::string to_html(const BifurcationDiagram& d) {
  std::string body = html_setting(setting_sentence(d)) + html_interrupted(d.partial) + html_answer(d.answer) +
                     html_pictures(bifurcation_pictures(), d);
  if (!d.doublings.empty()) body += html_section("Where the period doubles", doublings_table(d));
  return html_page("Bifurcation diagram of " + d.expression,
                   "Where do the runs of <code>" + escaped(d.expression) + "</code> stay?",
                   body + html_details(to_json(d), cost_sentence(d.cost)));
}

}  // namespace etamax
