// The losses of the short runs.
#include <fmt/format.h>

#include "etamax/report/analysis.h"
#include "etamax/report/analysis/detail_words.h"
#include "etamax/report/appearance.h"
#include "etamax/report/detail_loss_chart.h"
#include "etamax/report/detail_page.h"

namespace etamax::analysis::pictures {
namespace {

std::string caption(const Analysis&) {
  return "The loss of each step's batch in the short runs, each learning rate named at its line's end; a line that leaves at the "
         "top grows beyond the picture.";
}

std::optional<Drawing> draw_runs(const Analysis& a, double width) {
  std::vector<LossCurve> curves;
  for (const RunRecord& run : a.runs) curves.push_back({run.lr, run.verdict, run.losses});
  // The chart shows the first dozen: those around the limit are the ones to see.
  if (curves.size() > kMostCurves)
    curves.erase(curves.begin(), curves.end() - static_cast<std::ptrdiff_t>(kMostCurves));
  std::optional<Chart> chart = loss_chart(curves);
  if (!chart) return {};
  if (a.runs.front().stride > 1) chart->x.label = fmt::format("step / {}", a.runs.front().stride);
  Drawing drawing = draw(*chart, width, width < 600 ? 300 : 360);
  drawing.title = "The loss in the short runs";
  for (const Chart::End& end : chart->ends) drawing.description += end.text + ". ";
  return drawing;
}

std::string verdicts(const Analysis& a) {
  if (a.runs.empty()) return "";
  std::string list = "<ul class=\"verdicts\">\n";
  for (const RunRecord& run : a.runs) list += html_verdict(appearance(run.verdict), run_title(run), run.reason);
  return list + "</ul>\n";
}

}  // namespace

PictureSpec<Analysis> runs() {
  return {
      .name = "runs", .heading = "The short runs", .rank = 2, .caption = caption, .draw = draw_runs, .below = verdicts};
}

}  // namespace etamax::analysis::pictures
