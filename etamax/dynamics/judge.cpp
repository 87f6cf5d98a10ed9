#include "etamax/dynamics/judge.h"

#include <algorithm>
#include <concepts>
#include <limits>
#include <stdexcept>

#include "etamax/dynamics/stationary_point.h"
#include "etamax/dynamics/subject.h"

namespace etamax {
namespace {

using End = Iteration::End;
using Outcome = Descent::Outcome;

// The tests: each returns the evidence that its conclusion needs, or nothing.

bool always(const Subject&) { return true; }

Limit limit_at(const Descent& descent, bool reached) {
  const std::vector<double>& curvatures = descent.eigenvalues;
  const bool level = descent.may_attract() && !curvatures.empty() && curvatures.front() == 0 && curvatures.back() == 0;
  return {descent.point, descent.kind, reached, level};
}

std::optional<Limit> has_arrived(const Subject& s) { return limit_at(s.from_start(), true); }

std::optional<Limit> will_arrive(const Subject& s) { return limit_at(s.from_start(), false); }

std::optional<int> exact_period(const Subject& s) {
  return tail::apart_from_rounding(s.path(), s.path().period(kLongestPeriod, 0));
}

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
  const auto law = s.law_at(descent);
  const bool contracts = law && law->radius < 1 - kRadiusOne;
  const bool grows_again = law && law->radius > 1 + kRadiusOne && s.followed.experiment.optimizer.preconditioner_memory;
  const bool at_zero = size_of(descent.point) <= std::max(kSmallest, kTolerance * traveled);
  const bool there = descent.outcome == Outcome::minimum && !grows_again && at_zero &&
                     (contracts || (traveled > kSmallest / kTolerance &&
                                    distance(path.back(), descent.point) <= kTolerance * traveled));
  if (!there || size_of(path.back()) > kSmallest || path.extent(path.size() - 2, path.size()) > kSmallest) return {};
  return limit_at(descent, true);
}

/// A decay that is no part of the descent pulls toward 0: where the function falls says nothing of where the run goes.
bool is_pulled(const Subject& s) { return s.followed.experiment.decoupled_decay > 0; }

/// What the run does now says what it does for ever: not so where its own schedule takes the learning rate to 0.
bool goes_on(const Subject& s) { return !s.followed.experiment.rate_decays; }

/// Decay takes a share of x away at each step, and a step that is divided by the size of its slope adds at most a full
/// one: where the share is as large, no slope that vanishes holds the run.
bool decay_moves_on(const Subject& s, std::span<const double> point) {
  constexpr double kFull = 1 - 1e-3;  // nearer to a whole step, the slope that balances is not small
  const double decay = s.followed.experiment.decoupled_decay;
  return std::any_of(point.begin(), point.end(), [&](double x) { return decay * std::abs(x) > kFull; });
}

/// From a point where decay balances the steps the slightest push grows.
bool decay_repels(const Subject& s) { return s.followed.lr * s.followed.experiment.decoupled_decay >= 2; }

/// A step of bounded length has come to where the function is too large for the machine's numbers: that is no
/// departure.
bool only_the_value_overflows(const Subject& s) {
  return !s.followed.experiment.optimizer.recurrence && all_finite(s.path().back()) && !decay_repels(s);
}

/// Downhill leads on for ever, and nothing keeps the run from going there.
bool may_fall_for_ever(const Subject& s) { return !is_pulled(s) && goes_on(s); }

/// It stands where the slope is 0 for want of smaller numbers, on its way to what no point attains.
bool slope_has_vanished(const Subject& s) {
  const Differentiable& objective = s.followed.experiment.decayed;
  const Trajectory& path = s.path();
  std::vector<double> slope(path.dimension());
  const auto slope_at = [&](std::size_t k) {
    objective.gradient(path.point(k), slope);
    return size_of(slope);
  };
  std::size_t k = path.size() - 1;
  if (!may_fall_for_ever(s) || slope_at(k) != 0 || objective.in_range(path.point(k))) return false;
  while (k > 0 && slope_at(k) == 0) --k;
  return s.from(path.point(k - k / 4)).outcome == Outcome::drifts;  // not from among the smallest numbers
}

/// It stands on a slope, farther from where that leads than rounding would leave it: its steps are below the last
/// digit.
bool is_stuck(const Subject& s) {
  constexpr double kBeside = 16;  // times what rounding leaves
  constexpr double kOfTheWay = 1e-6, kLastDigits = 1e-12;
  const auto here = s.path().back();
  std::vector<double> gradient(here.size());
  s.followed.experiment.decayed.gradient(here, gradient);
  const double traveled = s.path().extent(0, s.path().size());
  const Differentiable& objective = s.followed.experiment.decayed;
  if (size_of(gradient) == 0) return false;
  if (classify_point(objective, here, traveled) == PointKind::flat) return !slope_is_resolved(objective, here);
  const Descent& end = s.from_end();
  const double near = kOfTheWay * traveled + kLastDigits * size_of(here);
  if (!end.ends_at_point() || distance(here, end.point) > near) return true;
  return !slope_vanishes_beside(objective, here, kBeside * near);
}

/// Where it comes to rest on a flat place depends on the very step that leads there, which a skip ahead does not know.
bool rests_after_a_skip(const Subject& s) {
  const Iteration& iteration = s.followed.iteration;
  const auto here = s.path().back();
  return iteration.continued && !iteration.lands_on_run &&
         classify_point(s.followed.experiment.decayed, here, s.path().extent(0, s.path().size())) == PointKind::flat;
}

std::optional<Limit> rests_elsewhere(const Subject& s) {
  const auto here = s.path().back();
  const double traveled = s.path().extent(0, s.path().size());
  return Limit{{here.begin(), here.end()}, classify_point(s.followed.experiment.decayed, here, traveled), true, false};
}

/// Of a run that stands still: only where it has come down at all.
bool has_fallen_as_small_rates_do(const Subject& s) {
  return may_fall_for_ever(s) && s.from_start().outcome == Outcome::drifts &&
         s.path().loss(s.path().size() - 1) < s.followed.iteration.path.loss(0);
}

bool falls_as_small_rates_do(const Subject& s) {
  return may_fall_for_ever(s) && s.from_start().outcome == Outcome::drifts &&
         s.path().loss(s.path().size() - 1) <= s.followed.iteration.path.loss(0);
}

bool keeps(const Subject& s, int period, double tolerance) {
  return s.followed.experiment.optimizer.state_vectors == 0 || tail::keeps_period(s.path(), period, tolerance);
}

std::optional<int> repeats(const Subject& s) {
  if (!goes_on(s) || tail::widens(s.extents())) return {};
  const std::optional<int> period = tail::repeats(s.path(), s.extents());
  return period && keeps(s, *period, tail::kRepeats) ? period : std::nullopt;
}

/// It all but repeats, and each round is a little wider: what there is farther out is not seen.
bool creeps_out(const Subject& s) { return tail::widens(s.extents()) && tail::repeats(s.path(), s.extents()); }

/// Where downhill leads to minus infinity at a pole nearby, steps pass it: that is no fall of the run.
bool falls_to_a_pole(const Subject& s) {
  constexpr double kReach = 10;  // times the way, or the size of x
  const auto here = s.path().back();
  const double way = s.path().extent(0, s.path().size());
  return distance(here, s.from_end().point) <= kReach * std::max(way, size_of(here));
}

bool falls_without_bound(const Subject& s) {
  return may_fall_for_ever(s) && tail::descends(s.path()) && s.falls_from_end() && !falls_to_a_pole(s);
}

bool falls_to_no_point(const Subject& s) {
  return may_fall_for_ever(s) && tail::descends(s.path()) && s.from_end().outcome == Outcome::drifts;
}

/// Where the decay takes back each step of a coordinate: a step of full length, the sign of the slope (of adamw g /
/// (|g| + eps)), is -decay x. That is on a slope, and no stationary point of the function: a limit without a kind.
std::optional<Limit> decay_balances(const Subject& s) {
  constexpr double kNear = 0.1;  // of the balance: what the run has not got to yet
  constexpr double kSame = 1e-3;
  const Experiment& experiment = s.followed.experiment;
  const double decay = experiment.decoupled_decay;
  if (!(decay > 0) || decay_repels(s) || s.path().dimension() != experiment.start.size()) return {};
  const double eps = hyperparameter(experiment.optimizer, experiment.values, "eps", 0);
  const auto here = s.path().back();
  std::vector<double> slope(here.size());
  experiment.decayed.gradient(here, slope);
  const auto balance_at = [&](double g) { return -g / (std::abs(g) + eps) / decay; };
  Limit limit{{here.begin(), here.end()}, {}, false, false};
  bool balances = false;
  for (std::size_t i = 0; i < here.size(); ++i) {
    const double balance = balance_at(slope[i]);
    if (slope[i] == 0 || !(std::abs(here[i] - balance) <= kNear * std::abs(balance))) continue;
    limit.point[i] = balance, balances = true;
  }
  if (!balances) return {};
  experiment.decayed.gradient(limit.point, slope);
  for (std::size_t i = 0; i < here.size(); ++i) {  // a full step takes the slope for granted that is there
    const double balance = balance_at(slope[i]);
    if (limit.point[i] != here[i] && !(std::abs(limit.point[i] - balance) <= kSame * std::abs(balance))) return {};
  }
  limit.reached = s.followed.iteration.end == End::stands_still || tail::settles(s.path(), s.extents(), limit.point);
  if (!limit.reached && !tail::approaches(s.path(), s.extents(), limit.point)) return {};
  return limit;
}

/// It stands where its slope is 0, and has not moved for a quarter of its steps.
bool has_stopped(const Subject& s) {
  const auto here = s.path().back();
  std::vector<double> slope(here.size());
  s.followed.experiment.decayed.gradient(here, slope);
  return size_of(slope) == 0 && s.extents().last == 0;
}

/// The linear law at the end of a descent says that this learning rate cannot settle there. Of optimizers that divide
/// their steps by a size of the slopes which they forget, this holds of the run once it is near: it comes there while
/// the slopes that it saw on its way still shorten its steps.
bool repels(const Subject& s, const Descent& end) {
  const OptimizerSpec& optimizer = s.followed.experiment.optimizer;
  if (optimizer.preconditioner && !optimizer.preconditioner_memory) return false;  // a sum of slopes grows as they do
  const auto law = s.law_at(end);
  return law && law->radius > 1 + kRadiusOne;
}

/// A point at which the slope does not vanish is stepped over for ever, unless the steps shrink of themselves.
bool may_hold(const Subject& s, const Descent& end) {
  return end.may_attract() || s.followed.experiment.optimizer.preconditioner || !goes_on(s);
}

/// The point at which the run is, as near as rounding lets it come. (It may do so from special starts, too.) Where
/// small learning rates end there as well, what their way has shown of it counts; null where there is none.
const Descent* point_reached(const Subject& s) {
  if (!tail::settles(s.path(), s.extents(), s.path().back())) return nullptr;  // before a descent is paid for
  const auto settles = [&](const Descent& end) {
    return end.ends_at_point() && tail::settles(s.path(), s.extents(), end.point) && !decay_moves_on(s, end.point);
  };
  if (settles(s.from_start())) return &s.from_start();
  return settles(s.from_end()) ? &s.from_end() : nullptr;
}

std::optional<Limit> rests_near_point(const Subject& s) {
  const Descent* point = point_reached(s);
  if (!point || (!may_hold(s, *point) && !has_stopped(s))) return {};
  if (s.followed.experiment.optimizer.preconditioner && repels(s, *point) && !has_stopped(s)) return {};
  return limit_at(*point, true);
}

/// It repeats in the last digits of a point at which, by the linear law, this learning rate settles: what moves it
/// there is rounding.
std::optional<Limit> settles_to_rounding(const Subject& s) {
  const Descent* point = point_reached(s);
  if (!point) return {};
  const auto law = s.law_at(*point);
  return law && law->holds() ? std::optional(limit_at(*point, true)) : std::nullopt;
}

/// The squares of its slopes add up to something finite. Only then does adagrad with a rate of c / t come to a minimum:
/// else what divides its steps grows so fast that they add up to less than the way.
bool slopes_have_a_sum(const Subject& s) {
  const Trajectory& path = s.path();
  const std::size_t n = path.size();
  std::vector<double> slope(path.dimension());
  const auto squares = [&](std::size_t from, std::size_t to) {
    double sum = 0;
    for (std::size_t k = from; k < to; ++k) {
      s.followed.experiment.decayed.gradient(path.point(k), slope);
      for (const double g : slope) sum += g * g;
    }
    return sum;
  };
  return squares(n / 2, n) < tail::kShrinks * squares(n / 4, n / 2);
}

/// Slopes that vanish toward a point are less steep there than on the way: else the steps to it were lost in rounding.
bool slope_lessens(const Subject& s, const Descent& end) {
  if (!end.may_attract()) return true;  // it does not vanish there
  const Trajectory& path = s.path();
  std::vector<double> slope(path.dimension());
  const auto slope_at = [&](std::span<const double> point) {
    s.followed.experiment.decayed.gradient(point, slope);
    return size_of(slope);
  };
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t k = path.size() / 2; k < path.size() - path.size() / 4; ++k)
    least = std::min(least, slope_at(path.point(k)));
  const double there = slope_at(end.point);
  return there == 0 || there < least;
}

