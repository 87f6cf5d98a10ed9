#include "etamax/dynamics/observed.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/dynamics/trajectory.h"

namespace etamax {
namespace {

constexpr double kSame = 5e-3;  // numbers in print are rounded

std::string listed(const std::vector<std::vector<double>>& points) {
  std::string text;
  for (const auto& x : points) {
    std::string one;
    for (double v : x) one += (one.empty() ? "" : ", ") + format_number(v);
    text += (text.empty() ? "" : ", ") + (x.size() > 1 ? "(" + one + ")" : one);
  }
  return text;
}

}  // namespace

Observed identify_learning_rate(const Problem& problem, const std::vector<std::vector<double>>& iterates,
                                std::optional<double> claimed, Cost& cost) {
  Observed observed;
  observed.iterates = iterates;
  observed.claimed_lr = claimed;
  Stepper unit(problem.objective, problem.optimizer, problem.values, 1, iterates.front());
  double along = 0, square = 0, low = INFINITY, high = -INFINITY, off = 0;
  for (std::size_t k = 1; k < iterates.size(); ++k) {
    unit.x = iterates[k - 1];
    unit.advance(cost);
    double dot = 0, norm = 0, length = 0;
    for (std::size_t i = 0; i < unit.x.size(); ++i) {
      const double direction = unit.x[i] - iterates[k - 1][i], moved = iterates[k][i] - iterates[k - 1][i];
      dot += moved * direction, norm += direction * direction, length += moved * moved;
    }
    const double lr = dot / norm;
    if (!std::isfinite(lr)) {
      observed.sentence = fmt::format("The numbers {} say nothing about a learning rate: step {} has no direction.",
                                      listed(iterates), k);
      return observed;
    }
    low = std::min(low, lr), high = std::max(high, lr);
    // What the step moved across the direction, relative to the step.
    off = std::max(off, std::sqrt(std::max(0.0, 1 - dot / norm * dot / length)));
    along += dot, square += norm;
  }
  observed.lr_range = {{low, high}};
  observed.consistent = low > 0 && high - low <= kSame * high && off <= 20 * kSame;
  const std::string numbers = "The numbers " + listed(iterates);
  const std::string said = claimed ? fmt::format(", said to be of learning rate {},", format_number(*claimed)) : "";
  if (!observed.consistent) {
    observed.sentence = fmt::format("{}{} are not those of one learning rate of {}: their steps would need {} to {}.",
                                    numbers, said, problem.optimizer.name, format_number(low), format_number(high));
    return observed;
  }
  const double fitted = along / square;
  observed.lr = simplest_between(std::min(low, fitted * (1 - 1e-6)), std::max(high, fitted * (1 + 1e-6)));
  if (!claimed || std::abs(*claimed - *observed.lr) <= kSame * *claimed) {
    observed.sentence = fmt::format("{}{} are those of learning rate {}.", numbers, said, format_number(*observed.lr));
    return observed;
  }
  Stepper right(problem.objective, problem.optimizer, problem.values, *claimed, iterates.front());
  std::vector<std::vector<double>> expected{iterates.front()};
  while (expected.size() < iterates.size()) {
    right.advance(cost);
    expected.push_back(right.x);
  }
  observed.sentence = fmt::format("{}{} are those of learning rate {}. Learning rate {} gives {}.", numbers, said,
                                  format_number(*observed.lr), format_number(*claimed), listed(expected));
  return observed;
}

}  // namespace etamax
