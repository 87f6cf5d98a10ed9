#pragma once

#include <optional>
#include <span>
#include <vector>

#include "etamax/answers/explanation.h"
#include "etamax/core/differentiable.h"
#include "etamax/optim/optimizer.h"

namespace etamax {

/// The smallest box, its sides along the axes, that holds the points included so far.
struct BoundingBox {
  explicit BoundingBox(std::size_t dimension);

  void include(std::span<const double> point);
  /// The largest side; 0 of no points.
  double extent() const;

  std::vector<double> low, high;
};

/// The points that a run has visited, from the start on, with the loss at each.
class Trajectory {
 public:
  explicit Trajectory(std::size_t dimension) : dimension_(dimension) {}

  void append(std::span<const double> point, double loss);

  std::size_t dimension() const { return dimension_; }
  std::size_t size() const { return losses_.size(); }
  std::span<const double> point(std::size_t k) const { return {coordinates_.data() + k * dimension_, dimension_}; }
  std::span<const double> back() const { return point(size() - 1); }
  double loss(std::size_t k) const { return losses_[k]; }

  /// The length of the step that led to point k >= 1.
  double step_length(std::size_t k) const;
  /// The box that holds the points [from, to), and its largest side.
  BoundingBox box(std::size_t from, std::size_t to) const;
  double extent(std::size_t from, std::size_t to) const { return box(from, to).extent(); }
  /// Smallest p in 1..`longest` with which the last points repeat: over two periods no coordinate changes by
  /// more than `tolerance` times the extent of those points. 0: none. 1: the points stand still.
  int period(int longest, double tolerance) const;

 private:
  std::size_t dimension_;
  std::vector<double> coordinates_, losses_;
};

/// Maximum norm of a - b, and of a.
double distance(std::span<const double> a, std::span<const double> b);
double size_of(std::span<const double> a);
bool all_finite(std::span<const double> a);

/// An optimizer at work: the point it moves, and its state.
class Stepper {
 public:
  Stepper(const Differentiable& objective, const OptimizerSpec& optimizer, const HyperparameterValues& values,
          double lr, std::span<const double> start);

  /// One step: one gradient. Does not look at whether it is finite.
  void advance(Cost& cost);

  const Differentiable& objective() const { return *objective_; }
  const OptimizerSpec& optimizer() const { return *optimizer_; }
  double lr() const { return lr_; }
  long step() const { return step_; }  ///< how many steps were made
  std::vector<double> x, state;

 private:
  const Differentiable* objective_;
  const OptimizerSpec* optimizer_;
  const HyperparameterValues* values_;
  double lr_;
  long step_ = 0;
  std::vector<double> gradient_;
};

/// Largest Lyapunov exponent per step of the run that `stepper` stands in, by two neighboring runs that are
/// brought back together after each step (Benettin et al., Meccanica 15, 1980): the mean over blocks of
/// steps, and its standard error. `extent` is the size of the region that the run stays in. None where the
/// neighbors meet or leave.
struct LyapunovEstimate {
  double exponent = 0, standard_error = 0;
};
std::optional<LyapunovEstimate> lyapunov_exponent(const Stepper& stepper, double extent, Cost& cost);

}  // namespace etamax
