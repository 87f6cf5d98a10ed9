#include "etamax/maps/first_pass.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>

#include "etamax/dynamics/iteration.h"
#include "etamax/dynamics/tail_tests.h"

namespace etamax {
namespace {

constexpr long kLap = 64;  // steps between two looks, once the run is past its first ones
/// Of the way: a step that is shorter has come to rest, and what repeats as closely repeats.
constexpr double kRest = 1e-12;
/// Of the way: how near Newton's step must put the stationary point.
constexpr double kNear = 1e-8;
/// Of the way: a cycle that is smaller may be a run that hops about its limit.
constexpr double kLeastCycle = 1e-3;
/// How far below the edge a rate must be for the linear law to say that the run settles.
constexpr double kBelowEdge = 1e-6;

bool has_gaps(const Expression& e) {
  switch (e.op()) {
    case Op::divide:
      return !(e.operands()[1].op() == Op::constant && e.operands()[1].value() != 0);
    case Op::power: {
      const Expression& exponent = e.operands()[1];
      return !(exponent.op() == Op::constant && exponent.value() >= 0 &&
               exponent.value() == std::floor(exponent.value()));
    }
    case Op::sqrt:
    case Op::log:
    case Op::log2:
    case Op::log10:
    case Op::log1p:
    case Op::asin:
    case Op::acos:
      return true;
    default:
      return false;
  }
}

/// Whether an operation of one of these has no value for some finite numbers.
bool any_gaps(std::vector<Expression> pending) {
  std::unordered_set<const void*> seen;
  while (!pending.empty()) {
    const Expression e = pending.back();
    pending.pop_back();
    if (!seen.insert(e.id()).second) continue;
    if (has_gaps(e)) return true;
    pending.insert(pending.end(), e.operands().begin(), e.operands().end());
  }
  return false;
}

bool function_has_gaps(const Function& f) {
  std::vector<Expression> all = f.gradient_expressions();
  all.push_back(f.expression());
  return any_gaps(std::move(all));
}

/// Decay that is no part of the function descended: where it holds a run, no linear law of the function's says so.
bool has_decoupled_decay(const MapProblem& problem) {
  const OptimizerSpec& spec = problem.optimizer();
  if (spec.gradient_decay) return false;
  const std::vector<std::string> free = problem.free_hyperparameters();
  return hyperparameter(spec, problem.values(), "weight_decay", 0) > 0 ||
         std::find(free.begin(), free.end(), "weight_decay") != free.end();
}

}  // namespace

FirstPass::FirstPass(const MapProblem& problem)
    : problem_(problem),
      step_(
          step_expressions(problem.function(), problem.optimizer(), problem.values(), problem.free_hyperparameters())),
      program_(step_.next, step_.state, step_.parameters, kStepNumber),
      may_leave_domain_(function_has_gaps(problem.function())),
      may_settle_(problem.optimizer().closed_form_edge && !problem.optimizer().preconditioner &&
                  !has_decoupled_decay(problem)),
      may_cycle_(!problem.optimizer().preconditioner && !has_decoupled_decay(problem)) {}

/// What is seen of each lane at one moment: flags.
struct FirstPass::Looked {
  std::vector<std::uint8_t> infinite, rests, repeats;
};

void FirstPass::look(const Lanes& lanes, Looked& at) const {
  const std::size_t n = lanes.padded();
  at.infinite.assign(n, 0), at.rests.assign(n, 1), at.repeats.assign(n, 1);
  constexpr double kMax = std::numeric_limits<double>::max();
  // Written so that compilers make vectors of it: no branches.
  std::vector<double> moved(n, 0), lapped(n, 0), away(n, 0);
  for (std::size_t i = 0; i < step_.dimension; ++i) {
    const double *const x = lanes.state[i].data(), *const before = lanes.before[i].data();
    const double *const start = lanes.start[i].data(), *const lap = lanes.lap[i].data();
    for (std::size_t k = 0; k < n; ++k) {
      const double m = std::abs(x[k] - before[k]), l = std::abs(x[k] - lap[k]), a = std::abs(x[k] - start[k]);
      moved[k] = moved[k] < m ? m : moved[k];
      lapped[k] = lapped[k] < l ? l : lapped[k];
      away[k] = away[k] < a ? a : away[k];
    }
    for (std::size_t k = 0; k < n; ++k) at.infinite[k] |= !(std::abs(x[k]) <= kMax);
  }
  double* const travel = const_cast<Lanes&>(lanes).travel.data();
  for (std::size_t k = 0; k < n; ++k) {
    const double far = away[k] > moved[k] ? away[k] : moved[k];
    travel[k] = travel[k] < far ? far : travel[k];
  }
  for (std::size_t k = 0; k < n; ++k) {
    at.rests[k] = (moved[k] <= kRest * travel[k]) & (travel[k] > 0);
    at.repeats[k] = (lapped[k] <= kRest * travel[k]) & (moved[k] > kLeastCycle / 2 * travel[k]);
  }
}

/// A run that rests settles for good where a minimum is right beside it at which the linear law holds the rule.
bool FirstPass::settles(const Lanes& lanes, std::size_t lane) const {
  const Function& f = problem_.function();
  const std::size_t d = step_.dimension;
  const OptimizerSpec& spec = problem_.optimizer();
  std::vector<double> all = problem_.values().values();
  const std::vector<std::string> free = problem_.free_hyperparameters();
  for (std::size_t k = 0; k < free.size(); ++k)
    for (std::size_t h = 0; h < all.size(); ++h)
      if (spec.hyperparameters[h].name == free[k]) all[h] = lanes.parameter[1 + k][lane];
  const HyperparameterValues values(std::move(all));
  const double decay = spec.gradient_decay ? spec.gradient_decay(values) : 0;
  const std::vector<double> x = lanes.point(lane);
  Eigen::VectorXd g(static_cast<Eigen::Index>(d));
  Eigen::MatrixXd h(static_cast<Eigen::Index>(d), static_cast<Eigen::Index>(d));
  f.gradient(x, {g.data(), d});
  f.hessian(x, {h.data(), d * d});
  for (std::size_t i = 0; i < d; ++i) {
    const auto k = static_cast<Eigen::Index>(i);
    g(k) += decay * x[i], h(k, k) += decay;
  }
  double least = h(0, 0), most = h(0, 0), step = std::abs(g(0) / h(0, 0));
  if (d > 1) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(h);
    least = solver.eigenvalues()(0), most = solver.eigenvalues()(g.size() - 1);
    step = g.norm() / least;
  }
  if (!(least > 0) || !std::isfinite(most)) return false;
  const double size = size_of(x);
  if (!(step <= kNear * lanes.travel[lane] + tail::kRounding * size)) return false;
  return lanes.parameter[0][lane] < (1 - kBelowEdge) * spec.closed_form_edge(values, most);
}

