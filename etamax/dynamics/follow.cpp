#include "etamax/dynamics/follow.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "etamax/core/format.h"
#include "etamax/dynamics/reason.h"

namespace etamax {
namespace {

using Point = std::vector<double>;

constexpr double kTolerance = 1e-9;
constexpr int kLongestPeriod = 64;
constexpr std::size_t kKeptLosses = 2000;

bool all_finite(const Point& x) {
  return std::all_of(x.begin(), x.end(), [](double v) { return std::isfinite(v); });
}

double distance(const Point& a, const Point& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

double size_of(const Point& x) { return distance(x, Point(x.size(), 0.0)); }

/// The whole path of one run, and how it ended.
struct Path {
  std::vector<Point> points;
  std::vector<double> losses;
  bool overflowed = false;
  std::optional<DomainFault> fault;
  bool blew_up() const { return overflowed || fault; }
};

/// Stepping: an optimizer's state beside the point it moves.
struct Stepper {
  const Objective& objective;
  const OptimizerSpec& optimizer;
  const HyperparameterValues& values;
  double lr;
  Point x, state, gradient;
  long step = 0;

  Stepper(const Objective& f, const OptimizerSpec& o, const HyperparameterValues& v, double rate, Point start)
      : objective(f), optimizer(o), values(v), lr(rate), x(std::move(start)),
        state(x.size() * static_cast<std::size_t>(o.state_vectors), 0.0), gradient(x.size()) {}

  void advance(Cost& cost) {
    objective.gradient(x, gradient);
    ++cost.gradients;
    optimizer.step(values, lr, ++step, gradient, x, state);
  }
};

/// Smallest p at which the last points repeat (relative to their extent), 0 for none.
int find_period(const std::vector<Point>& points, double tolerance) {
  const std::size_t n = points.size();
  for (int p = 1; p <= kLongestPeriod && n > 3 * static_cast<std::size_t>(p) + 1; ++p) {
    const std::size_t window = 2 * static_cast<std::size_t>(p) + 1;
    double change = 0, extent = 0;
    for (std::size_t i = n - window; i < n; ++i) {
      change = std::max(change, distance(points[i], points[i - static_cast<std::size_t>(p)]));
      extent = std::max(extent, distance(points[i], points[n - 1]));
    }
    if (change <= tolerance * extent) return p;
  }
  return 0;
}

double window_max(const std::vector<Point>& points, const Point& centre, double from, double to) {
  const auto n = static_cast<double>(points.size());
  double largest = 0;
  for (auto i = static_cast<std::size_t>(n * from); i < static_cast<std::size_t>(n * to); ++i)
    largest = std::max(largest, distance(points[i], centre));
  return largest;
}

/// The worst spectral radius of the local linear step at the end of the descent, where it is defined.
std::optional<double> local_radius(const Descent& descent, const OptimizerSpec& optimizer,
                                   const HyperparameterValues& values, double lr) {
  if (!optimizer.recurrence || optimizer.preconditioner || !descent.smooth || descent.eigenvalues.empty()) return {};
  const double decay = optimizer.gradient_decay ? optimizer.gradient_decay(values) : 0;
  double worst = 0;
  for (double lambda : descent.eigenvalues)
    worst = std::max(worst, spectral_radius(optimizer, values, lr, lambda + decay));
  return worst;
}

Path walk(Stepper& stepper, const Descent& descent, std::optional<double> radius, long max_steps, Cost& cost) {
  Path path;
  const bool attracted = radius && *radius < 1 - 1e-9 && descent.outcome == Descent::Outcome::minimum;
  double farthest = 0;
  int still = 0;
  path.points.push_back(stepper.x);
  path.losses.push_back(stepper.objective.value(stepper.x));
  ++cost.forwards;
  for (long k = 0; k < max_steps; ++k) {
    stepper.advance(cost);
    const double loss = all_finite(stepper.x) ? stepper.objective.value(stepper.x)
                                              : std::numeric_limits<double>::infinity();
    ++cost.forwards;
    path.points.push_back(stepper.x);
    path.losses.push_back(loss);
    if (!all_finite(stepper.x) || !std::isfinite(loss)) {
      if (all_finite(stepper.x)) path.fault = stepper.objective.domain_fault(stepper.x);
      path.overflowed = !path.fault;
      return path;
    }
    const std::size_t n = path.points.size();
    const double moved = distance(path.points[n - 1], path.points[n - 2]);
    still = moved == 0 ? still + 1 : 0;
    if (still > 3 && stepper.optimizer.state_vectors == 0) return path;
    if (attracted) {
      const double away = distance(stepper.x, descent.point);
      farthest = std::max({farthest, away, distance(path.points[0], descent.point)});
      const double rounding = 8 * std::numeric_limits<double>::epsilon() * size_of(descent.point);
      // Momentum may pass through the minimum at speed: wait until the steps are small too.
      if (away <= kTolerance * farthest + rounding && moved <= kTolerance * farthest + rounding + (1 - *radius) * farthest &&
          (stepper.optimizer.state_vectors == 0 || moved <= kTolerance * farthest + rounding))
        return path;
    }
    if (k % 512 == 511 && stepper.optimizer.state_vectors == 0 && find_period(path.points, 0) > 1) return path;
  }
  return path;
}

/// The signed factor from one displacement to the next, where it is the same over the last steps.
std::optional<double> steady_ratio(const std::vector<Point>& points) {
  std::vector<double> ratios;
  const std::size_t n = points.size();
  for (std::size_t i = n - 1; i >= 2 && ratios.size() < 8; --i) {
    double dot = 0, square = 0;
    for (std::size_t j = 0; j < points[i].size(); ++j) {
      const double before = points[i - 1][j] - points[i - 2][j], after = points[i][j] - points[i - 1][j];
      dot += (before / 1e150) * (after / 1e150), square += (before / 1e150) * (before / 1e150);
    }
    if (square > 0 && std::isfinite(dot) && std::isfinite(square)) ratios.push_back(dot / square);
  }
  if (ratios.size() < 3) return {};
  const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
  if (*high - *low > 1e-3 * std::max(std::abs(*high), std::abs(*low))) return {};
  return ratios.front();
}

/// Largest Lyapunov exponent by two neighbouring runs, brought back together after each step (Benettin).
double lyapunov_exponent(const Stepper& run, double extent, Cost& cost) {
  Stepper a = run, b = run;
  const double gap = 1e-8 * extent;
  b.x[0] += gap;
  double sum = 0;
  constexpr int kSteps = 2000;
  for (int k = 0; k < kSteps; ++k) {
    a.advance(cost);
    b.advance(cost);
    double square = 0;
    for (std::size_t i = 0; i < a.x.size(); ++i) square += std::pow(b.x[i] - a.x[i], 2);
    const double now = std::sqrt(square);
    if (!(now > 0) || !std::isfinite(now)) return -std::numeric_limits<double>::infinity();
    sum += std::log(now / gap);
    for (std::size_t i = 0; i < a.x.size(); ++i) b.x[i] = a.x[i] + (b.x[i] - a.x[i]) * (gap / now);
    for (std::size_t i = 0; i < a.state.size(); ++i) b.state[i] = a.state[i] + (b.state[i] - a.state[i]) * (gap / now);
  }
  return sum / kSteps;
}

Cause cause_of(const Descent& descent) {
  return descent.outcome == Descent::Outcome::minimum || descent.outcome == Descent::Outcome::drifts
             ? Cause::learning_rate
             : Cause::unbounded_below;
}

Mode mode_of(const std::vector<Point>& points, const Point& centre) {
  // The second half of the run, in the coordinate that is farthest from the limit at its middle.
  const std::size_t half = points.size() / 2;
  std::size_t axis = 0;
  for (std::size_t j = 1; j < centre.size(); ++j)
    if (std::abs(points[half - (half > 0)][j] - centre[j]) > std::abs(points[half - (half > 0)][axis] - centre[axis])) axis = j;
  for (std::size_t i = std::max<std::size_t>(half, 1); i < points.size(); ++i)
    if ((points[i][axis] - centre[axis]) * (points[i - 1][axis] - centre[axis]) < 0) return Mode::oscillating;
  return Mode::monotone;
}

void settle(Run& run, const Path& path, const Stepper& stepper, const Descent& descent, std::optional<double> radius,
            Cost& cost) {
  const auto& points = path.points;
  const bool has_point = descent.outcome == Descent::Outcome::minimum || descent.outcome == Descent::Outcome::other_point;
  const Point centre = has_point ? descent.point : points.front();
  const double second = window_max(points, centre, 0.25, 0.5), third = window_max(points, centre, 0.5, 0.75),
               last = window_max(points, centre, 0.75, 1.0), all = window_max(points, centre, 0, 1);
  const double rounding = 16 * std::numeric_limits<double>::epsilon() * size_of(centre);
  const double end = distance(points.back(), centre);
  const bool unstable = radius && *radius > 1 + 1e-12;
  const auto converge = [&](bool reached) {
    run.verdict = Verdict::converges;
    run.reached_tolerance = reached;
    run.limit = has_point ? centre : points.back();
    run.kind = classify_point(stepper.objective, *run.limit);
    run.mode = mode_of(points, *run.limit);
    const bool quick = points.size() <= 4 && end <= kTolerance * all + rounding;
    run.rate = quick ? std::optional<double>(0.0) : steady_ratio(points);
    if (radius && *radius < 1 && descent.eigenvalues.size() == 1 && stepper.optimizer.name == "gd")
      run.rate = 1 - run.lr * descent.eigenvalues.front();
    else if (radius && *radius < 1 && !descent.eigenvalues.empty() && descent.eigenvalues.front() > 0)
      run.rate = *radius;
    if (!run.rate || std::abs(*run.rate) >= 1) {
      run.rate.reset();
      run.rate_reason = "the factor per step is not constant";
    }
    if (radius && *radius >= 1 - 1e-12 && !descent.eigenvalues.empty() && descent.eigenvalues.front() == 0 && !quick) {
      run.rate.reset();
      run.rate_reason = "the minimum has no curvature, so no fixed factor describes it";
    }
    if (run.rate && *run.rate < 0) run.mode = Mode::oscillating;
  };
  const double moved = points.size() > 1 ? distance(points.back(), points[points.size() - 2]) : 0;
  if (descent.outcome == Descent::Outcome::drifts && path.losses.back() <= path.losses.front()) {
    run.verdict = Verdict::drifts;
    return;
  }
  if (has_point && end <= kTolerance * all + rounding && !unstable) return converge(true);
  if (moved == 0 && points.size() > 2 && find_period(points, 0) <= 1) {
    const PointKind kind = classify_point(stepper.objective, points.back());
    if (kind == PointKind::minimum || has_point) {
      converge(true);
      run.limit = points.back();
      run.kind = kind;
      return;
    }
  }
  const bool falling = last < third * (1 - 1e-10) && third <= second;
  if (radius && *radius < 1 && falling && last < 0.5 * all) return converge(false);
  if (has_point && falling && !unstable && (find_period(points, 1e-10) <= 1)) return converge(false);
  if (const int period = find_period(points, 1e-7); period > 1 && !(last > third * (1 + 1e-9))) {
    run.verdict = Verdict::cycles;
    run.period = period;
    run.mode = Mode::oscillating;
    if (period == 2 && points.size() > 2 && points[0] == points[2]) run.rate = -1;
    run.rate_reason = "the iterates repeat";
    return;
  }
  // Growth at every step, not just a new record now and then: chaos makes those too.
  bool growing = last > third * (1 + 1e-10) && third >= second && points.size() > 40;
  for (std::size_t i = points.size() - 1; growing && i + 32 > points.size(); --i)
    growing = distance(points[i], centre) > distance(points[i - 1], centre);
  if (growing) {
    if (cause_of(descent) == Cause::unbounded_below || last / third >= third / second * (1 - 1e-3)) {
      run.verdict = Verdict::diverges;
      run.cause = cause_of(descent);
      run.rate = steady_ratio(points);
      run.mode = run.rate && *run.rate < 0 ? Mode::oscillating : Mode::monotone;
      run.rate_reason = "the factor per step is not constant";
      return;
    }
  }
  if (last > 0 && last <= 4 * std::max(second, third)) {
    run.lyapunov = lyapunov_exponent(stepper, last, cost);
    if (!std::isfinite(*run.lyapunov)) {
      run.lyapunov.reset();
    } else {
      run.verdict = *run.lyapunov > 1e-3 ? Verdict::chaotic : Verdict::cycles;
      run.rate_reason = "the iterates keep moving";
    }
  }
}

}  // namespace

Run follow(const Objective& objective, const std::vector<double>& start, const OptimizerSpec& optimizer,
           const HyperparameterValues& values, double lr, const Descent& descent, const FollowOptions& options,
           Cost& cost) {
  Run run;
  run.lr = lr;
  Stepper stepper(objective, optimizer, values, lr, start);
  const double first_loss = objective.value(start);
  objective.gradient(start, stepper.gradient);
  const Point first_gradient = stepper.gradient;
  const auto finish = [&](const Path& path) {
    const std::size_t shown = std::min(path.points.size(), static_cast<std::size_t>(options.shown_steps) + 1);
    run.iterates.assign(path.points.begin(), path.points.begin() + static_cast<std::ptrdiff_t>(shown));
    run.losses.assign(path.losses.begin(), path.losses.begin() + static_cast<std::ptrdiff_t>(shown));
    run.long_losses.assign(path.losses.begin(),
                           path.losses.begin() + static_cast<std::ptrdiff_t>(std::min(path.losses.size(), kKeptLosses)));
    run.steps_followed = static_cast<long>(path.points.size()) - 1;
    run.reason = reason_for(run, descent, optimizer, values);
    return run;
  };
  if (!std::isfinite(first_loss) || !all_finite(first_gradient)) {
    const auto fault = objective.domain_fault(start);
    run.verdict = Verdict::undefined;
    run.bad_step = 0;
    run.rate_reason = "the run does not begin";
    run.reason = "The function has no value at the start" + (fault ? ": " + fault->operation : std::string()) + ".";
    return finish({{start}, {first_loss}, false, fault});
  }
  const double decay = optimizer.gradient_decay ? optimizer.gradient_decay(values) : 0;
  if (size_of(first_gradient) == 0 && decay == 0) {
    run.verdict = Verdict::stationary;
    run.kind = classify_point(objective, start);
    run.rate_reason = "nothing moves";
    const std::size_t n = static_cast<std::size_t>(options.shown_steps) + 1;
    return finish({std::vector<Point>(n, start), std::vector<double>(n, first_loss), false, {}});
  }
  const auto radius = local_radius(descent, optimizer, values, lr);
  const Path path = walk(stepper, descent, radius, std::max<long>(options.max_steps, options.shown_steps), cost);
  const long last_step = static_cast<long>(path.points.size()) - 1;
  if (path.fault) {
    run.verdict = Verdict::undefined;
    run.bad_step = last_step;
    run.rate_reason = "the run ends";
    run.reason = "Step " + std::to_string(last_step) + " leaves the domain of the function: " + path.fault->operation + ".";
  } else if (path.overflowed) {
    run.verdict = Verdict::diverges;
    run.cause = cause_of(descent);
    run.bad_step = last_step;
    run.rate = steady_ratio({path.points.begin(), path.points.end() - 1});
    run.mode = run.rate && *run.rate < 0 ? Mode::oscillating : mode_of(path.points, Point(start.size(), 0.0));
    run.rate_reason = "the factor per step keeps growing";
  } else {
    settle(run, path, stepper, descent, radius, cost);
  }
  return finish(path);
}

Stability analyse_stability(const Objective& objective, const std::vector<double>& start, const OptimizerSpec& optimizer,
                            const HyperparameterValues& values, const Descent& descent, const FollowOptions& options,
                            const Progress& progress, Cost& cost) {
  Stability s;
  if (optimizer.edge_formula) s.lr_edge_formula = optimizer.edge_formula(values);
  const auto none = [&](const std::string& why) {
    s.minimizer_reason = s.lr_edge_reason = s.lr_fastest_reason = s.lr_max_from_start_reason = why;
  };
  switch (descent.outcome) {
    case Descent::Outcome::minimum: break;
    case Descent::Outcome::other_point: none("small learning rates lead to a point that is no minimum"); return s;
    case Descent::Outcome::unbounded_below: none("the function falls without bound from this start"); return s;
    case Descent::Outcome::drifts: none("the function has no minimum in that direction: it only tends to one"); return s;
    case Descent::Outcome::undefined: none("the function has no value at the start"); return s;
    case Descent::Outcome::unclear: none("no minimizer was found from this start"); return s;
  }
  s.minimizer = descent.point;
  std::optional<double> edge;
  if (!descent.smooth || descent.eigenvalues.empty()) {
    s.lr_edge_reason = s.lr_fastest_reason = "the slope does not vanish at the minimum (a corner), so there is no local edge";
  } else {
    s.lambda_max = descent.eigenvalues.back();
    s.lambda_min = descent.eigenvalues.front();
    const double decay = optimizer.gradient_decay ? optimizer.gradient_decay(values) : 0;
    const double size = std::max(std::abs(*s.lambda_max), std::abs(*s.lambda_min));
    if (!optimizer.recurrence) {
      s.lr_edge_reason = s.lr_fastest_reason = optimizer.no_recurrence_reason;
    } else if (optimizer.preconditioner) {
      s.lr_edge_reason = s.lr_fastest_reason =
          "this optimizer divides each step by a running size of the gradients, which shrinks to 0 at a minimum";
    } else if (*s.lambda_max + decay <= 0) {
      s.lr_edge_reason = s.lr_fastest_reason = "the curvature at the minimum is 0, so the local theory sets no edge";
    } else {
      edge = s.lr_edge = stability_edge(optimizer, values, *s.lambda_max + decay);
      if (!edge) s.lr_edge_reason = "no learning rate is unstable";
      if (*s.lambda_min + decay > 1e-12 * size)
        s.lr_fastest = fastest_rate(optimizer, values, *s.lambda_min + decay, *s.lambda_max + decay);
      if (!s.lr_fastest) s.lr_fastest_reason = "some direction at the minimum has no curvature";
    }
  }
  const auto converges = [&](double lr) {
    return follow(objective, start, optimizer, values, lr, descent, options, cost).verdict == Verdict::converges;
  };
  Point gradient(start.size());
  objective.gradient(start, gradient);
  if (size_of(gradient) == 0) {
    s.lr_max_from_start_reason = "nothing moves from this start";
    return s;
  }
  // From well below any rate that could matter, up by half an octave at a time.
  const double travel = std::max(distance(start, descent.point), 1e-300);
  double low = edge ? *edge / 32 : travel / size_of(gradient) / 64, high = 0;
  if (!converges(low)) {
    s.lr_max_from_start_reason = "not even a small learning rate settles at the minimum within the steps followed";
    return s;
  }
  for (int k = 0; k < 60 && high == 0; ++k) {
    report_progress(progress, k / 100.0);
    const double next = low * std::sqrt(2.0);
    if (edge && low < *edge * (1 - 1e-6) && next >= *edge * (1 - 1e-6)) {
      // The local edge is the natural candidate: run both sides of it.
      if (!converges(*edge * (1 - 1e-6))) { high = *edge * (1 - 1e-6); break; }
      low = *edge * (1 - 1e-6);
      if (!converges(*edge * (1 + 1e-6))) high = *edge * (1 + 1e-6);
      continue;
    }
    if (converges(next)) low = next; else high = next;
  }
  if (high == 0) {
    s.lr_max_from_start_reason = "every learning rate that was tried converges";
    return s;
  }
  for (int k = 0; k < 40 && high - low > 3e-6 * low; ++k) {
    report_progress(progress, 0.6 + k / 100.0);
    const double middle = std::sqrt(low * high);
    (converges(middle) ? low : high) = middle;
  }
  s.lr_max_from_start_bracket = {{low, high}};
  s.lr_max_from_start = simplest_between(low, high);
  return s;
}

}  // namespace etamax
