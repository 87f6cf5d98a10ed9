#include <fmt/format.h>

#include "etamax/draw/escape.h"
#include "etamax/report/detail_page.h"
#include "etamax/report/detail_table.h"

namespace etamax {

std::string html_table(const std::string& heading, const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty()) return "";
  std::string table = "<div style=\"overflow-x:auto\"><table>\n";
  const char* cell = "th";
  for (const auto& row : rows) {
    table += "<tr>";
    for (const std::string& text : row) table += fmt::format("<{0}>{1}</{0}>", cell, escaped(text));
    table += "</tr>\n";
    cell = "td";
  }
  return html_section(heading, table + "</table></div>\n");
}

}  // namespace etamax