/// The smallest period with which the points of `history`, which holds so many lanes side by side, repeat; 0: none, or
/// one of a cycle that is small beside the way.
int FirstPass::period(const std::vector<std::vector<double>>& history, std::size_t lanes, std::size_t lane,
                      double travel) const {
  const std::size_t d = step_.dimension, points = history.size();
  const auto at = [&](std::size_t k, std::size_t i) { return history[k][i * lanes + lane]; };
  double extent = 0;
  for (std::size_t i = 0; i < d; ++i) {
    double low = at(0, i), high = low;
    for (std::size_t k = 1; k < points; ++k) low = std::min(low, at(k, i)), high = std::max(high, at(k, i));
    extent = std::max(extent, high - low);
  }
  if (!(extent > kLeastCycle * travel)) return 0;
  for (std::size_t p = 2; p <= static_cast<std::size_t>(kLongestPeriod); ++p) {
    bool repeats = true;
    for (std::size_t k = p; repeats && k < points; ++k)
      for (std::size_t i = 0; i < d; ++i)
        repeats = repeats && std::abs(at(k, i) - at(k - p, i)) <= tail::kRepeats * extent;
    if (repeats) return static_cast<int>(p);
  }
  return 0;
}

void FirstPass::find_cycles(const Lanes& lanes, long step, const std::vector<std::uint8_t>& candidates,
                            std::vector<std::uint8_t>& done, std::span<MapPixel> pixels, Cost& cost) const {
  Lanes some = lanes.chosen(candidates);
  const std::size_t n = some.padded();
  std::vector<std::vector<double>> history;
  constexpr long kWatched = 2 * kLongestPeriod + 2;
  for (long k = 0; k < kWatched; ++k) {
    history.emplace_back();
    for (std::size_t i = 0; i < step_.dimension; ++i)
      history.back().insert(history.back().end(), some.state[i].begin(),
                            some.state[i].begin() + static_cast<std::ptrdiff_t>(n));
    some.run(program_, step + 1 + k, 1);
  }
  cost.gradients += kWatched * static_cast<long>(some.live);
  for (std::size_t lane = 0, from = 0; lane < some.live; ++lane, ++from) {
    while (candidates[from] == 0) ++from;
    const int found = period(history, n, lane, some.travel[lane]);
    if (found == 0) continue;
    MapPixel& pixel = pixels[some.number[lane]];
    pixel.fate = Verdict::cycles, pixel.drawn = true;
    pixel.period = static_cast<std::uint8_t>(found);
    done[from] = 1;
  }
}

void FirstPass::run(const std::vector<MapProblem::Run>& runs, std::span<MapPixel> pixels, Cost& cost) const {
  Lanes lanes = lanes_of(problem_, step_, runs, 0);
  Looked at;
  for (long step = 0; step < problem_.max_steps() && lanes.live > 0;) {
    const long steps = std::min(std::clamp<long>(step / 4, 4, kLap), problem_.max_steps() - step);
    for (std::size_t i = 0; i < step_.dimension; ++i) lanes.lap[i] = lanes.state[i];
    lanes.run(program_, step + 1, steps - 1);
    for (std::size_t i = 0; i < step_.dimension; ++i) lanes.before[i] = lanes.state[i];
    lanes.run(program_, step + steps, 1);
    step += steps;
    cost.gradients += steps * static_cast<long>(lanes.live);
    look(lanes, at);
    std::vector<std::uint8_t> done(lanes.padded(), 0);
    if (may_cycle_ && steps == kLap && step < problem_.max_steps() / 2) {
      at.repeats.resize(lanes.live);
      if (std::find(at.repeats.begin(), at.repeats.end(), 1) != at.repeats.end())
        find_cycles(lanes, step, at.repeats, done, pixels, cost);
    }
    for (std::size_t lane = 0; lane < lanes.live; ++lane) {
      MapPixel& pixel = pixels[lanes.number[lane]];
      if (at.infinite[lane] != 0) {
        done[lane] =
            1;  // where the function has gaps, only the rules tell an end of its domain from one of the numbers
        pixel.fate = Verdict::diverges, pixel.drawn = !may_leave_domain_;
      } else if (may_settle_ && at.rests[lane] != 0 && settles(lanes, lane)) {
        done[lane] = 1;
        pixel.fate = Verdict::converges, pixel.drawn = true;
      }
      if (done[lane] == 0 && step < problem_.max_steps()) continue;
      pixel.steps = static_cast<std::uint32_t>(step);
      pixel.value = lanes.state[0][lane];
    }
    lanes.drop(done);
  }
}

}  // namespace etamax
