#include "etamax/explain/stability.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/bisection.h"
#include "etamax/core/format.h"
#include "etamax/dynamics/limit_law.h"
#include "etamax/dynamics/trajectory.h"

namespace etamax {
namespace {

std::string why_no_start_in_short(const Experiment& experiment) {
  if (std::isfinite(experiment.objective.value(experiment.start))) return "the slope at the start is not finite";
  if (experiment.objective.domain_fault(experiment.start)) return "the function has no value at the start";
  return "the function's value at the start is too large for the machine";
}

/// Why small learning rates reach no minimum; empty where they do.
std::string no_minimizer(const Experiment& experiment) {
  switch (experiment.descent.outcome) {
    case Descent::Outcome::minimum:
      return "";
    case Descent::Outcome::other_point:
      return "small learning rates lead to a point that is no minimum";
    case Descent::Outcome::unbounded_below:
      return "the function falls without bound from this start";
    case Descent::Outcome::drifts:
      return "the function has no minimum in that direction: it only tends to a value";
    case Descent::Outcome::undefined:
      return why_no_start_in_short(experiment);
    case Descent::Outcome::unclear:
      break;
  }
  return "no minimizer was found from this start";
}

/// Where the fastest rate is all but the edge, whoever takes a little more is past it.
std::string warning_near_edge(const Stability& s) {
  constexpr double kNear = 0.05;  // of the edge
  if (!s.lr_fastest || !s.lr_edge || *s.lr_fastest < (1 - kNear) * *s.lr_edge) return "";
  return fmt::format("it is {}% of the stability edge: from {} on, a rate {}% larger, nothing settles at the minimum",
                     format_number(100 * *s.lr_fastest / *s.lr_edge, 4), format_number(*s.lr_edge),
                     format_number(100 * (*s.lr_edge / *s.lr_fastest - 1), 2));
}

void apply_theory(Stability& s, const Experiment& experiment) {
  const LocalTheory& theory = experiment.theory;
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
  s.lr_fastest_warning = warning_near_edge(s);
}

/// The end of the interval of rates, from small ones up, that converge.
class Search {
 public:
  Search(const Experiment& experiment, const FollowOptions& options, Cost& cost)
      : experiment_(experiment), options_(options), cost_(cost) {}

  void run(Stability& s, std::optional<double> edge) {
    const double low = lowest(first_guess(edge));
    if (low == 0) {
      s.lr_settles_below = settles_below();
      s.lr_max_from_start_reason = why_none(s.lr_settles_below);
      return;
    }
    Bracket bracket{low, 0};
    const double unsettled = widen(bracket, edge);
    if (bracket.high == 0) {
      s.lr_converges_up_to = bracket.low;
      if (unsettled > 0) s.lr_unsettled = unsettled;
      s.lr_max_from_start_reason =
          unsettled > 0
              ? "it converges up to " + rounded_down(bracket.low, 2) + ", but what " + rounded_up(unsettled, 2) +
                    " does is not settled within the steps followed"
              : "every learning rate that was tried converges, up to " + rounded_down(bracket.low, 2) + small_ones();
      return;
    }
    narrow(bracket);
    s.lr_max_from_start_bracket = {{bracket.low, bracket.high}};
    const bool is_wide = bracket.high - bracket.low > kWide * bracket.low;
    s.lr_max_from_start = is_wide ? bracket.low : simplest_between(bracket.low, bracket.high);
  }

 private:
  static constexpr double kStep = 1.189207115002721;  // of the scan: a quarter of an octave
  static constexpr double kFarthest = 1e9;            // of the scan, beyond the rate that it began with
  static constexpr double kNearEdge = 1e-6;           // how near to the edge its two sides are run
  static constexpr double kNarrow = 3e-6;             // of the bracket: both sides of the edge are just in it
  static constexpr double kWide = 1e-3;               // a bracket so wide is of rates that are not settled

  /// Where the rates below the first that converged are not only slower.
  std::string small_ones() const {
    if (!experiment_.rate_decays) return "";
    return "; of the smallest ones it is not known, since the optimizer's own schedule makes their steps ever shorter";
  }

  /// The rates at which the minimum holds a run whose optimizer has forgotten the slopes.
  std::optional<double> settles_below() const {
    if (!experiment_.optimizer.preconditioner_memory) return {};
    const Stepper stepper(experiment_.objective, experiment_.optimizer, experiment_.values, 1, experiment_.start);
    const auto law = limit_law(experiment_, stepper, experiment_.descent);
    return law && law->edge && *law->edge > 0 ? law->edge : std::nullopt;
  }

  static std::string why_none(const std::optional<double>& settles_below) {
    if (!settles_below) return "no learning rate settles at the minimum within the steps followed";
    return fmt::format(
        "where the slopes vanish this optimizer forgets how large they were, so only learning rates below {} settle at the "
        "minimum, and none of those arrives within the steps followed",
        format_number(*settles_below));
  }

