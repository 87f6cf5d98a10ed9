#include "etamax/dynamics/trajectory.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace etamax {

double distance(std::span<const double> a, std::span<const double> b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

double size_of(std::span<const double> a) {
  double largest = 0;
  for (double v : a) largest = std::max(largest, std::abs(v));
  return largest;
}

bool all_finite(std::span<const double> a) {
  return std::all_of(a.begin(), a.end(), [](double v) { return std::isfinite(v); });
}

BoundingBox::BoundingBox(std::size_t dimension)
    : low(dimension, std::numeric_limits<double>::infinity()),
      high(dimension, -std::numeric_limits<double>::infinity()) {}

void BoundingBox::include(std::span<const double> point) {
  for (std::size_t i = 0; i < point.size(); ++i) {
    low[i] = std::min(low[i], point[i]);
    high[i] = std::max(high[i], point[i]);
  }
}

double BoundingBox::extent() const {
  double largest = 0;
  for (std::size_t i = 0; i < low.size(); ++i) largest = std::max(largest, high[i] - low[i]);
  return largest;
}

void Trajectory::append(std::span<const double> point, double loss) {
  coordinates_.insert(coordinates_.end(), point.begin(), point.end());
  losses_.push_back(loss);
}

double Trajectory::step_length(std::size_t k) const { return distance(point(k), point(k - 1)); }

BoundingBox Trajectory::box(std::size_t from, std::size_t to) const {
  BoundingBox box(dimension_);
  for (std::size_t k = from; k < to; ++k) box.include(point(k));
  return box;
}

int Trajectory::period(int longest, double tolerance) const {
  const std::size_t n = size();
  std::size_t seen = n;  // the box from here on is known: with each p it grows by three points
  BoundingBox box(dimension_);
  for (std::size_t p = 1; p <= static_cast<std::size_t>(longest) && n > 3 * p + 1; ++p) {
    const std::size_t from = n - (2 * p + 1);
    while (seen > from - p) box.include(point(--seen));
    const double allowed = tolerance * box.extent();
    bool repeats = true;
    for (std::size_t k = n; repeats && k-- > from;) repeats = distance(point(k), point(k - p)) <= allowed;
    if (repeats) return static_cast<int>(p);
  }
  return 0;
}

Stepper::Stepper(const Differentiable& objective, const OptimizerSpec& optimizer, const HyperparameterValues& values,
                 double lr, std::span<const double> start)
    : x(start.begin(), start.end()),
      state(start.size() * static_cast<std::size_t>(optimizer.state_vectors), 0.0),
      objective_(&objective),
      optimizer_(&optimizer),
      values_(&values),
      lr_(lr),
      gradient_(start.size()) {}

void Stepper::advance(Cost& cost) {
  objective_->gradient(x, gradient_);
  ++cost.gradients;
  optimizer_->step(*values_, lr_, ++step_, gradient_, x, state);
}

namespace {

/// Which coordinates the next steps change: where a slope is exactly 0 a run stays for ever, be it unstable.
std::vector<bool> moving(Stepper stepper, Cost& cost) {
  constexpr int kSteps = 64;
  const std::vector<double> start = stepper.x;
  std::vector<bool> moves(start.size(), false);
  for (int k = 0; k < kSteps; ++k) {
    stepper.advance(cost);
    for (std::size_t i = 0; i < start.size(); ++i) moves[i] = moves[i] || stepper.x[i] != start[i];
  }
  return moves;
}

}  // namespace

std::optional<LyapunovEstimate> lyapunov_exponent(const Stepper& stepper, double extent, Cost& cost) {
  constexpr int kBlocks = 8, kSteps = 500;
  constexpr double kGap = 1e-8;  // of the extent: as far from what is not linear as from rounding
  Stepper a = stepper, b = stepper;
  const double gap = kGap * extent;
  const std::vector<bool> moves = moving(stepper, cost);
  for (std::size_t i = 0; i < moves.size(); ++i)
    if (moves[i]) b.x[i] += gap;
  double mean = 0, square = 0;
  for (int block = 0; block < kBlocks; ++block) {
    double sum = 0;
    for (int k = 0; k < kSteps; ++k) {
      a.advance(cost);
      b.advance(cost);
      const double apart = distance(a.x, b.x);
      if (!(apart > 0) || !std::isfinite(apart)) return {};
      sum += std::log(apart / gap);
      const auto bring_back = [&](std::vector<double>& to, const std::vector<double>& from) {
        for (std::size_t i = 0; i < to.size(); ++i) to[i] = from[i] + (to[i] - from[i]) * (gap / apart);
      };
      bring_back(b.x, a.x);
      bring_back(b.state, a.state);
    }
    const double exponent = sum / kSteps;
    mean += exponent / kBlocks;
    square += exponent * exponent / kBlocks;
  }
  return LyapunovEstimate{mean, std::sqrt(std::max(0.0, square - mean * mean) / (kBlocks - 1))};
}

}  // namespace etamax