/// It comes nearer from window to window to where downhill leads.
bool comes_nearer(const Subject& s) {
  const Descent& end = s.from_end();
  if (!s.followed.experiment.optimizer.recurrence) return false;  // its steps do not become shorter
  constexpr double kReach = 10;  // times the way: what is farther has not been approached
  if (!end.ends_at_point() || !tail::approaches(s.path(), s.extents(), end.point)) return false;
  if (decay_moves_on(s, end.point) || !may_hold(s, end)) return false;
  if (distance(s.path().back(), end.point) > kReach * s.path().extent(0, s.path().size())) return false;
  if (!goes_on(s) && !slopes_have_a_sum(s)) return false;
  if (!slope_lessens(s, end)) return false;
  // Decay may hold the run long before it is there.
  return !is_pulled(s) || distance(s.path().back(), end.point) <= s.extents().third + s.extents().last;
}

std::optional<Limit> approaches_point(const Subject& s) {
  if (!comes_nearer(s) || repels(s, s.from_end())) return {};
  return limit_at(s.from_end(), false);
}

/// It is near a minimum, or comes nearer to one, at which its optimizer cannot stay.
std::optional<PassingBy> passes_by(const Subject& s) {
  if (!s.followed.experiment.optimizer.preconditioner) return {};
  const Descent* point = point_reached(s);
  if (!point && comes_nearer(s)) point = &s.from_end();
  if (!point || !repels(s, *point)) return {};
  return PassingBy{s.law_at(*point)->edge};
}

