#include <fmt/format.h>

#include "etamax/draw/escape.h"
#include "etamax/report/detail_page.h"
#include "etamax/report/detail_table.h"

namespace etamax {
namespace {

constexpr std::size_t kMany = 6;  // columns that a page's width has room for in its usual size

}  // namespace

std::string html_table(const std::string& heading, const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty()) return "";
  const char* smaller = rows.front().size() > kMany ? ";font-size:.92rem" : "";
  std::string table = fmt::format("<div style=\"overflow-x:auto{}\"><table>\n", smaller);
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
