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

/// A step, in parts of its longest coordinate: its square may be beyond the range of numbers, and so may the step.
struct Step {
  std::vector<double> parts;
  double longest = 0;  ///< times `scale`
  double scale = 1;
};
Step step_between(const std::vector<double>& from, const std::vector<double>& to) {
  Step step;
  for (const double scale : {1.0, 2.0}) {  // a half is a number where the whole is none
    step = {{}, 0, scale};
    for (std::size_t i = 0; i < from.size(); ++i) {
      step.parts.push_back(scale == 1 ? to[i] - from[i] : to[i] / scale - from[i] / scale);
      step.longest = std::max(step.longest, std::abs(step.parts.back()));
    }
    if (std::isfinite(step.longest)) break;
  }
  if (step.longest > 0)
    for (double& part : step.parts) part /= step.longest;
  return step;
}

/// A step beside that of learning rate 1.
struct Compared {
  double lr = NAN;  ///< how many times that it goes along it
  double off = 0;   ///< what it moves across, relative to its length
};
Compared compare(const Step& step, const Step& unit) {
  double dot = 0, norm = 0, length = 0;
  for (std::size_t i = 0; i < step.parts.size(); ++i) {
    const double m = step.parts[i], u = unit.parts[i];
    dot += m * u, norm += u * u, length += m * m;
  }
  const double off = length > 0 ? std::sqrt(std::max(0.0, 1 - dot / norm * dot / length)) : 0;
  return {dot / norm * (step.longest / unit.longest) * (step.scale / unit.scale), off};
}

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
  double low = INFINITY, high = -INFINITY, off = 0, longest = 0;
  std::vector<std::pair<double, double>> fits;  // rates, and the lengths of the unit steps
  for (std::size_t k = 1; k < iterates.size(); ++k) {
    unit.x = iterates[k - 1];
    unit.advance(cost);
    const Step step = step_between(iterates[k - 1], unit.x);
    const auto [lr, across] = compare(step_between(iterates[k - 1], iterates[k]), step);
    if (!std::isfinite(lr)) {
      const bool beyond = step.longest != 0;
      observed.sentence =
          fmt::format("The numbers {} say nothing about a learning rate: step {} {}.", points_text(iterates), k,
                      beyond ? "is beyond the machine's numbers, which end at 1.8e308" : "has no direction");
      return observed;
    }
    low = std::min(low, lr), high = std::max(high, lr), off = std::max(off, across);
    fits.emplace_back(lr, step.longest), longest = std::max(longest, step.longest);
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
  double along = 0, square = 0;
  for (const auto& [lr, length] : fits) {  // the longer a step is, the more it says
    const double weight = length / longest * (length / longest);
    along += lr * weight, square += weight;
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
