// The loss after each step, one line per learning rate.
#include <algorithm>

#include "etamax/report/detail_loss_chart.h"
#include "etamax/report/explanation/detail_panels.h"

namespace etamax::explanation::pictures {
namespace {

std::optional<Chart> chart_of(const Explanation& e) {
  std::vector<LossCurve> curves;
  for (const FunctionRun& run : e.runs)
    curves.push_back({run.lr, run.verdict, run.long_losses.size() > 1 ? run.long_losses : run.losses});
  return loss_chart(curves);
}

std::string caption(const Explanation& e) {
  const bool skipped =
      std::any_of(e.runs.begin(), e.runs.end(), [](const FunctionRun& run) { return run.skipped_ahead; });
  return std::string(
             "The loss after each step, each learning rate named at its line's end; a line that leaves at the top grows "
             "beyond the picture.") +
         (skipped ? " A line that stops short grows on at the same rate." : "") + panels_left_out(e);
}

std::optional<Drawing> draw_chart(const Explanation& e, double width) {
  const auto chart = chart_of(e);
  if (!chart) return {};
  Drawing drawing = draw(*chart, width, width < 600 ? 300 : 340);
  drawing.title = "The loss after each step";
  for (const Chart::End& end : chart->ends) drawing.description += end.text + ". ";
  return drawing;
}

std::vector<std::string> text(const Explanation& e, const TerminalStyle& style) {
  const auto chart = chart_of(e);
  if (!chart) return {};
  std::vector<std::string> out =
      wrapped(chart->y.label, style.width, [](const std::string& t) { return static_cast<double>(columns_of(t)); });
  for (std::string& line : lines(*chart, std::min(style.width, 120), 14, style)) out.push_back(std::move(line));
  return out;
}

}  // namespace

PictureSpec<Explanation> loss() { return {"loss", "The loss, step by step", 3, caption, draw_chart, text}; }

}  // namespace etamax::explanation::pictures
