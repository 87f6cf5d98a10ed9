#include "etamax/dynamics/judge.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace etamax {
namespace {

using Point = std::vector<double>;
using Outcome = Descent::Outcome;

constexpr int kLongestPeriod = 64;
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

Point copy(std::span<const double> x) { return {x.begin(), x.end()}; }

/// The coordinate that says most about a run around `centre`: the one that is farthest from it in the middle.
std::size_t telling_axis(const Trajectory& path, std::span<const double> centre) {
  const auto middle = path.point(path.size() / 2);
  std::size_t axis = 0;
  for (std::size_t j = 1; j < centre.size(); ++j)
    if (std::abs(middle[j] - centre[j]) > std::abs(middle[axis] - centre[axis])) axis = j;
  return axis;
}

/// Whether the second half of points [0, end) changes sides of `centre`.
Mode mode_of(const Trajectory& path, std::size_t end, std::span<const double> centre) {
  const std::size_t axis = telling_axis(path, centre);
  for (std::size_t k = std::max<std::size_t>(end / 2, 1); k < end; ++k)
    if ((path.point(k)[axis] - centre[axis]) * (path.point(k - 1)[axis] - centre[axis]) < 0) return Mode::oscillating;
  return Mode::monotone;
}

/// The factor from one distance to `centre` to the next over the last of the points [0, end), signed in one
/// dimension. Where the factor changes from step to step but its mean does not, the mean; none where that
/// changes too.
std::optional<double> steady_factor(const Trajectory& path, std::size_t end, std::span<const double> centre) {
  constexpr std::size_t kLast = 8;
  constexpr double kSame = 1e-3;
  if (end < 4) return {};
  const auto away = [&](std::size_t k) { return distance(path.point(k), centre); };
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (std::size_t k = end - std::min(kLast, end - 1); k < end; ++k) {
    double ratio = away(k) / away(k - 1);
    if (path.dimension() == 1 && (path.point(k)[0] - centre[0]) * (path.point(k - 1)[0] - centre[0]) < 0)
      ratio = -ratio;
    low = std::min(low, ratio);
    high = std::max(high, ratio);
  }
  if (high - low <= kSame * std::max(std::abs(low), std::abs(high))) return (low + high) / 2;
  // Complex multipliers beat: compare the largest distances over whole windows.
  const std::size_t window = end / 6;
  if (window < 16) return {};
  const auto largest = [&](std::size_t from) {
    double d = 0;
    for (std::size_t k = from; k < from + window; ++k) d = std::max(d, away(k));
    return d;
  };
  const double first = largest(end - 3 * window), second = largest(end - 2 * window), third = largest(end - window);
  const double early = std::log(second / first) / static_cast<double>(window),
               late = std::log(third / second) / static_cast<double>(window);
  if (!std::isfinite(early) || !std::isfinite(late) || std::abs(early - late) > 0.05 * std::abs(late)) return {};
  return std::exp((early + late) / 2);
}

class Judge {
 public:
  Judge(Run& run, const Walk& walk, const Stepper& stepper, const Descent& descent, const LocalTheory& theory,
        Cost& cost)
      : run_(run), walk_(walk), path_(walk.last()), stepper_(stepper), descent_(descent), theory_(theory), cost_(cost) {
    run_.skipped_ahead = walk.continued.has_value() || walk.end == Walk::End::escapes;
  }

  void decide() {
    switch (walk_.end) {
      case Walk::End::left_domain:
        return leave_domain();
      case Walk::End::overflowed:
        return diverge(path_.size() - 1);
      case Walk::End::escapes:
        return escape();
      case Walk::End::arrived:
        return converge(descent_, true);
      case Walk::End::contracts:
        return converge(descent_, false);
      case Walk::End::stands_still:
        return rest();
      case Walk::End::repeats:
        return cycle(path_.period(kLongestPeriod, 0));
      case Walk::End::used_up:
        return weigh();
    }
  }

 private:
  /// A smaller learning rate would end well from here.
  bool blames_learning_rate() const {
    return descent_.outcome == Outcome::minimum || descent_.outcome == Outcome::drifts;
  }

  void leave_domain() {
    run_.verdict = Verdict::undefined;
    run_.bad_step = static_cast<long>(walk_.path.size()) - 1;
    // At the edge of the domain every learning rate steps out sooner or later.
    if (blames_learning_rate() && !descent_.at_domain_edge) run_.cause = Cause::learning_rate;
    if (descent_.outcome == Outcome::unbounded_below) run_.cause = Cause::unbounded_below;
    run_.rate_reason = "the run ends";
  }

