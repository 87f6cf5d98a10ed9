// The trials' losses against their rates, a line for each number of steps, with the fitted valley.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "etamax/core/format.h"
#include "etamax/draw/chart.h"
#include "etamax/report/tuning.h"

namespace etamax::tuning::pictures {
namespace {

std::string number(double x) { return format_number(x, 3); }

std::string caption(const Tuning&) {
  return "Loss against learning rate, a line for each length of the runs: every point is a run of the first seed. Dashed: what is expected at the horizon.";
}

std::optional<Chart> valley_chart(const Tuning& t) {
  std::map<long, std::map<double, double>> curves;  // by steps
  double left = INFINITY, right = 0, low = INFINITY, high = 0;
  for (const RunRecord& trial : t.trials) {
    if (!trial.loss || *trial.loss <= 0 || trial.verdict != Verdict::trains || trial.warmup_steps > 0 ||
        trial.purpose == "other start")
      continue;
    curves[trial.steps][trial.lr] = *trial.loss;
    left = std::min(left, trial.lr), right = std::max(right, trial.lr);
    low = std::min(low, *trial.loss), high = std::max(high, *trial.loss);
  }
  if (curves.empty()) return {};
  Chart chart;
  chart.title = "The valley";
  chart.subtitle = (t.validation_examples > 0 ? std::string("validation loss") : std::string("training loss")) +
                   "; dashed: expected at the horizon";
  chart.x = {"learning rate", log_scale(std::log10(left) - 0.1, std::log10(right) + 0.1), {}};
  chart.y = {"loss", log_scale(std::log10(low) - 0.05, std::log10(high) + 0.05), {}};
  constexpr Color kPaints[] = {Color::grey, Color::sky, Color::blue, Color::green, Color::purple};
  std::size_t i = 0;
  for (const auto& [steps, curve] : curves) {
    const Color color = kPaints[std::min<std::size_t>(i++, 4)];
    Chart::Line line;
    line.paint = {color};
    for (const auto& [lr, loss] : curve) {
      line.points.push_back({lr, loss});
      chart.points.push_back({{lr, loss},
                              Shape::circle,
                              4,
                              {color},
                              "",
                              fmt::format("lr {}: {} after {} steps", number(lr), number(loss), steps)});
    }
    chart.ends.push_back({chart.lines.size(), Shape::circle, color, fmt::format("{} steps", steps)});
    chart.lines.push_back(line);
  }
  if (t.valley) {
    Chart::Line fit;
    fit.paint = {Color::vermillion};
    fit.dash = Dash::dashed;
    for (const auto& [lr, loss] : t.valley->points) fit.points.push_back({lr, loss});
    chart.lines.push_back(fit);
  }
  if (t.lr_recommended) {
    Chart::Line line;
    line.paint = {Color::ink, 0.6};
    line.dash = Dash::dotted;
    line.points = {{*t.lr_recommended, chart.y.scale.value(0)}, {*t.lr_recommended, chart.y.scale.value(1)}};
    chart.lines.push_back(line);
    chart.notes.push_back({{*t.lr_recommended, chart.y.scale.value(0.97)}, "recommended " + number(*t.lr_recommended)});
  }
  return chart;
}

std::optional<Drawing> draw_valley(const Tuning& t, double width) {
  const auto chart = valley_chart(t);
  if (!chart) return {};
  return draw(*chart, width, width < 600 ? 300 : 380);
}

std::vector<std::string> text(const Tuning& t, const TerminalStyle& style) {
  const auto chart = valley_chart(t);
  if (!chart) return {};
  return lines(*chart, std::min(style.width, 100), 16, style);
}

}  // namespace

PictureSpec<Tuning> valley() { return {"valley", "The valley", 1, caption, draw_valley, text, /*has_title=*/true}; }

}  // namespace etamax::tuning::pictures
