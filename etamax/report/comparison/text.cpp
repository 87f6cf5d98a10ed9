#include <fmt/format.h>

#include <algorithm>

#include "etamax/core/format.h"
#include "etamax/report/appearance.h"
#include "etamax/report/comparison.h"
#include "etamax/report/comparison/detail_words.h"
#include "etamax/report/detail_facts.h"
#include "etamax/report/explanation/detail_words.h"

namespace etamax {
namespace {

std::string verdict_lines(const Comparison& c, const TerminalStyle& style) {
  std::string text;
  for (const Explanation& e : c.explanations)
    for (const FunctionRun& run : e.runs) {
      const Appearance sign = appearance(run.verdict);
      const std::string verdict = " " + to_string(run.verdict) + ". ";
      std::string lines = signed_paragraph(sign, run_title(e, run) + ". " + reason_in_short(run), style);
      if (const std::size_t at = lines.find(verdict); at != std::string::npos)
        lines.replace(at + 1, verdict.size() - 3, colored(to_string(run.verdict), sign.color, style, true));
      text += lines;
    }
  return text;
}

std::string steps(const Comparison& c, const TerminalStyle& style) {
  std::string text;
  bool names_gradient = false;
  for (const Explanation& e : c.explanations) {
    if (e.update.empty()) continue;
    text += paragraph(optimizer_words(e.optimizer, e.hyperparameters), style, "  ", "      ");
    for (const Formula& update : e.update) text += paragraph(update.text, style, "    ", "      ");
    names_gradient = names_gradient || e.update_names_gradient;
  }
  if (names_gradient) {
    const Explanation& e = c.explanations.front();
    for (std::size_t i = 0; i < std::min(e.gradient.size(), e.variables.size()); ++i)
      text += paragraph(
          fmt::format("with g = {}{}", e.gradient[i].text, e.gradient.size() > 1 ? " for " + e.variables[i] : ""),
          style, "  ", "      ");
  }
  return text.empty() ? "" : "\nOne step:\n" + text;
}

double columns(const std::string& text) { return columns_of(text); }

/// Names of columns are broken into lines; on a terminal too narrow for the numbers, each optimizer's are a list.
std::string stability(const Comparison& c, const TerminalStyle& style) {
  constexpr int kHeader = 14, kGap = 2;
  const StabilityTable table = stability_table(c);
  if (table.rows.empty()) return "";
  std::vector<std::vector<std::string>> headers;
  std::vector<int> widths;
  std::size_t height = 0;
  int total = 0;
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    headers.push_back(wrapped(table.header[i], kHeader, columns));
    height = std::max(height, headers.back().size());
    int width = 0;
    for (const std::string& line : headers.back()) width = std::max(width, columns_of(line));
    for (const auto& row : table.rows) width = std::max(width, columns_of(row[i]));
    widths.push_back(width);
    total += width + kGap;
  }
  std::string text = "\nWhat would be stable:\n";
  if (total > style.width) {
    for (const auto& row : table.rows) {
      text += "  " + row[0] + "\n";
      for (std::size_t i = 1; i < row.size(); ++i) text += definition("  " + table.header[i], row[i], 30, style);
    }
  } else {
    const auto line = [&](const auto& cell) {
      std::string row;
      for (std::size_t i = 0; i < widths.size(); ++i)
        row += "  " + (i == 0 ? fmt::format("{:<{}}", cell(i), widths[i]) : fmt::format("{:>{}}", cell(i), widths[i]));
      text += row + "\n";
    };
    for (std::size_t k = 0; k < height; ++k)
      line([&](std::size_t i) { return k < headers[i].size() ? headers[i][k] : std::string(); });
    for (const auto& row : table.rows) line([&](std::size_t i) { return row[i]; });
  }
  for (const std::string& note : table.notes) text += paragraph(note, style, "  ", "  ");
  return text;
}

}  // namespace

std::string to_text(const Comparison& c, const TerminalStyle& wanted) {
  const TerminalStyle style = readable(wanted);
  std::string text = verdict_lines(c, style);
  if (const std::string sentence = standings_sentence(c); !sentence.empty()) text += "\n" + paragraph(sentence, style);
  for (const std::string& remark : observed_remarks(c)) text += "\n" + paragraph(remark, style);
  text += steps(c, style) + stability(c, style);
  for (const PictureSpec<Comparison>& picture : by_rank(comparison_pictures()))
    if (const std::string block = picture_text(picture, c, style); !block.empty()) text += "\n" + block;
  if (c.partial) text += std::string("\n") + kInterrupted;
  return text;
}

}  // namespace etamax