  /// Leaves every bounded region; the points [0, end) are finite.
  void diverge(std::size_t end) {
    run_.verdict = Verdict::diverges;
    run_.cause = blames_learning_rate() ? Cause::learning_rate : Cause::unbounded_below;
    if (walk_.end == Walk::End::overflowed) run_.bad_step = static_cast<long>(walk_.path.size()) - 1;
    const Point centre = descent_.outcome == Outcome::minimum ? descent_.point : copy(path_.point(0));
    run_.rate = steady_factor(path_, end, centre);
    if (run_.rate && std::abs(*run_.rate) <= 1) run_.rate.reset();
    snap_rate();
    run_.rate_reason = "the factor grows from step to step";
    run_.mode = run_.rate && *run_.rate < 0 ? Mode::oscillating : mode_of(path_, end, centre);
  }

  void escape() {
    diverge(path_.size());
    double worst = 0;
    for (std::size_t i = 0; i < descent_.eigenvalues.size(); ++i)
      if (const double m = theory_.multiplier(i, run_.lr); std::abs(m) > std::abs(worst)) worst = m;
    run_.rate = path_.dimension() == 1 ? worst : std::abs(worst);
    if (worst < 0) run_.mode = Mode::oscillating;
  }

  /// Tends to the end of `end`, a descent from where the run is; `reached`: it is there within the tolerance.
  void converge(const Descent& end, bool reached) {
    run_.verdict = Verdict::converges;
    run_.reached_tolerance = reached;
    run_.limit = end.point;
    run_.kind = end.kind;
    // A flat place as low as the minimum is its bottom.
    const bool flat_bottom = !descent_.smooth || descent_.eigenvalues.empty() || descent_.eigenvalues.front() <= 0;
    if (run_.kind == PointKind::flat && descent_.outcome == Outcome::minimum && flat_bottom) {
      const double bottom = theory_.objective().value(descent_.point),
                   top = theory_.objective().value(walk_.path.point(0));
      if (theory_.objective().value(end.point) <= bottom + kTolerance * std::abs(top - bottom))
        run_.kind = PointKind::minimum;
    }
    // Below this the points show the rounding of the limit, not the law of the run.
    const double floor = std::max(1e-7 * path_.extent(0, path_.size()), 1e3 * kEpsilon * size_of(end.point));
    std::size_t last = path_.size();
    while (last > 1 && distance(path_.point(last - 1), end.point) < floor) --last;
    run_.rate = last >= 4 ? steady_factor(path_, last, end.point) : std::nullopt;
    const bool here = theory_.applies() && distance(end.point, descent_.point) <= floor;
    if (here && !run_.rate && path_.dimension() == 1 && last < 4) run_.rate = theory_.multiplier(0, run_.lr);
    if (here) snap_rate();
    // Too quick to be measured: the theory's factor for the long run.
    if (here && !run_.rate && reached && theory_.radius(run_.lr) < 1 - 1e-9) run_.rate = theory_.radius(run_.lr);
    if (run_.rate && std::abs(*run_.rate) >= 1) run_.rate.reset();
    run_.rate_reason = here && descent_.eigenvalues.front() <= 0
                           ? "the minimum has no curvature, so no fixed factor describes it"
                           : "the factor per step is not constant";
    run_.mode =
        run_.rate && *run_.rate < 0 ? Mode::oscillating : mode_of(path_, std::max<std::size_t>(last, 2), end.point);
  }

  /// A measured factor that is one of the local theory's is given with the theory's digits.
  void snap_rate() {
    if (!run_.rate || !theory_.applies()) return;
    for (std::size_t i = 0; i < descent_.eigenvalues.size(); ++i) {
      const double m = theory_.multiplier(i, run_.lr);
      if (std::abs(std::abs(m) - std::abs(*run_.rate)) > 2e-3 * std::max(std::abs(m), 0.05)) continue;
      run_.rate = path_.dimension() == 1 && *run_.rate < 0 ? -std::abs(m) : std::abs(m);
      return;
    }
  }

  /// The run no longer moves at all.
  void rest() {
    Descent end = descent_;
    const auto here = path_.back();
    const bool at_descent = descent_.outcome == Outcome::minimum &&
                            distance(here, descent_.point) <= 2 * kTolerance * path_.extent(0, path_.size());
    if (!at_descent) {
      if (descent_.outcome == Outcome::drifts && falls()) return drift(descent_);
      end.point = copy(here);
      end.kind = classify_point(theory_.objective(), here);
    }
    converge(end, true);
  }

  bool falls() const { return path_.loss(path_.size() - 1) <= walk_.path.loss(0); }

  void drift(const Descent& end) {
    run_.verdict = Verdict::drifts;
    run_.rate_reason = "the run has no limit";
    // Small learning rates would have found the minimum; this one was thrown out of its valley.
    if (&end != &descent_ && descent_.outcome == Outcome::minimum) run_.cause = Cause::learning_rate;
  }

