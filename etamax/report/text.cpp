#include "etamax/report/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "etamax/core/format.h"

namespace etamax {
namespace {

std::string colored(const std::string& text, Verdict verdict, const TerminalStyle& style) {
  if (!style.color) return text;
  const char* code = verdict == Verdict::converges ? "38;2;0;158;115" : verdict == Verdict::diverges ? "38;2;213;94;0" : "38;2;230;159;0";
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string point(const std::vector<double>& x) {
  std::string text;
  for (double value : x) text += (text.empty() ? "" : ", ") + format_number(value);
  return x.size() == 1 ? text : "(" + text + ")";
}

std::string steps_table(const Explanation& e) {
  std::vector<std::vector<std::string>> columns(1);
  std::size_t rows = 0;
  for (const Run& run : e.runs) rows = std::max(rows, run.iterates.size());
  columns[0].push_back("step");
  for (std::size_t k = 0; k < rows; ++k) columns[0].push_back(std::to_string(k));
  for (const Run& run : e.runs) {
    columns.push_back({"lr " + format_number(run.lr)});
    columns.push_back({"loss"});
    for (std::size_t k = 0; k < rows; ++k) {
      const bool there = k < run.iterates.size();
      columns[columns.size() - 2].push_back(there ? point(run.iterates[k]) : "");
      columns.back().push_back(there ? format_number(run.losses[k]) : "");
    }
  }
  std::string text;
  for (std::size_t row = 0; row <= rows; ++row) {
    for (const auto& column : columns) {
      std::size_t width = 0;
      for (const std::string& cell : column) width = std::max(width, cell.size());
      text += fmt::format("  {:>{}}", column[row], width);
    }
    text += "\n";
  }
  return text;
}

std::string stability_lines(const Stability& s) {
  const auto line = [](const char* name, const std::optional<double>& value, const std::string& more) {
    return fmt::format("  {:<26}{}\n", name, value ? format_number(*value) + "  " + more : "none: " + more);
  };
  std::string text = line("stability edge", s.lr_edge, s.lr_edge ? "(theory: " + s.lr_edge_formula + ")" : s.lr_edge_reason);
  const auto& bracket = s.lr_max_from_start_bracket;
  text += line("largest from this start", s.lr_max_from_start,
               bracket ? fmt::format("(measured: {} converges, {} does not)", format_number((*bracket)[0], 9),
                                     format_number((*bracket)[1], 9))
                       : s.lr_max_from_start_reason);
  text += line("fastest near the minimum", s.lr_fastest, s.lr_fastest ? "(theory)" : s.lr_fastest_reason);
  return text;
}

}  // namespace

std::string to_text(const Explanation& e, const TerminalStyle& style) {
  std::string text;
  for (const Run& run : e.runs)
    text += fmt::format("lr {} {}. {}\n", format_number(run.lr), colored(to_string(run.verdict), run.verdict, style), run.reason);
  text += "\nOne step:\n";
  for (const Formula& update : e.update) text += "  " + update.text + "\n";
  if (e.update.size() > 0 && e.optimizer != "gd")
    for (std::size_t i = 0; i < e.gradient.size(); ++i)
      text += fmt::format("  with g = {}{}\n", e.gradient[i].text, e.gradient.size() > 1 ? " for " + e.variables[i] : "");
  text += "\n" + steps_table(e) + "\nWhat would be stable:\n" + stability_lines(e.stability);
  if (e.partial) text += "\nInterrupted: this is what was known by then.\n";
  return text;
}

}  // namespace etamax
