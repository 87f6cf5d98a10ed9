#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "etamax/answers/verdict.h"
#include "etamax/draw/chart.h"

namespace etamax {

struct LineLook {
  Color color = Color::ink;
  Dash dash = Dash::solid;
};

/// The loss after each step of one run, the start included.
struct LossCurve {
  double lr = 0;
  Verdict verdict = Verdict::unclear;
  std::span<const double> losses;
  std::string name{};              ///< at the line's end; "": the learning rate and the verdict
  std::optional<LineLook> look{};  ///< none: the verdict's color, dashes that tell neighbors apart
};

constexpr std::size_t kMostCurves = 12;  ///< that a chart shows

/// One line for each of the first curves. None where no curve has two losses.
std::optional<Chart> loss_chart(const std::vector<LossCurve>& curves);

}  // namespace etamax
