#include "etamax/dynamics/iteration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "etamax/core/format.h"

namespace etamax {
namespace {

using End = Iteration::End;

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

// How many steps in a row make a run quiet. A step without memory that has come to rest stays there: a few, in case
// it only passed. With a memory, more than two rounds of the longest period: it may come back at speed.
constexpr long kFewQuietSteps = 3, kQuietSteps = 130;
static_assert(kQuietSteps > 2 * kLongestPeriod);
/// The last digits of the minimizer's own coordinates, in which a run near it may wander.
constexpr double kRounding = 8 * kEpsilon;
/// A spectral radius that is nearer to 1 than this is 1, to rounding.
constexpr double kUnit = 1e-13;
/// A gradient that strays less than this from the linear law is linear, to rounding.
constexpr double kExactlyLinear = 1e-10;
/// The share of the contraction that what is not linear may undo.
constexpr double kHarmless = 0.1;
// The dear questions are asked after 16, 32, ..., 256 steps, and every 512 from there on.
constexpr long kFirstQuestion = 16, kQuestions = 512, kProgressReports = 1024;

bool asks_now(long step) {
  if (step < kFirstQuestion) return false;
  return step < kQuestions ? (step & (step - 1)) == 0 : step % kQuestions == 0;
}

enum class Skip { nothing, to_nonlinearity, to_infinity };

struct SkipResult {
  Skip skip = Skip::nothing;
  bool lands_on_run = false;
};

/// Where the run grows along the linear law: moves it out along its growing directions to where the law begins to fail,
/// if `steps_left` steps do not lead there. Without a memory it lands on a point of the run, unless the law fails
/// before.
SkipResult skip_ahead(Stepper& stepper, const Descent& descent, const LocalTheory& theory, double steps_left,
                      Cost& cost) {
  constexpr double kLinear = 1e-3;     // the law holds: the gradient strays by less than this
  constexpr double kBends = 2e-2;      // the law begins to fail
  constexpr double kGrowing = 1e-10;   // a growing part below this share of the distance is rounding
  constexpr double kDistinct = 1e3;    // and so is one of fewer than this many last digits of the minimizer
  constexpr double kInfinity = 1e140;  // squares of such distances are near the largest number
  const std::vector<double> growing = theory.growing_part(stepper.x, stepper.lr());
  const double away = distance(stepper.x, descent.point), size = size_of(growing);
  if (!(size > kGrowing * away) || size <= kDistinct * kEpsilon * size_of(descent.point)) return {};
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
  const auto overflows_at = [&](double scale) {
    std::vector<double> x = descent.point, g(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += scale * growing[i];
    ++cost.gradients;
    stepper.objective().gradient(x, g);
    return !stepper.objective().domain_fault(x) &&
           std::any_of(g.begin(), g.end(), [](double slope) { return std::isinf(slope); });
  };
  if (theory.nonlinearity(stepper.x) > kLinear || bend_at(1) > kLinear) return {};
  double scale = 1;
  while (scale * size < kInfinity && bend_at(2 * scale) <= kBends) scale *= 2;
  if (scale * size >= kInfinity || overflows_at(2 * scale)) return {Skip::to_infinity};
  const double steps = std::floor(std::log(scale) / std::log(theory.radius(stepper.lr())));
  if (!(steps > steps_left)) return {};
  const bool exact = stepper.state.empty() && bend_at(scale) <= kExactlyLinear;
  if (stepper.state.empty()) {
    stepper.x = theory.after(stepper.x, stepper.lr(), steps);
  } else {
    for (std::size_t i = 0; i < growing.size(); ++i) stepper.x[i] = descent.point[i] + scale * growing[i];
    for (double& s : stepper.state) s *= scale;
  }
  return {Skip::to_nonlinearity, exact};
}

/// Makes the steps, and keeps what its questions need from one step to the next.
class Loop {
 public:
  Loop(const Experiment& experiment, Stepper& stepper, const IterationOptions& options, Cost& cost)
      : experiment_(experiment),
        stepper_(stepper),
        descent_(experiment.descent),
        theory_(experiment.theory),
        options_(options),
        cost_(cost),
        memoryless_(experiment.optimizer.state_vectors == 0),
        may_settle_(!experiment.optimizer.preconditioner) {
    if (theory_.applies()) radius_ = theory_.radius(stepper.lr());
  }

  /// Appends to `path`, which is one of `result`, until something ends it.
  End run(Trajectory& path, Iteration& result, bool may_skip) {
    path.append(stepper_.x, loss());
    for (long k = 1; k <= options_.max_steps; ++k) {
      stepper_.advance(cost_);
      path.append(stepper_.x, all_finite(stepper_.x) ? loss() : std::numeric_limits<double>::infinity());
      if (!all_finite(stepper_.x) || !std::isfinite(path.loss(path.size() - 1))) return not_finite(path, result);
      if (const auto end = may_settle_ ? quiet(path) : std::nullopt) return *end;
      if (k % kProgressReports == 0)
        report_progress(options_.progress, static_cast<double>(k) / static_cast<double>(options_.max_steps), [&, k] {
          return fmt::format("lr {}, step {} of {}", format_number(stepper_.lr()), k, options_.max_steps);
        });
      if (k % kQuestions == 0 && memoryless_ && path.period(kLongestPeriod, 0) > 1) return End::repeats;
      if (!asks_now(k) || !theory_.applies()) continue;
      if (options_.stop_when_certain && contracts()) return End::contracts;
      if (may_skip && radius_ > 1 + kUnit) {
        const double steps_left = static_cast<double>(options_.max_steps - k);
        const SkipResult found = skip_ahead(stepper_, descent_, theory_, steps_left, cost_);
        if (found.skip == Skip::to_infinity) return End::escapes;
        if (found.skip == Skip::to_nonlinearity) {
          result.lands_on_run = found.lands_on_run;
          result.continued.emplace(path.dimension());
          return run(*result.continued, result, false);
        }
      }
    }
    return theory_.applies() && contracts() ? End::contracts : End::used_up;
  }

 private:
  double loss() {
    ++cost_.forwards;
    return stepper_.objective().value(stepper_.x);
  }

  /// A finite slope makes no step where what divides it is 0, or the root of what rounding has made negative.
  std::string step_fault(std::span<const double> before) const {
    const OptimizerSpec& optimizer = experiment_.optimizer;
    std::vector<double> slope(before.size()), divisor(before.size());
    experiment_.decayed.gradient(before, slope);
    if (!optimizer.preconditioner || !all_finite(slope)) return "";
    optimizer.preconditioner(experiment_.values, stepper_.step(), stepper_.state, divisor);
    for (const double d : divisor) {
      if (d == 0) return "the running size of the slopes, by which the optimizer divides, is 0";
      if (std::isnan(d))
        return "the running size of the slopes, by which the optimizer divides, is no number, by rounding";
    }
    return "";
  }

  End not_finite(const Trajectory& path, Iteration& result) const {
    result.step_fault = all_finite(stepper_.x) ? "" : step_fault(path.point(path.size() - 2));
    if (!result.step_fault.empty()) return End::no_step;
    if (all_finite(stepper_.x)) result.fault = stepper_.objective().domain_fault(stepper_.x);
    return result.fault ? End::left_domain : End::overflowed;
  }

  std::optional<End> quiet(const Trajectory& path) {
    const double moved = path.step_length(path.size() - 1);
    still_ = moved == 0 ? still_ + 1 : 0;
    if (still_ > (memoryless_ ? kFewQuietSteps : kQuietSteps)) return End::stands_still;
    farthest_ = std::max({farthest_, moved, distance(path.back(), path.point(0))});
    if (descent_.outcome != Descent::Outcome::minimum) return {};
    const double near = kTolerance * farthest_ + kRounding * size_of(descent_.point);
    arrived_ = distance(stepper_.x, descent_.point) <= near ? arrived_ + 1 : 0;
    // A memoryless step that is attracted stays; momentum may pass through at speed, and a sign method hops
    // away again.
    const bool stays = memoryless_ && radius_ < 1;
    if (arrived_ > (stays ? kFewQuietSteps : kQuietSteps)) return End::arrived;
    return {};
  }

  /// The linear law holds so well here that what is left of it cannot undo its contraction. With a memory
  /// that is asked of an exactly linear step only.
  bool contracts() {
    if (!(radius_ < 1 - kUnit)) return false;
    ++cost_.gradients;
    const double bend = theory_.nonlinearity(stepper_.x);
    if (!memoryless_) return bend <= kExactlyLinear;
    return stepper_.lr() * bend * descent_.eigenvalues.back() <= kHarmless * (1 - radius_);
  }

  const Experiment& experiment_;
  Stepper& stepper_;
  const Descent& descent_;
  const LocalTheory& theory_;
  const IterationOptions& options_;
  Cost& cost_;
  const bool memoryless_;
  /// False where a running size of the gradients divides the step: it forgets so slowly that a quiet stretch proves
  /// nothing, and such a run is followed to its end.
  const bool may_settle_;
  double radius_ = std::numeric_limits<double>::infinity();
  double farthest_ = 0;
  long still_ = 0, arrived_ = 0;
};

}  // namespace

Iteration iterate(const Experiment& experiment, Stepper& stepper, const IterationOptions& options, Cost& cost) {
  Iteration result{End::used_up, Trajectory(stepper.x.size()), {}, true, {}, {}};
  result.end = Loop(experiment, stepper, options, cost).run(result.path, result, true);
  return result;
}

}  // namespace etamax
