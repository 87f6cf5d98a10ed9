#include "etamax/dynamics/judge.h"

#include <algorithm>
#include <concepts>
#include <stdexcept>

#include "etamax/dynamics/conclusions.h"
#include "etamax/dynamics/stationary_point.h"
#include "etamax/dynamics/tail_tests.h"

namespace etamax {
namespace {

using End = Iteration::End;
using Outcome = Descent::Outcome;

/// A run as the rules see it. What costs something is found out when the first of them asks.
class Subject {
 public:
  Subject(const Experiment& experiment, const Iteration& iteration, const Stepper& stepper, Cost& cost)
      : followed{experiment, iteration, stepper.lr()}, stepper_(stepper), cost_(cost) {}

  const FollowedRun followed;

  const Trajectory& path() const { return followed.iteration.last(); }
  /// Where small learning rates lead from the start.
  const Descent& from_start() const { return followed.experiment.descent; }

  const tail::QuarterExtents& extents() const {
    if (!extents_) extents_ = tail::quarter_extents(path());
    return *extents_;
  }
  /// Where small learning rates would lead from the end of the run.
  const Descent& from_end() const {
    if (!from_end_) from_end_ = descend(followed.experiment.decayed, path().back(), cost_);
    return *from_end_;
  }
  /// None where neighbors meet, or leave; `extent`: the size of the region.
  const std::optional<LyapunovEstimate>& lyapunov(double extent) const {
    if (!lyapunov_) lyapunov_ = lyapunov_exponent(stepper_, extent, cost_);
    return *lyapunov_;
  }

