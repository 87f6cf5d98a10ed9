#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "etamax/core/format.h"
#include "etamax/report/appearance.h"
#include "etamax/report/explanation.h"
#include "etamax/report/explanation/detail_words.h"

namespace etamax {
namespace {

constexpr std::size_t kMostRows = 24;  // of the table of steps; the first ones and the last

std::string point(const std::vector<double>& x) {
  const std::string text = joined(number_texts(x));
  return x.size() == 1 ? text : "(" + text + ")";
}

std::string verdict_lines(const Explanation& e, const TerminalStyle& style) {
  std::string text;
  for (const FunctionRun& run : e.runs) {
    const Appearance sign = appearance(run.verdict);
    const std::string start = "lr " + format_rate(run.lr) + " " + to_string(run.verdict);
    std::string lines = signed_paragraph(sign, start + ". " + run.reason, style);
    if (const std::size_t at = lines.find(to_string(run.verdict)); at != std::string::npos)
      lines.replace(at, to_string(run.verdict).size(), colored(to_string(run.verdict), sign.color, style, true));
    text += lines;
  }
  return text;
}

/// The rows that are shown of so many: all, or the first ones and the last.
std::vector<std::size_t> shown_rows(std::size_t rows) {
  std::vector<std::size_t> shown;
  for (std::size_t k = 0; k < rows; ++k)
    if (rows <= kMostRows || k < kMostRows - 2 || k + 1 == rows) shown.push_back(k);
  return shown;
}

using Column = std::vector<std::string>;

std::size_t width_of(const Column& column) {
  std::size_t width = 0;
  for (const std::string& cell : column) width = std::max(width, cell.size());
  return width;
}

/// Two columns per run, the iterate and the loss. Runs that do not fit beside each other stand in a table
/// below; an iterate too wide for the terminal is left to the JSON, and the loss alone shown.
std::string steps_table(const Explanation& e, const TerminalStyle& style) {
  std::size_t rows = 0;
  for (const FunctionRun& run : e.runs) rows = std::max(rows, run.iterates.size());
  if (rows == 0) return "";
  const std::vector<std::size_t> shown = shown_rows(rows);
  Column steps = {"step"};
  for (const std::size_t k : shown) steps.push_back(std::to_string(k));
  const auto width = static_cast<std::size_t>(style.width);
  const std::size_t room = width - width_of(steps) - 2;
  std::string text;
  bool too_wide = false;
  std::vector<Column> table = {steps};
  std::size_t used = 0;
  const auto flush = [&] {
    if (table.size() < 2) return;
    for (std::size_t row = 0; row < steps.size(); ++row) {
      for (const Column& column : table) text += fmt::format("  {:>{}}", column[row], width_of(column));
      text += "\n";
    }
    table.resize(1);
    used = 0;
  };
  for (const FunctionRun& run : e.runs) {
    Column iterates = {"lr " + format_rate(run.lr)}, losses = {"loss"};
    for (const std::size_t k : shown) {
      iterates.push_back(k < run.iterates.size() ? point(run.iterates[k]) : "");
      losses.push_back(k < run.losses.size() ? format_number(run.losses[k]) : "");
    }
    std::vector<Column> pair = {iterates, losses};
    if (width_of(iterates) + width_of(losses) + 4 > room) {
      too_wide = true;
      losses.front() = iterates.front() + " loss";
      pair = {losses};
    }
    std::size_t needed = 0;
    for (const Column& column : pair) needed += width_of(column) + 2;
    if (used > 0 && used + needed > room) {
      flush();
      text += "\n";
    }
    used += needed;
    for (Column& column : pair) table.push_back(std::move(column));
  }
  flush();
  if (shown.size() < rows)
    text += paragraph(fmt::format("Shown: steps 0 to {}, and {}. The JSON has all.", kMostRows - 3, rows - 1), style,
                      "  ", "  ");
  if (too_wide)
    text += paragraph("Where the iterates are too wide for this terminal, only the loss is shown. The JSON has all.",
                      style, "  ", "  ");
  return text;
}

std::string pictures(const Explanation& e, const TerminalStyle& style) {
  std::string text;
  std::vector<PictureSpec<Explanation>> pictures = by_rank(explanation_pictures());
  std::rotate(pictures.begin(), pictures.begin() + 1, pictures.end());  // the ruler last: above the prompt
  for (const PictureSpec<Explanation>& picture : pictures)
    if (const std::string block = picture_text(picture, e, style); !block.empty()) text += "\n" + block;
  return text;
}

}  // namespace

std::string to_text(const Explanation& e, const TerminalStyle& wanted) {
  const TerminalStyle style = readable(wanted);
  std::string text = verdict_lines(e, style);
  if (const std::string remark = observed_remark(e); !remark.empty()) text += "\n" + paragraph(remark, style);
  if (!e.update.empty()) {
    text += "\nOne step:\n";
    for (const Formula& update : e.update) text += paragraph(update.text, style, "  ", "      ");
    if (e.update_names_gradient)
      for (std::size_t i = 0; i < std::min(e.gradient.size(), e.variables.size()); ++i)
        text += paragraph(
            fmt::format("with g = {}{}", e.gradient[i].text, e.gradient.size() > 1 ? " for " + e.variables[i] : ""),
            style, "  ", "      ");
    if (const std::string sentence = first_step_sentence(e); !sentence.empty()) text += paragraph(sentence, style);
    for (const std::string& sentence : multiplier_sentences(e)) text += paragraph(sentence, style);
  }
  if (const std::string table = steps_table(e, style); !table.empty()) text += "\n" + table;
  text += "\nWhat would be stable:\n" + facts_text(stability_facts(e.stability), 28, style);
  text += pictures(e, style);
  if (e.partial) text += std::string("\n") + kInterrupted;
  return text;
}

}  // namespace etamax