  /// Scans upwards from `low` to the first rate that does not converge; `high` stays 0 where there is none. Returns the
  /// first rate of which it is not settled; 0 where there is none.
  double widen(Bracket& bracket, std::optional<double> edge) {
    const double first = bracket.low;
    double unsettled = 0;
    for (double rate = first; bracket.high == 0;) {
      double next = rate * kStep;
      // The local edge is the natural candidate: run both sides of it.
      for (const double side : {1 - kNearEdge, 1 + kNearEdge})
        if (edge && rate < *edge * side && next > *edge * side) next = *edge * side;
      if (next > first * kFarthest) break;
      rate = next;
      const bool does = converges(rate);
      if (does && unsettled > 0) break;
      if (does)
        bracket.low = rate;
      else if (last_ != Verdict::unclear)
        bracket.high = rate;
      else if (unsettled == 0)
        unsettled = rate;
    }
    return unsettled;
  }

  void narrow(Bracket& bracket) {
    const auto settled = [&](double rate) -> std::optional<bool> {
      const bool does = converges(rate);
      if (!does && last_ == Verdict::unclear) return {};  // the bracket stays as wide as what is not settled
      return does;
    };
    const auto is_narrow = [](const Bracket& b) { return b.high - b.low <= kNarrow * b.low; };
    const auto geometric = [](double a, double b) { return a * std::sqrt(b / a); };
    bracket = bisected(bracket, settled, is_narrow, geometric);
  }

  /// A small rate that converges, from `guess`: smaller where that one fails (the local edge says nothing of
  /// how far away the start is), larger where it is only too slow to tell. 0: there is none.
  double lowest(double guess) {
    constexpr int kTries = 500, kCycles = 4;
    constexpr double kSmallest = 1e-305, kLargest = 1e305;
    constexpr double kSmaller = 0.25, kLarger = 2;
    constexpr double kBeside = 1.0123;  // a rate that has no simple ratio to the first
    bool slow = false, fast = false;
    int cycles = 0;
    for (int k = 0; k < kTries && guess > kSmallest && guess < kLargest; ++k) {
      // Where nothing attracts a run may land on the minimum by chance: a neighboring rate must do so too.
      if (converges(guess) && (experiment_.descent.may_attract() || converges(guess * kBeside))) return guess;
      const bool unsettled = last_ == Verdict::unclear;
      (unsettled ? slow : fast) = true;
      if ((slow && fast) || last_ == Verdict::cycles || last_ == Verdict::chaotic) {
        // A cycle is what a corner does at every rate; try a few, lest it be that of a rate too large.
        if (slow || ++cycles == kCycles) return 0;
      }
      guess *= unsettled ? kLarger : kSmaller;
    }
    return 0;
  }

  bool converges(double lr) {
    report_progress(options_.progress, 0);
    last_ = verdict_only(experiment_, lr, options_, cost_);
    return last_ == Verdict::converges;
  }

  /// Well below any rate that could matter.
  double first_guess(std::optional<double> edge) const {
    constexpr double kBelow = 1.0 / 32;
    constexpr double kLeastTravel = 1e-300;  // a start at the minimum still needs a rate above 0
    if (edge) return *edge * kBelow;
    std::vector<double> gradient(experiment_.start.size());
    experiment_.decayed.gradient(experiment_.start, gradient);
    const double travel = distance(experiment_.start, experiment_.descent.point);
    return std::max(travel, kLeastTravel) / size_of(gradient) * kBelow;
  }

  const Experiment& experiment_;
  const FollowOptions& options_;
  Cost& cost_;
  Verdict last_ = Verdict::unclear;  ///< of the rate that was tried last
};

}  // namespace

Stability analyze_stability(const Experiment& experiment, const FollowOptions& options, Cost& cost) {
  Stability s;
  const Descent& descent = experiment.descent;
  s.small_rates.outcome = descent.outcome;
  s.small_rates.with_decay =
      experiment.optimizer.gradient_decay && experiment.optimizer.gradient_decay(experiment.values) > 0;
  s.can_settle = experiment.optimizer.recurrence != nullptr;
  if (descent.ends_at_point()) {
    s.small_rates.point = descent.point;
    s.small_rates.kind = descent.kind;
    s.small_rates.corner = !descent.smooth;
  }
  if (experiment.optimizer.edge_formula) s.lr_edge_formula = experiment.optimizer.edge_formula(experiment.values);
  if (const std::string why = no_minimizer(experiment); !why.empty()) {
    s.minimizer_reason = s.lr_edge_reason = s.lr_fastest_reason = s.lr_max_from_start_reason = why;
    return s;
  }
  s.minimizer = descent.point;
  if (descent.may_attract() && descent.even_curvature && !descent.eigenvalues.empty()) {
    s.lambda_max = descent.eigenvalues.back();
    s.lambda_min = descent.eigenvalues.front();
  }
  apply_theory(s, experiment);
  std::vector<double> gradient(experiment.start.size());
  experiment.decayed.gradient(experiment.start, gradient);
  if (size_of(gradient) == 0)
    s.lr_max_from_start_reason = "the slope is zero at this start, so there is no descent to search along";
  else if (!experiment.optimizer.recurrence)
    s.lr_max_from_start_reason = experiment.optimizer.no_recurrence_reason;
  else if (descent.at_domain_edge && !descent.may_attract())
    s.lr_max_from_start_reason =
        "the minimum lies at the edge of the domain, and nothing slows the steps down before it";
  else
    Search(experiment, options, cost).run(s, s.lr_edge);
  return s;
}

}  // namespace etamax
