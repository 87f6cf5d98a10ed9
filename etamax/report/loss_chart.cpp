#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/report/appearance.h"
#include "etamax/report/detail_loss_chart.h"

namespace etamax {
namespace {

constexpr std::size_t kMostSteps = 2000;
constexpr double kDeepest = 1e-14;  // shown, below the largest loss of the runs that stay bounded

/// How many steps it takes until nothing more is to be seen.
std::size_t steps_of_interest(const LossCurve& run) {
  const std::span<const double> loss = run.losses;
  if (loss.empty()) return 0;
  const double start = loss.front(), end = loss.back();
  for (std::size_t k = 1; k < loss.size(); ++k) {
    if (!std::isfinite(loss[k]) || std::abs(loss[k]) > 1e6 * std::max(std::abs(start), 1e-300)) return k;
    if (run.verdict == Verdict::converges && std::abs(loss[k] - end) <= 1e-12 * std::abs(start - end)) return k;
  }
  return run.verdict == Verdict::cycles || run.verdict == Verdict::chaotic ? 30 : loss.size() - 1;
}

struct Axis {
  bool log = true;
  double offset = 0;  // is subtracted
  std::string label;
  double low = 0, high = 1;
};

/// The first five steps on a plain axis: for runs that fall forever, which have no lowest loss.
Axis plain_axis(const std::vector<LossCurve>& runs) {
  Axis axis{false, 0, "loss", INFINITY, -INFINITY};
  for (const LossCurve& run : runs)
    for (std::size_t k = 0; k < std::min<std::size_t>(run.losses.size(), 5); ++k)
      if (const double loss = run.losses[k]; std::isfinite(loss))
        axis.low = std::min(axis.low, loss), axis.high = std::max(axis.high, loss);
  return axis.low <= axis.high ? axis : Axis{false, 0, "loss", 0, 1};
}

/// A logarithmic axis for the losses of the runs that stay bounded, and where every run starts. Those that
/// diverge leave it.
Axis axis_for(const std::vector<LossCurve>& runs, std::size_t steps) {
  const auto each = [&](const auto& visit) {
    for (const LossCurve& run : runs)
      for (std::size_t k = 0; k < std::min(run.losses.size(), steps + 1); ++k)
        if (const double loss = run.losses[k]; std::isfinite(loss))
          visit(loss, run.verdict != Verdict::diverges || k == 0);
  };
  const auto diverges = [](const LossCurve& run) { return run.verdict == Verdict::diverges; };
  double lowest = INFINITY, highest = -INFINITY, lowest_of_all = INFINITY;
  each([&](double loss, bool counts) {
    if (counts) lowest = std::min(lowest, loss);
    lowest_of_all = std::min(lowest_of_all, loss);
    highest = std::max(highest, loss);
  });
  const bool all_diverge = std::all_of(runs.begin(), runs.end(), diverges);
  if (!(lowest <= highest) || (all_diverge && lowest_of_all < std::min(lowest, 0.0))) return plain_axis(runs);
  Axis axis;
  if (lowest < 0) axis.offset = lowest;
  double smallest = INFINITY, largest = 0;
  each([&](double loss, bool counts) {
    const double above = loss - axis.offset;
    if (!(above > 0) || !std::isfinite(above)) return;
    smallest = std::min(smallest, above);
    if (counts) largest = std::max(largest, above);
  });
  if (!(largest > 0)) return plain_axis(runs);
  axis.low = std::max(smallest, kDeepest * largest);
  axis.high = largest;
  if (std::any_of(runs.begin(), runs.end(), diverges)) {
    // Room above for what diverges, in proportion to what else there is to see.
    const double room = all_diverge ? 1e8 : std::clamp(std::sqrt(largest / axis.low), 10.0, 1e4);
    axis.high = std::max(std::min(room * largest, highest - axis.offset), largest);
  }
  axis.label = axis.offset < 0 ? "loss above the lowest seen, " + format_number(axis.offset, 4) : "loss";
  axis.label += lowest_of_all - axis.offset < 0    ? ", log scale (0 and less lie below it)"
                : lowest_of_all - axis.offset == 0 ? ", log scale (0 lies below it)"
                                                   : ", log scale";
  return axis;
}

}  // namespace

std::optional<Chart> loss_chart(const std::vector<LossCurve>& all) {
  std::vector<LossCurve> runs;
  std::size_t steps = 0, longest = 0;
  for (std::size_t i = 0; i < std::min(all.size(), kMostCurves); ++i) {
    if (all[i].losses.size() < 2) continue;
    runs.push_back(all[i]);
    steps = std::max(steps, steps_of_interest(all[i]));
    longest = std::max(longest, all[i].losses.size() - 1);
  }
  if (runs.empty()) return {};
  steps = std::min(std::clamp<std::size_t>(steps, 10, kMostSteps), longest);
  const Axis axis = axis_for(runs, steps);
  Chart chart;
  chart.x = {"step", linear_scale(0, static_cast<double>(steps)), {}};
  if (axis.log) {
    const double low = std::log10(axis.low), high = std::log10(axis.high), margin = std::max(0.06 * (high - low), 0.05);
    chart.y = {axis.label, log_scale(low - margin, high + margin), {}};
  } else {
    const double margin = 0.06 * (axis.high / 2 - axis.low / 2) * 2;
    chart.y = {axis.label, linear_scale(axis.low - margin, axis.high + margin), {}};
  }
  const std::size_t stride = std::max<std::size_t>(1, steps / 10);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const LossCurve& run = runs[i];
    const Appearance sign = appearance(run.verdict);
    constexpr Dash kDashes[] = {Dash::solid, Dash::dashed, Dash::dotted};
    const LineLook look = run.look.value_or(LineLook{sign.color, kDashes[i % 3]});
    Chart::Line line{{}, {look.color, 1}, 2, look.dash};
    for (std::size_t k = 0; k < std::min(run.losses.size(), steps + 1); ++k) {
      double loss = run.losses[k] - axis.offset;
      if (std::isinf(loss)) loss = std::copysign(1e300, loss);  // leaves the picture
      if (axis.log && loss <= 0) loss = std::pow(10.0, chart.y.scale.low - (chart.y.scale.high - chart.y.scale.low));
      const Point2 p{static_cast<double>(k), loss};
      line.points.push_back(p);
      if (std::isnan(loss)) break;
      if (k % stride == 0)
        chart.points.push_back({p,
                                sign.shape,
                                3.8,
                                {look.color, 1},
                                "",
                                "step " + std::to_string(k) + ": loss " + format_number(run.losses[k])});
      if (const double at = chart.y.scale.position(loss); run.verdict == Verdict::diverges && (at > 1 || at < 0)) break;
    }
    chart.lines.push_back(std::move(line));
    const std::string name =
        run.name.empty() ? "lr " + format_rate(run.lr, 9) + " " + to_string(run.verdict) : run.name;
    chart.ends.push_back({i, sign.shape, look.color, name});
  }
  return chart;
}

}  // namespace etamax
