#include "etamax/dynamics/observed.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/dynamics/trajectory.h"

namespace etamax {
namespace {

constexpr double kSame = 5e-3;          // numbers in print are rounded
constexpr double kAcross = 20 * kSame;  // of a step: so is their direction, and the more so the shorter the step
constexpr double kExact = 1e-6;         // where numbers are not rounded, the range of rates is no wider than this

std::string points_text(const std::vector<std::vector<double>>& points) {
  std::vector<std::string> texts;
  for (const auto& x : points) {
    const std::string one = joined(number_texts(x));
    texts.push_back(x.size() > 1 ? "(" + one + ")" : one);
  }
  return joined(texts);
}

}  // namespace

Observed identify_learning_rate(const Experiment& experiment, const std::vector<std::vector<double>>& iterates,
                                std::optional<double> claimed, Cost& cost) {
  Observed observed;
  observed.iterates = iterates;
  observed.claimed_lr = claimed;
  Stepper unit(experiment.objective, experiment.optimizer, experiment.values, 1, iterates.front());
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
                                      points_text(iterates), k);
      return observed;
    }
    low = std::min(low, lr), high = std::max(high, lr);
    // What the step moved across the direction, relative to the step.
    off = std::max(off, std::sqrt(std::max(0.0, 1 - dot / norm * dot / length)));
    along += dot, square += norm;
  }
  observed.lr_range = {{low, high}};
  observed.consistent = low > 0 && high - low <= kSame * high && off <= kAcross;
  const std::string numbers = "The numbers " + points_text(iterates);
  const std::string said = claimed ? fmt::format(", said to be of learning rate {},", format_number(*claimed)) : "";
  if (!observed.consistent) {
    observed.sentence = fmt::format("{}{} are not those of one learning rate of {}: their steps would need {}.",
                                    numbers, said, experiment.optimizer.name, rounded_out({low, high}));
    return observed;
  }
  const double fitted = along / square;
  observed.lr = simplest_between(std::min(low, fitted * (1 - kExact)), std::max(high, fitted * (1 + kExact)));
  if (!claimed || std::abs(*claimed - *observed.lr) <= kSame * *claimed) {
    observed.sentence = fmt::format("{}{} are those of learning rate {}.", numbers, said, format_number(*observed.lr));
    return observed;
  }
  Stepper right(experiment.objective, experiment.optimizer, experiment.values, *claimed, iterates.front());
  std::vector<std::vector<double>> expected{iterates.front()};
  while (expected.size() < iterates.size()) {
    right.advance(cost);
    expected.push_back(right.x);
  }
  observed.sentence = fmt::format("{}{} are those of learning rate {}. Learning rate {} gives {}.", numbers, said,
                                  format_number(*observed.lr), format_number(*claimed), points_text(expected));
  return observed;
}

}  // namespace etamax
