#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/draw/chart.h"
#include "etamax/report/appearance.h"
#include "etamax/report/detail_facts.h"
#include "etamax/report/network_replay.h"

namespace etamax {
namespace {

/// The loss over the steps on a logarithmic scale, as far as it is a number.
std::string course(const NetworkReplay& r, const TerminalStyle& style) {
  constexpr int kRows = 12, kMost = 100;
  Chart::Line line;
  double low = INFINITY, high = 0;
  for (std::size_t k = 0; k < r.losses.size(); ++k) {
    const double loss = r.losses[k];
    if (!std::isfinite(loss) || loss <= 0) break;
    line.points.push_back({static_cast<double>(k), loss});
    low = std::min(low, loss), high = std::max(high, loss);
  }
  if (line.points.size() < 2) return "";
  Chart chart;
  chart.x = {"step", linear_scale(0, line.points.back().x), {}};
  chart.y = {"loss", log_scale_around(low, high), {}};
  line.paint = {appearance(r.verdict).color, 1};
  chart.lines.push_back(std::move(line));
  std::string text;
  for (const std::string& row : lines(chart, std::min(style.width, kMost), kRows, style)) text += row + "\n";
  return text;
}

/// Steps 0, 1, 2, 5, 10, ... and the last.
std::string table(const NetworkReplay& r) {
  std::string text = fmt::format("  {:>8}  {:>12}  {:>12}\n", "step", "loss", "of the start");
  const auto row = [&](std::size_t k) {
    text += fmt::format("  {:>8}  {:>12}  {:>12}\n", k, format_number(r.losses[k], 5),
                        format_number(r.losses[k] / r.losses[0], 4));
  };
  const std::size_t last = r.losses.size() - 1;
  std::size_t next = 0;
  for (std::size_t decade = 1; next < last; decade *= 10)
    for (const std::size_t factor : {1, 2, 5}) {
      if (next < last) row(next);
      next = factor * decade;
    }
  row(last);
  return text;
}

}  // namespace

std::string to_text(const NetworkReplay& r, const TerminalStyle& wanted) {
  const TerminalStyle style = readable(wanted);
  const Appearance look = appearance(r.verdict);
  return signed_paragraph(look, r.reason, style, to_string(r.verdict)) + "\n" + course(r, style) + "\n" + table(r) +
         "\n" + paragraph(cost_sentence(r.cost), style);
}

}  // namespace etamax