bool makes_way_downhill(const Subject& s) { return tail::descends(s.path()) && tail::travels(s.path()); }

/// Where nothing pulls it back, growth that slows down counts too.
bool grows(const Subject& s) {
  return goes_on(s) &&
         (tail::grows(s.path(), s.extents()) || (decay_repels(s) && tail::grows_in_proportion(s.extents())));
}

std::optional<int> meets_neighbors(const Subject& s) {
  const auto region = tail::region(s.extents());
  if (!region || !goes_on(s) || s.lyapunov(*region)) return {};
  const int period = tail::loose_period(s.path());
  return period > 1 && !keeps(s, period, tail::kRepeatsLoosely) ? 0 : period;
}

std::optional<Wandering> wanders(const Subject& s) {
  const auto region = tail::region(s.extents());
  if (!region || !goes_on(s) || tail::settles(s.path(), s.extents(), s.path().back())) return {};  // by rounding
  if (!s.lyapunov(*region)) return {};
  return Wandering{*region, *s.lyapunov(*region)};
}

std::optional<Wandering> parts_from_neighbors(const Subject& s) {
  const auto found = wanders(s);
  return found && tail::is_chaotic(found->lyapunov) ? found : std::nullopt;
}

/// It fills the same region again, and is on no spiral: neither one too slow to be seen otherwise, nor one into the
/// place where decay will hold it. Nor is there a minimum that may yet catch it: one that attracts what is near.
std::optional<Wandering> stays_in_region(const Subject& s) {
  if (is_pulled(s) && tail::shrinks(s.extents())) return {};
  if (tail::grows_in_proportion(s.extents())) return {};
  if (const auto law = s.law_at(s.from_start()); law && law->radius <= 1 + kRadiusOne) return {};
  if (tail::creeps(s.extents())) return {};
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
    {End::no_step, "its step is no number", decide<always, conclude_no_step>},
    {End::left_domain, "it leaves the domain", decide<always, conclude_undefined>},
    {End::overflowed, "its steps are bounded, and the function overflows",
     decide<only_the_value_overflows, conclude_too_large>},
    {End::overflowed, "it overflows", decide<always, conclude_divergence>},
    {End::escapes, "the linear law carries it beyond all numbers", decide<always, conclude_escape>},
    {End::arrived, "it stays at the minimum", decide<has_arrived, conclude_convergence>},
    {End::contracts, "the linear law carries it to the minimum", decide<will_arrive, conclude_convergence>},
    {End::repeats, "it hops in the last digits of a point that attracts",
     decide<settles_to_rounding, conclude_convergence>},
    {End::repeats, "it hops among the smallest numbers", decide<underflows, conclude_convergence>},
    {End::repeats, "it repeats exactly", decide<exact_period, conclude_cycle>},

    {End::stands_still, "it rests at the minimum", decide<rests_at_minimum, conclude_convergence>},
    {End::stands_still, "it rests where small rates fall for ever",
     decide<has_fallen_as_small_rates_do, conclude_drift>},
    {End::stands_still, "its slope vanishes on the way to what no point attains",
     decide<slope_has_vanished, conclude_drift>},
    {End::stands_still, "decay balances its steps", decide<decay_balances, conclude_convergence>},
    {End::stands_still, "it stands where decay drives away what is beside it", decide<decay_repels, conclude_unclear>},
    {End::stands_still, "it is stuck on a slope", decide<is_stuck, conclude_stuck>},
    {End::stands_still, "it rests on a flat place that was skipped ahead to",
     decide<rests_after_a_skip, conclude_unclear>},
    {End::stands_still, "it rests elsewhere", decide<rests_elsewhere, conclude_convergence>},

    {End::used_up, "it falls where small rates fall for ever", decide<falls_as_small_rates_do, conclude_drift>},
    {End::used_up, "it stays in the last digits of a point that attracts",
     decide<settles_to_rounding, conclude_convergence>},
    {End::used_up, "decay balances its steps, in the long run", decide<decay_balances, conclude_convergence>},
    {End::used_up, "it underflows", decide<underflows, conclude_convergence>},
    {End::used_up, "it repeats", decide<repeats, conclude_cycle>},
    {End::used_up, "it repeats, a little wider each time", decide<creeps_out, conclude_unclear>},
    {End::used_up, "it falls without bound", decide<falls_without_bound, conclude_fall>},
    {End::used_up, "it falls toward what no point attains", decide<falls_to_no_point, conclude_drift>},
    {End::used_up, "it rests near a stationary point", decide<rests_near_point, conclude_convergence>},
    {End::used_up, "it approaches a stationary point", decide<approaches_point, conclude_convergence>},
    {End::used_up, "it is near a minimum where it cannot stay", decide<passes_by, conclude_passing>},
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
