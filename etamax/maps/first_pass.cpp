#include "etamax/maps/first_pass.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>

#include "etamax/dynamics/iteration.h"
#include "etamax/maps/settling.h"

namespace etamax {
namespace {

constexpr long kLap = 64;  // steps between two looks, once the run is past its first ones
/// Of the way: a step that is shorter has come to rest, and what repeats as closely repeats.
constexpr double kRest = 1e-12;
/// Of the way: a cycle that is smaller may be a run that hops about its limit.
constexpr double kLeastCycle = 1e-3;
constexpr double kLook = 10;  // operations for each coordinate

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

}  // namespace

FirstPass::FirstPass(const MapProblem& problem, const Progress& progress)
    : problem_(problem),
      step_(step_expressions(problem.function(), problem.optimizer(), problem.values(), problem.free_hyperparameters(),
                             progress)),
      program_(step_.next, step_.state, step_.parameters, kStepNumber),
      may_leave_domain_(function_has_gaps(problem.function())),
      may_settle_(problem.optimizer().closed_form_edge && !problem.optimizer().preconditioner &&
                  !has_decoupled_decay(problem)),
      may_cycle_(!problem.optimizer().preconditioner && !has_decoupled_decay(problem)) {}

/// What is seen of each lane at one moment: flags.
struct FirstPass::Looked {
  std::vector<std::uint8_t> infinite, rests, repeats;
};

void FirstPass::look(Lanes& lanes, Looked& at) const {
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
  double* const travel = lanes.travel.data();
  for (std::size_t k = 0; k < n; ++k) {
    const double far = away[k] > moved[k] ? away[k] : moved[k];
    travel[k] = travel[k] < far ? far : travel[k];
  }
  for (std::size_t k = 0; k < n; ++k) {
    at.rests[k] = (moved[k] <= kRest * travel[k]) & (travel[k] > 0);
    at.repeats[k] = (lapped[k] <= kRest * travel[k]) & (moved[k] > kLeastCycle / 2 * travel[k]);
  }
}

bool FirstPass::settles(const Lanes& lanes, std::size_t lane, Asking& asking) const {
  constexpr double kEigenvalues = 20;  // operations for each number of d^3
  const auto d = static_cast<double>(step_.dimension);
  asking.after(d * program_.work() + kEigenvalues * d * d * d);
  return settles_here(problem_, lanes, lane);
}

void FirstPass::find_cycles(const Lanes& lanes, long step, const std::vector<std::uint8_t>& candidates,
                            std::vector<std::uint8_t>& done, std::span<MapPixel> pixels, Cost& cost,
                            Asking& asking) const {
  Lanes some = lanes.chosen(candidates);
  History points;
  constexpr long kWatched = 2 * kLongestPeriod + 2;
  for (long k = 0; k < kWatched; ++k) {
    points.add(some);
    some.run(program_, step + 1 + k, 1, asking);
  }
  cost.gradients += kWatched * static_cast<long>(some.live);
  for (std::size_t lane = 0, from = 0; lane < some.live; ++lane, ++from) {
    while (candidates[from] == 0) ++from;
    const int found = period_of(points, lane, kLeastCycle * some.travel[lane], asking);
    if (found == 0) continue;
    MapPixel& pixel = pixels[some.number[lane]];
    pixel.fate = Verdict::cycles, pixel.drawn = true;
    pixel.period = static_cast<std::uint8_t>(found);
    done[from] = 1;
  }
}

void FirstPass::run(const std::vector<MapProblem::Run>& runs, std::span<MapPixel> pixels, Cost& cost,
                    Asking& asking) const {
  Lanes lanes = lanes_of(problem_, step_.dimension, step_.state.size(), runs);
  Looked at;
  for (long step = 0; step < problem_.max_steps() && lanes.live > 0;) {
    const long steps = std::min(std::clamp<long>(step / 4, 4, kLap), problem_.max_steps() - step);
    for (std::size_t i = 0; i < step_.dimension; ++i) lanes.lap[i] = lanes.state[i];
    lanes.run(program_, step + 1, steps - 1, asking);
    for (std::size_t i = 0; i < step_.dimension; ++i) lanes.before[i] = lanes.state[i];
    lanes.run(program_, step + steps, 1, asking);
    step += steps;
    cost.gradients += steps * static_cast<long>(lanes.live);
    look(lanes, at);
    asking.after(kLook * static_cast<double>(step_.dimension * lanes.padded()));
    std::vector<std::uint8_t> done(lanes.padded(), 0);
    if (may_cycle_ && steps == kLap && step < problem_.max_steps() / 2) {
      at.repeats.resize(lanes.live);
      if (std::find(at.repeats.begin(), at.repeats.end(), 1) != at.repeats.end())
        find_cycles(lanes, step, at.repeats, done, pixels, cost, asking);
    }
    for (std::size_t lane = 0; lane < lanes.live; ++lane) {
      MapPixel& pixel = pixels[lanes.number[lane]];
      if (at.infinite[lane] != 0) {
        done[lane] =
            1;  // where the function has gaps, only the rules tell an end of its domain from one of the numbers
        pixel.fate = Verdict::diverges, pixel.drawn = !may_leave_domain_;
      } else if (may_settle_ && at.rests[lane] != 0 && settles(lanes, lane, asking)) {
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
