#include "etamax/dynamics/walk.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace etamax {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr long kQuietSteps = 130;  // longer than twice any period that is looked for

enum class Skip { nothing, to_nonlinearity, to_infinity };

/// Where the run grows along the linear law: moves it out along its growing directions to where the law
/// begins to fail.
Skip skip_ahead(Stepper& stepper, const Descent& descent, const LocalTheory& theory, Cost& cost) {
  constexpr double kLinear = 1e-3, kBends = 2e-2, kRounding = 1e-10, kFar = 1e140;
  const std::vector<double> growing = theory.growing_part(stepper.x, stepper.lr());
  const double away = distance(stepper.x, descent.point), size = size_of(growing);
  if (!(size > kRounding * away) || size <= 1e3 * kEpsilon * size_of(descent.point)) return Skip::nothing;
  const auto bend_at = [&](double scale) {
    double worst = 0;
    for (const double side : {-scale, scale}) {
      std::vector<double> x = descent.point;
      for (std::size_t i = 0; i < x.size(); ++i) x[i] += side * growing[i];
      ++cost.gradients;
      worst = std::max(worst, theory.nonlinearity(x));
    }
    return worst;
  };
  if (theory.nonlinearity(stepper.x) > kLinear || bend_at(1) > kLinear) return Skip::nothing;
  double scale = 1;
  while (scale * size < kFar && bend_at(2 * scale) <= kBends) scale *= 2;
  if (scale * size >= kFar) return Skip::to_infinity;
  for (std::size_t i = 0; i < growing.size(); ++i) stepper.x[i] = descent.point[i] + scale * growing[i];
  for (double& s : stepper.state) s *= scale;
  return Skip::to_nonlinearity;
}

/// One stretch of a walk, which appends to `path` until something ends it.
class Stretch {
 public:
  Stretch(Stepper& stepper, const Descent& descent, const LocalTheory& theory, const WalkOptions& options, Cost& cost)
      : stepper_(stepper), descent_(descent), theory_(theory), options_(options), cost_(cost) {
    memoryless_ = stepper.optimizer().state_vectors == 0;
    // A running size of the gradients forgets so slowly that a quiet stretch proves nothing: such a run is followed to
    // its end.
    may_settle_ = !stepper.optimizer().preconditioner;
    if (theory.applies()) radius_ = theory.radius(stepper.lr());
  }

  Walk::End run(Trajectory& path, Walk& walk, bool may_skip) {
    path.append(stepper_.x, loss());
    for (long k = 1; k <= options_.max_steps; ++k) {
      stepper_.advance(cost_);
      path.append(stepper_.x, all_finite(stepper_.x) ? loss() : std::numeric_limits<double>::infinity());
      if (!all_finite(stepper_.x) || !std::isfinite(path.loss(path.size() - 1))) return ended(walk);
      if (const auto end = may_settle_ ? settled(path) : std::nullopt; end && k >= options_.min_steps) return *end;
      if (k % 1024 == 0)
        report_progress(options_.progress, static_cast<double>(k) / static_cast<double>(options_.max_steps));
      if (k % 512 == 0 && memoryless_ && path.period(64, 0) > 1) return Walk::End::repeats;
      if (k < std::max(16L, options_.min_steps) || (k < 512 ? (k & (k - 1)) != 0 : k % 512 != 0) || !theory_.applies())
        continue;
      if (options_.stop_when_certain && contracts()) return Walk::End::contracts;
      if (may_skip && radius_ > 1 + 1e-13) {
        const Skip skip = skip_ahead(stepper_, descent_, theory_, cost_);
        if (skip == Skip::to_infinity) return Walk::End::escapes;
        if (skip == Skip::to_nonlinearity) {
          walk.continued.emplace(path.dimension());
          return run(*walk.continued, walk, false);
        }
      }
    }
    return theory_.applies() && contracts() ? Walk::End::contracts : Walk::End::used_up;
  }

 private:
  double loss() {
    ++cost_.forwards;
    return stepper_.objective().value(stepper_.x);
  }

  Walk::End ended(Walk& walk) const {
    if (all_finite(stepper_.x)) walk.fault = stepper_.objective().domain_fault(stepper_.x);
    return walk.fault ? Walk::End::left_domain : Walk::End::overflowed;
  }

  std::optional<Walk::End> settled(const Trajectory& path) {
    const std::size_t n = path.size();
    const double moved = path.step_length(n - 1);
    still_ = moved == 0 ? still_ + 1 : 0;
    if (still_ > (memoryless_ ? 3 : kQuietSteps)) return Walk::End::stands_still;
    farthest_ = std::max({farthest_, moved, distance(path.back(), path.point(0))});
    if (descent_.outcome != Descent::Outcome::minimum) return {};
    const double near = kTolerance * farthest_ + 8 * kEpsilon * size_of(descent_.point);
    arrived_ = distance(stepper_.x, descent_.point) <= near ? arrived_ + 1 : 0;
    // A memoryless step that is attracted stays; momentum may pass through at speed, and a sign method hops
    // away again.
    const bool stays = memoryless_ && radius_ < 1;
    if (arrived_ > (stays ? 3 : kQuietSteps)) return Walk::End::arrived;
    return {};
  }

  /// The linear law holds so well here that what is left of it cannot undo its contraction. With a memory
  /// that is asked of an exactly linear step only.
  bool contracts() {
    if (!(radius_ < 1 - 1e-13)) return false;
    ++cost_.gradients;
    const double bend = theory_.nonlinearity(stepper_.x);
    if (!memoryless_) return bend <= 1e-10;
    return stepper_.lr() * bend * descent_.eigenvalues.back() <= 0.1 * (1 - radius_);
  }

  Stepper& stepper_;
  const Descent& descent_;
  const LocalTheory& theory_;
  const WalkOptions& options_;
  Cost& cost_;
  bool memoryless_ = true, may_settle_ = true;
  double radius_ = std::numeric_limits<double>::infinity();
  double farthest_ = 0;
  long still_ = 0, arrived_ = 0;
};

}  // namespace

Walk walk(Stepper& stepper, const Descent& descent, const LocalTheory& theory, const WalkOptions& options, Cost& cost) {
  Walk result{Walk::End::used_up, Trajectory(stepper.x.size()), {}, {}};
  result.end = Stretch(stepper, descent, theory, options, cost).run(result.path, result, true);
  return result;
}

}  // namespace etamax
