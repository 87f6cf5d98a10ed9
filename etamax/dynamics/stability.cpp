#include "etamax/dynamics/stability.h"

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/dynamics/trajectory.h"

namespace etamax {
namespace {

/// Why small learning rates reach no minimum; empty where they do.
std::string no_minimizer(Descent::Outcome outcome) {
  switch (outcome) {
    case Descent::Outcome::minimum:
      return "";
    case Descent::Outcome::other_point:
      return "small learning rates lead to a point that is no minimum";
    case Descent::Outcome::unbounded_below:
      return "the function falls without bound from this start";
    case Descent::Outcome::drifts:
      return "the function has no minimum in that direction: it only tends to a value";
    case Descent::Outcome::undefined:
      return "the function has no value at the start";
    case Descent::Outcome::unclear:
      break;
  }
  return "no minimizer was found from this start";
}

void apply_theory(Stability& s, const Problem& problem) {
  const LocalTheory& theory = problem.theory;
  if (!theory.applies()) {
    s.lr_edge_reason = s.lr_fastest_reason = theory.reason();
    return;
  }
  s.lr_edge = theory.edge();
  if (!s.lr_edge)
    s.lr_edge_reason = *s.lambda_max > 0 ? "no learning rate is unstable"
                                         : "the curvature at the minimum is 0, so the local theory sets no edge";
  s.lr_fastest = theory.fastest();
  if (!s.lr_fastest) s.lr_fastest_reason = "some direction at the minimum has no curvature";
}

/// The end of the interval of rates, from small ones up, that converge.
class Search {
 public:
  Search(const Problem& problem, const FollowOptions& options, Cost& cost)
      : problem_(problem), options_(options), cost_(cost) {}

  void run(Stability& s, std::optional<double> edge) {
    constexpr double kStep = 1.189207115002721;  // a quarter of an octave
    constexpr double kNearEdge = 1e-6, kWidth = 3e-6;
    double low = lowest(first_guess(edge));
    if (low == 0) {
      s.lr_max_from_start_reason = "no learning rate settles at the minimum within the steps followed";
      return;
    }
    const double first = low;
    double high = 0, unsettled = 0;
    for (double rate = low; high == 0;) {
      double next = rate * kStep;
      // The local edge is the natural candidate: run both sides of it.
      for (const double side : {1 - kNearEdge, 1 + kNearEdge})
        if (edge && rate < *edge * side && next > *edge * side) next = *edge * side;
      if (next > first * 1e9) {
        s.lr_max_from_start_reason = "every learning rate that was tried converges, up to " + format_number(low, 2);
        return;
      }
      rate = next;
      const bool does = converges(rate);
      if (does && unsettled > 0) {
        s.lr_max_from_start_reason = "it converges up to " + format_number(low, 2) + ", but what " +
                                     format_number(unsettled, 2) + " does is not settled within the steps followed";
        return;
      }
      if (does)
        low = rate;
      else if (last_ != Verdict::unclear)
        high = rate;
      else if (unsettled == 0)
        unsettled = rate;
    }
    while (high - low > kWidth * low) {
      const double middle = low * std::sqrt(high / low);
      if (middle <= low || middle >= high) break;
      const bool does = converges(middle);
      if (!does && last_ == Verdict::unclear) break;  // the bracket stays as wide as what is not settled
      (does ? low : high) = middle;
    }
    s.lr_max_from_start_bracket = {{low, high}};
    s.lr_max_from_start = high - low > 1e-3 * low ? low : simplest_between(low, high);
  }

 private:
  /// A small rate that converges, from `guess`: smaller where that one fails (the local edge says nothing of
  /// how far away the start is), larger where it is only too slow to tell. 0: there is none.
  double lowest(double guess) {
    bool slow = false, fast = false;
    for (int k = 0; k < 500 && guess > 1e-290 && guess < 1e290; ++k) {
      // Where the slope jumps a run may land on the minimum by chance: a neighbouring rate must do so too.
      if (converges(guess) && (problem_.descent.smooth || converges(guess * 1.0123))) return guess;
      const bool unsettled = last_ == Verdict::unclear;
      (unsettled ? slow : fast) = true;
      if ((slow && fast) || last_ == Verdict::cycles || last_ == Verdict::chaotic) {
        // A cycle is what a corner does at every rate; try a few, lest it be that of a rate too large.
        if (slow || ++cycling_ == 4) return 0;
      }
      guess *= unsettled ? 2 : 0.25;
    }
    return 0;
  }

  bool converges(double lr) {
    report_progress(options_.progress, 0.5);
    last_ = fate(problem_, lr, options_, cost_);
    return last_ == Verdict::converges;
  }

  /// Well below any rate that could matter.
  double first_guess(std::optional<double> edge) const {
    constexpr double kBelow = 1.0 / 32;
    if (edge) return *edge * kBelow;
    std::vector<double> gradient(problem_.start.size());
    problem_.decayed.gradient(problem_.start, gradient);
    const double travel = distance(problem_.start, problem_.descent.point);
    return std::max(travel, 1e-300) / size_of(gradient) * kBelow;
  }

  const Problem& problem_;
  const FollowOptions& options_;
  Cost& cost_;
  Verdict last_ = Verdict::unclear;
  int cycling_ = 0;
};

}  // namespace

Stability analyse_stability(const Problem& problem, const FollowOptions& options, Cost& cost) {
  Stability s;
  const Descent& descent = problem.descent;
  if (problem.optimizer.edge_formula) s.lr_edge_formula = problem.optimizer.edge_formula(problem.values);
  if (const std::string why = no_minimizer(descent.outcome); !why.empty()) {
    s.minimizer_reason = s.lr_edge_reason = s.lr_fastest_reason = s.lr_max_from_start_reason = why;
    return s;
  }
  s.minimizer = descent.point;
  if (descent.smooth && !descent.eigenvalues.empty()) {
    s.lambda_max = descent.eigenvalues.back();
    s.lambda_min = descent.eigenvalues.front();
  }
  apply_theory(s, problem);
  std::vector<double> gradient(problem.start.size());
  problem.decayed.gradient(problem.start, gradient);
  if (size_of(gradient) == 0)
    s.lr_max_from_start_reason = "the slope is zero at this start, so there is no descent to search along";
  else if (!problem.optimizer.recurrence)
    s.lr_max_from_start_reason = problem.optimizer.no_recurrence_reason;
  else
    Search(problem, options, cost).run(s, s.lr_edge);
  return s;
}

}  // namespace etamax
