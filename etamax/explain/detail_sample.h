#pragma once

#include <optional>
#include <span>

#include "etamax/answers/explanation.h"
#include "etamax/expr/function.h"

/// The objective where a picture shows it: around the iterates and the minimizers of all these answers, which share
/// variables and start.
namespace etamax {

/// None where there is not exactly one variable.
std::optional<CurveSample> sample_curve(std::span<const Explanation> answers, const Function& f);
/// None where there are not exactly two.
std::optional<GridSample> sample_grid(std::span<const Explanation> answers, const Function& f);

}  // namespace etamax