  void cycle(int period) {
    run_.verdict = Verdict::cycles;
    run_.mode = Mode::oscillating;
    if (period > 1) run_.period = period;
    const std::size_t n = path_.size(),
                      tail = std::min<std::size_t>(n, period > 1 ? 2 * static_cast<std::size_t>(period) : n / 4);
    run_.extent = path_.extent(n - tail, n);
    if (period == 2 && path_.dimension() == 1 && theory_.applies() &&
        std::abs(theory_.multiplier(0, run_.lr) + 1) < 1e-12)
      run_.rate = -1;
    run_.rate_reason = "the iterates repeat";
  }

  /// All steps are used up, and nothing has ended the run: compare its quarters.
  void weigh() {
    const std::size_t n = path_.size();
    const double second = path_.extent(n / 4, n / 2), third = path_.extent(n / 2, n - n / 4),
                 last = path_.extent(n - n / 4, n);
    const bool shrinks = last < 0.9 * third && third < 0.9 * second;
    if (descent_.outcome == Outcome::drifts && falls()) return drift(descent_);
    if (const int period = path_.period(kLongestPeriod, 1e-7); period > 1 && !(last < third * (1 - 1e-6)))
      return cycle(period);
    // Where does gradient flow lead from here? That tells a slow approach from a slow escape.
    const Descent end = descend(theory_.objective(), path_.back(), cost_);
    const bool downhill = path_.loss(n - 1) < path_.loss(n / 2);
    if (downhill && end.outcome == Outcome::unbounded_below) return diverge(n);
    if (downhill && end.outcome == Outcome::drifts) return drift(end);
    const bool has_point = end.outcome == Outcome::minimum || end.outcome == Outcome::other_point;
    if (has_point) {
      const double near = kTolerance * path_.extent(0, n) + 32 * kEpsilon * size_of(end.point);
      if (last <= near && distance(path_.back(), end.point) <= near) return converge(end, true);
      if (shrinks && approaches(end.point) && !repels(end)) return converge(end, false);
    }
    if (downhill && travels()) {  // still on its way
      run_.mode = Mode::monotone;
      run_.rate_reason = "the run has not arrived";
      return;
    }
    if (n > 40 && grows(second, third, last)) return diverge(n);
    wander(std::max(third, last));
  }

  /// Over the second half the run comes nearer to `point` from window to window, without bursts.
  bool approaches(std::span<const double> point) const {
    constexpr std::size_t kWindows = 16;
    constexpr double kSlack = 1.05;
    const std::size_t n = path_.size(), width = n / 2 / kWindows;
    if (width == 0) return false;
    double before = std::numeric_limits<double>::infinity();
    for (std::size_t from = n - kWindows * width; from < n; from += width) {
      double farthest = 0;
      for (std::size_t k = from; k < from + width; ++k) farthest = std::max(farthest, distance(path_.point(k), point));
      if (farthest > kSlack * before) return false;
      before = farthest;
    }
    return true;
  }

  /// The linear law at the end of a descent says that this learning rate cannot settle there.
  bool repels(const Descent& end) const {
    const LocalTheory there = theory_.at(end);
    return there.applies() && there.radius(run_.lr) > 1 + 1e-9;
  }

  /// The last quarter makes way: its steps point in one direction, rather than back and forth.
  bool travels() const {
    const std::size_t n = path_.size(), from = n - n / 4;
    double length = 0;
    for (std::size_t k = from; k < n; ++k) length += path_.step_length(k);
    return distance(path_.back(), path_.point(from - 1)) > 0.5 * length;
  }

  /// Quarter by quarter larger, and not ever less so: an escape that was too slow to overflow.
  bool grows(double second, double third, double last) const {
    // Chaos sets small records too.
    const bool outward = last > 1.2 * third && third > 1.2 * second;
    return outward && last > path_.extent(0, path_.size() / 4) && last / third >= third / second * (1 - 1e-3);
  }

  /// Bounded, and without a short period.
  void wander(double extent) {
    if (!(extent > 0)) return;
    run_.rate_reason = "the iterates keep moving";
    const auto lyapunov = lyapunov_exponent(stepper_, extent, cost_);
    run_.extent = extent;
    if (!lyapunov) {
      // Neighbours meet, so it is no chaos; but it has not come to rest.
      cycle(path_.period(4 * kLongestPeriod, 1e-3));
      return;
    }
    run_.lyapunov = lyapunov->exponent;
    const bool chaotic = lyapunov->exponent > 1e-4 && lyapunov->exponent > 4 * lyapunov->standard_error;
    run_.verdict = chaotic ? Verdict::chaotic : Verdict::cycles;
    if (!chaotic) run_.mode = Mode::oscillating;
  }

  Run& run_;
  const Walk& walk_;
  const Trajectory& path_;
  const Stepper& stepper_;
  const Descent& descent_;
  const LocalTheory& theory_;
  Cost& cost_;
};

}  // namespace

void judge(Run& run, const Walk& walk, const Stepper& stepper, const Descent& descent, const LocalTheory& theory,
           Cost& cost) {
  Judge(run, walk, stepper, descent, theory, cost).decide();
}

}  // namespace etamax