 private:
  const Stepper& stepper_;
  Cost& cost_;
  mutable std::optional<tail::QuarterExtents> extents_;
  mutable std::optional<Descent> from_end_;
  mutable std::optional<std::optional<LyapunovEstimate>> lyapunov_;
};

// The tests: each returns the evidence that its conclusion needs, or nothing.

bool always(const Subject&) { return true; }

Limit limit_at(const Descent& descent, bool reached) { return {descent.point, descent.kind, reached}; }

std::optional<Limit> has_arrived(const Subject& s) { return limit_at(s.from_start(), true); }

std::optional<Limit> will_arrive(const Subject& s) { return limit_at(s.from_start(), false); }

std::optional<int> exact_period(const Subject& s) { return s.path().period(kLongestPeriod, 0); }

/// It rests as near to the minimum as two runs that both arrived may be apart.
std::optional<Limit> rests_at_minimum(const Subject& s) {
  const Descent& descent = s.from_start();
  const Trajectory& path = s.path();
  if (descent.outcome != Outcome::minimum) return {};
  if (distance(path.back(), descent.point) > 2 * kTolerance * path.extent(0, path.size())) return {};
  return limit_at(descent, true);
}

/// It hops between the smallest numbers that there are, beside a minimum at 0: what brought it there underflows. Of a
/// run that began among them, the linear law must say that it would come nearer.
std::optional<Limit> underflows(const Subject& s) {
  constexpr double kSmallest = 1e-290;
  const Descent& descent = s.from_start();
  const Trajectory& path = s.path();
  const Trajectory& all = s.followed.iteration.path;
  const double traveled = std::max(all.extent(0, all.size()), path.extent(0, path.size()));
  const LocalTheory& theory = s.followed.experiment.theory;
  const bool contracts = theory.applies() && theory.radius(s.followed.lr) < 1 - kRadiusOne;
  const bool there = descent.outcome == Outcome::minimum &&
                     (contracts || (traveled > kSmallest / kTolerance &&
                                    distance(path.back(), descent.point) <= kTolerance * traveled));
  if (!there || size_of(path.back()) > kSmallest || path.extent(path.size() - 2, path.size()) > kSmallest) return {};
  return limit_at(descent, true);
}

/// It stands on a slope, farther from where that leads than rounding would leave it: its steps are below the last
/// digit.
bool is_stuck(const Subject& s) {
  constexpr double kOfTheWay = 1e-6, kLastDigits = 1e-12;
  const auto here = s.path().back();
  std::vector<double> gradient(here.size());
  s.followed.experiment.decayed.gradient(here, gradient);
  const double traveled = s.path().extent(0, s.path().size());
  const Differentiable& objective = s.followed.experiment.decayed;
  if (size_of(gradient) == 0 || classify_point(objective, here, traveled) == PointKind::flat) return false;
  const Descent& end = s.from_end();
  const double near = kOfTheWay * traveled + kLastDigits * size_of(here);
  return !end.ends_at_point() || distance(here, end.point) > near;
}

std::optional<Limit> rests_elsewhere(const Subject& s) {
  const auto here = s.path().back();
  const double traveled = s.path().extent(0, s.path().size());
  return Limit{{here.begin(), here.end()}, classify_point(s.followed.experiment.decayed, here, traveled), true};
}

/// A decay that is no part of the descent pulls toward 0: where the function falls says nothing of where the run goes.
bool is_pulled(const Subject& s) { return s.followed.experiment.decoupled_decay > 0; }

bool falls_as_small_rates_do(const Subject& s) {
  return !is_pulled(s) && s.from_start().outcome == Outcome::drifts &&
         s.path().loss(s.path().size() - 1) <= s.followed.iteration.path.loss(0);
}

std::optional<int> repeats(const Subject& s) { return tail::repeats(s.path(), s.extents()); }

bool falls_without_bound(const Subject& s) {
  return !is_pulled(s) && tail::descends(s.path()) && s.from_end().outcome == Outcome::unbounded_below;
}

bool falls_to_no_point(const Subject& s) {
  return !is_pulled(s) && tail::descends(s.path()) && s.from_end().outcome == Outcome::drifts;
}

/// Where the decay takes back each step of a coordinate: a step of full length, the sign of the slope (of adamw g /
/// (|g| + eps)), is -decay x. That is on a slope, and no stationary point of the function: a limit without a kind.
std::optional<Limit> decay_balances(const Subject& s) {
  constexpr double kNear = 0.1;  // of the balance: what the run has not got to yet
  const Experiment& experiment = s.followed.experiment;
  const double decay = experiment.decoupled_decay;
  if (!(decay > 0) || s.path().dimension() != experiment.start.size()) return {};
  const double eps = hyperparameter(experiment.optimizer, experiment.values, "eps", 0);
  const auto here = s.path().back();
  std::vector<double> slope(here.size());
  experiment.decayed.gradient(here, slope);
  Limit limit{{here.begin(), here.end()}, {}, false};
  bool balances = false;
  for (std::size_t i = 0; i < here.size(); ++i) {
    const double balance = -slope[i] / (std::abs(slope[i]) + eps) / decay;
    if (slope[i] == 0 || !(std::abs(here[i] - balance) <= kNear * std::abs(balance))) continue;
    limit.point[i] = balance, balances = true;
  }
  if (!balances) return {};
  limit.reached = s.followed.iteration.end == End::stands_still || tail::settles(s.path(), s.extents(), limit.point);
  if (!limit.reached && !tail::approaches(s.path(), s.extents(), limit.point)) return {};
  return limit;
}

std::optional<Limit> rests_near_point(const Subject& s) {
  const Descent& end = s.from_end();
  if (!end.ends_at_point() || !tail::settles(s.path(), s.extents(), end.point)) return {};
  return limit_at(end, true);
}

/// It repeats in the last digits of a point at which, by the linear law, this learning rate settles: what moves it
/// there is rounding.
std::optional<Limit> settles_to_rounding(const Subject& s) {
  if (!tail::settles(s.path(), s.extents(), s.path().back())) return {};  // before a descent is paid for
  const auto limit = rests_near_point(s);
  if (!limit) return {};
  const LocalTheory there = s.followed.experiment.theory.at(s.from_end());
  return there.applies() && there.holds(s.followed.lr) ? limit : std::nullopt;
}

/// The linear law at the end of a descent says that this learning rate cannot settle there.
bool repels(const Subject& s, const Descent& end) {
  const LocalTheory there = s.followed.experiment.theory.at(end);
  return there.applies() && there.radius(s.followed.lr) > 1 + kRadiusOne;
}

std::optional<Limit> approaches_point(const Subject& s) {
  const Descent& end = s.from_end();
  if (!end.ends_at_point() || !tail::approaches(s.path(), s.extents(), end.point) || repels(s, end)) return {};
  // Decay may hold the run long before it is there.
  if (is_pulled(s) && distance(s.path().back(), end.point) > s.extents().third + s.extents().last) return {};
  return limit_at(end, false);
}

bool makes_way_downhill(const Subject& s) { return tail::descends(s.path()) && tail::travels(s.path()); }

bool grows(const Subject& s) { return tail::grows(s.path(), s.extents()); }

std::optional<int> meets_neighbors(const Subject& s) {
  const auto region = tail::region(s.extents());
  if (!region || s.lyapunov(*region)) return {};
  return tail::loose_period(s.path());
}

std::optional<Wandering> wanders(const Subject& s) {
  const auto region = tail::region(s.extents());
  if (!region || !s.lyapunov(*region)) return {};
  return Wandering{*region, *s.lyapunov(*region)};
}

std::optional<Wandering> parts_from_neighbors(const Subject& s) {
  const auto found = wanders(s);
  return found && tail::is_chaotic(found->lyapunov) ? found : std::nullopt;
}

/// It fills the same region again, and is on no spiral: neither one too slow to be seen otherwise, nor one into the
/// place where decay will hold it.
std::optional<Wandering> stays_in_region(const Subject& s) {
  if (is_pulled(s) && tail::shrinks(s.extents())) return {};
  if (!s.followed.experiment.theory.applies() && tail::creeps(s.extents())) return {};
  return wanders(s);
}

/// A rule: where `test` finds evidence, what `conclude` makes of it.
template <auto test, auto conclude>
std::optional<FunctionRun> decide(const Subject& subject) {
  const auto evidence = test(subject);
  if (!evidence) return {};
  if constexpr (std::same_as<decltype(evidence), const bool>)
    return conclude(subject.followed);
  else
    return conclude(subject.followed, *evidence);
}

struct Rule {
  End end;  ///< asked of runs that ended so
  std::string_view name;
  std::optional<FunctionRun> (*decide)(const Subject&);
};

/// The definition of the verdict: the first rule that holds. Why in this order is said in judge.h.
constexpr Rule kRules[] = {
    {End::left_domain, "it leaves the domain", decide<always, conclude_undefined>},
    {End::overflowed, "it overflows", decide<always, conclude_divergence>},
    {End::escapes, "the linear law carries it beyond all numbers", decide<always, conclude_escape>},
    {End::arrived, "it stays at the minimum", decide<has_arrived, conclude_convergence>},
    {End::contracts, "the linear law carries it to the minimum", decide<will_arrive, conclude_convergence>},
    {End::repeats, "it hops in the last digits of a point that attracts",
     decide<settles_to_rounding, conclude_convergence>},
    {End::repeats, "it hops among the smallest numbers", decide<underflows, conclude_convergence>},
    {End::repeats, "it repeats exactly", decide<exact_period, conclude_cycle>},

    {End::stands_still, "it rests at the minimum", decide<rests_at_minimum, conclude_convergence>},
    {End::stands_still, "it rests where small rates fall for ever", decide<falls_as_small_rates_do, conclude_drift>},
    {End::stands_still, "decay balances its steps", decide<decay_balances, conclude_convergence>},
    {End::stands_still, "it is stuck on a slope", decide<is_stuck, conclude_stuck>},
    {End::stands_still, "it rests elsewhere", decide<rests_elsewhere, conclude_convergence>},

    {End::used_up, "it falls where small rates fall for ever", decide<falls_as_small_rates_do, conclude_drift>},
    {End::used_up, "it stays in the last digits of a point that attracts",
     decide<settles_to_rounding, conclude_convergence>},
    {End::used_up, "decay balances its steps, in the long run", decide<decay_balances, conclude_convergence>},
    {End::used_up, "it underflows", decide<underflows, conclude_convergence>},
    {End::used_up, "it repeats", decide<repeats, conclude_cycle>},
    {End::used_up, "it falls without bound", decide<falls_without_bound, conclude_divergence>},
    {End::used_up, "it falls toward what no point attains", decide<falls_to_no_point, conclude_drift>},
    {End::used_up, "it rests near a stationary point", decide<rests_near_point, conclude_convergence>},
    {End::used_up, "it approaches a stationary point", decide<approaches_point, conclude_convergence>},
    {End::used_up, "it makes way downhill", decide<makes_way_downhill, conclude_underway>},
    {End::used_up, "it grows", decide<grows, conclude_divergence>},
    {End::used_up, "it meets its neighbors", decide<meets_neighbors, conclude_cycle>},
    {End::used_up, "it parts from its neighbors", decide<parts_from_neighbors, conclude_chaos>},
    {End::used_up, "it wanders", decide<stays_in_region, conclude_wandering>},
    {End::used_up, "nothing is found", decide<always, conclude_unclear>},
};

}  // namespace

Judgment judge(const Experiment& experiment, const Iteration& iteration, const Stepper& stepper, Cost& cost) {
  const Subject subject(experiment, iteration, stepper, cost);
  for (const Rule& rule : kRules) {
    if (rule.end != iteration.end) continue;
    if (auto run = rule.decide(subject)) return {std::move(*run), rule.name};
  }
  throw std::logic_error("no rule judges a run that ended so");
}

std::vector<std::string_view> verdict_rules() {
  std::vector<std::string_view> names;
  for (const Rule& rule : kRules) names.push_back(rule.name);
  return names;
}

}  // namespace etamax
