#pragma once

#include <Eigen/Core>
#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace etamax {

/// A search looks at runs after these shares of the horizon: a 16th, an 8th, a quarter, a half, all of it.
inline constexpr int kShares = 5;
inline constexpr int kWhole = kShares - 1;

/// What is known of a rule's rates before any run.
enum class RuleKind { plain, adaptive, running, sign, unknown };
struct UsualRate {
  RuleKind kind = RuleKind::unknown;
  double octave = 0;  ///< log2 of the rate that people begin with
};
/// By the optimizer's name; of another one that it is unknown.
UsualRate usual_rate(const std::string& optimizer);
/// log2 of where the best rate is to be expected: by the usual one and, where that is known, by `bound`: log2 of the
/// smaller of the edge and Polyak's rate at the start.
double expected_octave(const UsualRate& usual, const double* bound);

/// How far a run has come: 1 at no loss, 0 at the loss of the best constant predictor, and below 0 by a quarter of the
/// logarithm above that; from -1 to 1. `floor` is subtracted from both losses; a loss that is not finite counts as
/// lost.
double progress_of(double loss, double constant, double floor = 0);
double loss_of(double progress, double constant, double floor = 0);
inline constexpr double kLostProgress = -0.5;

/// The recorded tasks of bench/tune/zoo to learn from: of each, over half octaves around its best rate, the mean
/// progress and what it varies by. Progress is that between the start's and 1: (p - p0) / (1 - p0).
class Prior {
 public:
  static constexpr int kHalfWidth = 56;  ///< half octaves; beyond what was recorded, its last value
  static constexpr int kPlaces = 2 * kHalfWidth + 1;
  using Curve = Eigen::Array<float, kPlaces, 1>;
  struct Task {
    std::string name;
    RuleKind kind = RuleKind::unknown;
    bool full_batch = false, decays = false;
    double start = 0;                     ///< progress before the first step
    std::array<Curve, kShares> mean;      ///< place kHalfWidth: the best rate
    std::array<Curve, kShares> variance;  ///< over starts
    std::array<Curve, kShares> misfit;    ///< deviation by which another task's curve differs from this one
    std::array<Curve, kShares> weight;    ///< 1 / (2 (variance + misfit^2)): of an observation
    std::array<Curve, kShares> norm;      ///< log(variance + misfit^2) / 2
    Curve fails;                          ///< share of starts that end no better than a constant
  };

  static const Prior& learned();
  /// Without the tasks of that name: to ask how a task that was learned from would have fared.
  Prior without(const std::string& name) const;
  std::span<const std::shared_ptr<const Task>> tasks() const { return tasks_; }

 private:
  std::vector<std::shared_ptr<const Task>> tasks_;
};

}  // namespace etamax
