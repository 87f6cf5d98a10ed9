#pragma once

#include <optional>
#include <span>
#include <vector>

#include "etamax/answers/verdict.h"
#include "etamax/draw/chart.h"

namespace etamax {

/// The loss after each step of one run, the start included.
struct LossCurve {
  double lr = 0;
  Verdict verdict = Verdict::unclear;
  std::span<const double> losses;
};

constexpr std::size_t kMostCurves = 12;  ///< that a chart shows

/// One line for each of the first curves. None where no curve has two losses.
std::optional<Chart> loss_chart(const std::vector<LossCurve>& curves);

}  // namespace etamax
