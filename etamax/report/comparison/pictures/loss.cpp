// The loss after each step, one line per optimizer and learning rate.
#include <algorithm>

#include "etamax/core/format.h"
#include "etamax/report/comparison.h"
#include "etamax/report/comparison/detail_words.h"

namespace etamax::comparison::pictures {
namespace {

std::size_t rates(const Comparison& c) {
  return rates_shown(c, kMostCurves / std::max<std::size_t>(1, c.explanations.size()));
}

/// `brief`: a line's sign alone says the verdict, for where there is little room.
std::optional<Chart> chart_of(const Comparison& c, bool brief) {
  std::vector<LossCurve> curves;
  const std::size_t shown = rates(c);
  for (std::size_t rate = 0; rate < shown; ++rate)
    for (std::size_t i = 0; i < c.explanations.size(); ++i) {
      const Explanation& e = c.explanations[i];
      if (rate >= e.runs.size()) continue;
      const FunctionRun& run = e.runs[rate];
      const std::string name = e.optimizer + (e.runs.size() > 1 ? ", lr " + format_rate(run.lr, 9) : "") +
                               (brief ? "" : " " + to_string(run.verdict));
      curves.push_back(
          {run.lr, run.verdict, run.long_losses.size() > 1 ? run.long_losses : run.losses, name, look_of(i)});
    }
  return loss_chart(curves);
}

std::string caption(const Comparison& c) {
  const bool skipped = std::any_of(c.explanations.begin(), c.explanations.end(), [](const Explanation& e) {
    return std::any_of(e.runs.begin(), e.runs.end(), [](const FunctionRun& run) { return run.skipped_ahead; });
  });
  return std::string(
             "The loss after each step, a color and dash for each optimizer; a line that leaves at the top grows beyond "
             "the picture.") +
         (skipped ? " A line that stops short grows on at the same rate." : "") + rates_left_out(c, rates(c));
}

std::optional<Drawing> draw_chart(const Comparison& c, double width) {
  const bool narrow = width < 600;
  const auto chart = chart_of(c, narrow);
  if (!chart) return {};
  Drawing drawing = draw(*chart, width, narrow ? 300 : 380);
  drawing.title = "The loss after each step, by optimizer";
  for (const Chart::End& end : chart->ends) drawing.description += end.text + ". ";
  return drawing;
}

std::vector<std::string> text(const Comparison& c, const TerminalStyle& style) {
  const auto chart = chart_of(c, style.width < 80);
  if (!chart) return {};
  std::vector<std::string> out =
      wrapped(chart->y.label, style.width, [](const std::string& t) { return static_cast<double>(columns_of(t)); });
  for (std::string& line : lines(*chart, std::min(style.width, 120), 16, style)) out.push_back(std::move(line));
  return out;
}

}  // namespace

PictureSpec<Comparison> loss() { return {"loss", "The loss, step by step", 1, caption, draw_chart, text}; }

}  // namespace etamax::comparison::pictures
