#include "etamax/dynamics/reason.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/dynamics/limit_law.h"
#include "etamax/dynamics/other_minimum.h"
#include "etamax/dynamics/rate_scope.h"
#include "etamax/dynamics/stationary_point.h"
#include "etamax/dynamics/trajectory.h"

namespace etamax {
namespace {

// A reader sees four digits; these are far below them.
constexpr double kZero = 1e-12;      // a multiplier that is 0, to rounding
constexpr double kSame = 1e-9;       // two factors that are one, to rounding
constexpr double kManyfold = 10;     // a factor that percents say nothing more of
constexpr double kSamePlace = 1e-6;  // of the way: a run that ended at the minimum

std::string num(double value) { return format_number(value); }

std::string percent(double factor) { return format_number(std::abs(std::abs(factor) - 1) * 100, 4) + "%"; }

/// The iterates stay within it.
std::string range_text(double extent) { return rounded_up(without_noise(extent), 3); }

class ReasonWriter {
 public:
  ReasonWriter(const FunctionRun& run, const Experiment& experiment)
      : run_(run), experiment_(experiment), descent_(experiment.descent), theory_(experiment.theory) {}

  std::string write() const {
    switch (run_.verdict) {
      case Verdict::converges:
        return converges() + where_it_ends() + what_rounding_may_do();
      case Verdict::diverges:
        return diverges();
      case Verdict::cycles:
        return cycles();
      case Verdict::chaotic:
        return chaotic();
      case Verdict::stationary:
        return fmt::format(
            "The slope is zero at the start (a {}), so no step moves it at any learning rate.",
            run_.kind == PointKind::flat ? "flat place" : to_string(run_.kind.value_or(PointKind::flat)));
      case Verdict::drifts:
        return drifts();
      case Verdict::undefined:
        return undefined();
      case Verdict::trains:
      case Verdict::collapses:
      case Verdict::unclear:
        break;
    }
    if (run_.stuck)
      return "The steps are so short that they no longer change x in its last digits: the run stands still on a slope. "
             "A larger learning rate would move it.";
    if (run_.passes_by) return passes_by();
    if (run_.bad_step)
      return fmt::format(
          "After {} the function is too large for the machine's numbers, though x is not. The steps are no longer than "
          "before, and where they lead from there is not known.",
          counted(*run_.bad_step, "step"));
    if (run_.lr * experiment_.decoupled_decay >= 2)
      return "Weight decay takes away just what each step adds, but from here only: the learning rate times the weight "
             "decay is 2 or more, so the slightest push away grows.";
    if (run_.mode == Mode::monotone && experiment_.rate_decays)
      return fmt::format(
          "After {} steps it is still on its way. The optimizer's own schedule makes its steps ever shorter, and whether what "
          "is left of them leads to the end of that way is not known.",
          run_.steps_followed);
    if (run_.mode == Mode::monotone && theory_.applies() && theory_.radius(run_.lr) > 1)
      return fmt::format(
          "After {} steps it is still on its way, and it cannot settle at the minimum: the stability edge there "
          "is {}.",
          run_.steps_followed, num(theory_.edge().value_or(0)));
    if (descent_.outcome == Descent::Outcome::minimum && run_.mode == Mode::monotone)
      return fmt::format(
          "After {} steps it is still on its way downhill: this learning rate is too small to arrive by then.",
          run_.steps_followed);
    return fmt::format("After {} steps it is not settled what becomes of this run; more steps would tell.",
                       run_.steps_followed);
  }

 private:
  bool one_variable() const { return experiment_.start.size() == 1; }

  /// "1 - 1.2 x 2 = -1.4" where the step is a multiplication along a direction of known curvature, else
  /// "-1.4".
  std::string multiplier() const {
    if (experiment_.optimizer.plain && theory_.applies()) {
      for (double lambda : descent_.eigenvalues) {
        const double m = 1 - run_.lr * lambda, factor = one_variable() ? m : std::abs(m);
        if (std::abs(factor - *run_.rate) > kSame * std::max(1.0, std::abs(m))) continue;
        return fmt::format("1 - {} x {} = {}", format_rate(run_.lr), num(lambda),
                           format_factor(std::abs(m) < kZero ? 0 : m));
      }
    }
    return format_factor(*run_.rate);
  }

  /// In one variable a saddle is an inflection point.
  std::string name(PointKind kind) const {
    return kind == PointKind::saddle && one_variable() ? "inflection point" : to_string(kind);
  }

  /// What a converging run ends at, and what another leaves: "the minimum", or what else it is.
  std::string end_point() const {
    const bool leaves = run_.verdict != Verdict::converges && descent_.outcome == Descent::Outcome::other_point;
    const PointKind kind = leaves ? descent_.kind.value_or(PointKind::flat) : run_.kind.value_or(PointKind::minimum);
    if (leaves && kind == PointKind::flat) return "the flat place";
    return kind == PointKind::saddle || kind == PointKind::maximum ? "the " + name(kind) : "the minimum";
  }

  /// Each step obeys one law only on a quadratic; elsewhere the last ones do.
  bool holds_close_by_only() const { return run_.rate_scope == RateScope::near_limit; }

  std::string steps_of_the_law() const {
    switch (run_.rate_scope.value_or(RateScope::long_run)) {
      case RateScope::each_step:
        return "Each step";
      case RateScope::near_limit:
        return one_variable() ? "Close to it, each step" : "Close to it, along the slowest direction, each step";
      case RateScope::slowest_direction:
        return "Along the slowest direction each step";
      case RateScope::steepest_direction:
        return "Along the steepest direction each step";
      case RateScope::long_run:
        break;
    }
    return "In the long run a step";
  }

  /// "Each step multiplies the distance to the minimum by ...": said of what it is true of.
  std::string law() const {
    std::string subject = steps_of_the_law();
    subject += " multiplies the distance to " + end_point();
    const std::string m = multiplier();
    const bool flips = m.find("= -") != std::string::npos || *run_.rate < 0;
    const std::string change = std::abs(*run_.rate) < 1           ? "shrinks by " + percent(*run_.rate)
                               : std::abs(*run_.rate) < kManyfold ? "grows by " + percent(*run_.rate)
                                                                  : "grows";
    return fmt::format("{} by {}: {}the distance {}", subject, m, flips ? "the sign flips, and " : "", change);
  }

  /// The limit is where decay takes back each step: no stationary point.
  bool is_balance() const { return experiment_.decoupled_decay > 0 && !run_.kind; }

  std::string balance() const {
    return fmt::format(
        "The updates converge, but not to a minimum of the function: {} the weight decay takes away as much as each step "
        "adds, and the slope there is not zero. Learning rates that are smaller end there as well; less decay, farther down.",
        one_variable() ? fmt::format("at {}", num((*run_.limit)[0])) : std::string("where they end"));
  }

  /// At a minimum where the optimizer, once it has forgotten the slopes, does not settle.
  bool lands_by_chance() const {
    if (!experiment_.optimizer.preconditioner_memory) return false;
    const Stepper stepper(experiment_.objective, experiment_.optimizer, experiment_.values, run_.lr, experiment_.start);
    const auto law = limit_law(experiment_, stepper, descent_);
    return law && law->radius > 1 + kRadiusOne;
  }

  std::string converges() const {
    if (is_balance()) return balance();
    if (run_.kind == PointKind::flat && descent_.kind != PointKind::flat)
      return "The steps are so long that one lands on a flat place, where the slope is zero to the last digit: "
             "the run stays there, away from the minimum.";
    if (run_.rate && std::abs(*run_.rate) < kZero)
      return holds_close_by_only()
                 ? fmt::format(
                       "Close to the minimum, where the curvature hardly changes, a step leaves next to nothing of the "
                       "distance to it ({}).",
                       multiplier())
                 : fmt::format("Each step multiplies the distance to the minimum by {}: one step lands on it.",
                               multiplier());
    if (run_.rate) return law() + ", so the updates converge.";
    if (classify_point(experiment_.decayed, *run_.limit) == PointKind::flat ||
        stands_on_flat(experiment_.decayed, *run_.limit, kSamePlace * travel()))
      return "The run reaches the flat bottom of the function, where the slope is zero, and stays there.";
    if (run_.reached_tolerance && (!descent_.may_attract() || !experiment_.optimizer.recurrence || lands_by_chance())) {
      const std::string lands =
          "A step happens to land exactly on the minimum, where the slope counts as zero, and the run stays there.";
      // Steps that are divided by the sum of all slopes shrink by themselves.
      return experiment_.optimizer.preconditioner
                 ? lands
                 : lands + " Nearly every other learning rate steps over it and hops around it forever.";
    }
    if (run_.reached_tolerance)
      return "The steps become smaller and smaller, and the updates converge to " + end_point() + ".";
    return "The distance to " + end_point() + " shrinks towards 0, ever more slowly: " + run_.rate_reason + ".";
  }

  std::string passes_by() const {
    const double edge = run_.lr_edge_at_limit.value_or(0);
    const std::string rate = edge > 0 ? "Only a learning rate below " + num(edge) : std::string("No learning rate");
    return fmt::format(
        "After {} steps it is near the minimum, but it cannot stay: where the slopes vanish the optimizer forgets how large they "
        "were, and then its steps become too long again. {} settles there.",
        run_.steps_followed, rate);
  }

  std::string where_it_ends() const {
    if (run_.kind == PointKind::saddle || run_.kind == PointKind::maximum)
      return fmt::format(" The point it ends at is no minimum but {} {}: {}.",
                         name(*run_.kind).front() == 'i' ? "an" : "a", name(*run_.kind),
                         experiment_.decoupled_decay > 0 ? "the weight decay holds the run there"
                                                         : "the slightest push the other way leaves it");
    if (run_.kind != PointKind::minimum) return "";
    if (theory_.applies() && theory_.radius(run_.lr) > 1 + kSame &&
        distance(*run_.limit, descent_.point) < kSamePlace * travel())
      return fmt::format(
          " It does so from special starts only: the slightest push along the steepest direction grows by {} a "
          "step.",
          percent(theory_.radius(run_.lr)));
    return ends_at_another_minimum(run_, experiment_) ? other_minimum() : "";
  }

  /// Far beyond the steps followed, PyTorch's run may end in NaN as well.
  std::string what_rounding_may_do() const {
    const auto difference = experiment_.optimizer.root_of_difference;
    const std::string text = difference ? difference(experiment_.values) : "";
    if (text.empty()) return "";
    return fmt::format(
        " Rounding may end it yet: the optimizer divides by the root of {}, and where slopes hardly change from step to "
        "step, that can come out below 0, and then the step is no number.",
        text);
  }

  std::string other_minimum() const {
    std::string text = " It is another minimum than the one that small learning rates reach";
    if (one_variable())
      text += fmt::format(": that is at {}, this at {}", num(descent_.point[0]), num((*run_.limit)[0]));
    if (run_.lr_edge_at_limit) text += fmt::format("; the stability edge here is {}", num(*run_.lr_edge_at_limit));
    return text + ".";
  }

  double travel() const { return distance(experiment_.start, descent_.point); }

  /// False where it is the weight decay by itself that drives the run away.
  bool blames_minimum() const { return run_.lr * experiment_.decoupled_decay < 2; }

  std::string diverges() const {
    if (run_.cause == Cause::unbounded_below && descent_.ends_at_point())
      return fmt::format(
          "The length of a step does not shrink with the slope, so the run passes the {} at any learning rate, and beyond it "
          "the function falls without bound: the learning rate is not the cause.",
          name(descent_.kind.value_or(PointKind::flat)));
    if (run_.cause == Cause::unbounded_below)
      return "The function falls without bound from this start, so every learning rate runs away: "
             "the learning rate is not the cause.";
    if (!run_.cause)
      return "The run leaves every bound. Where small learning rates lead from this start was not found, so whether a smaller "
             "one would stay is not known.";
    if (!blames_minimum())
      return fmt::format(
          "Each step takes away {} times x, the learning rate times the weight decay, so the updates diverge. A learning "
          "rate below 2 / decay = {} does not.",
          num(run_.lr * experiment_.decoupled_decay), num(2 / experiment_.decoupled_decay));
    if (run_.falls && descent_.outcome == Descent::Outcome::minimum)
      return "The steps are so long that the run leaves the minimum's valley, for a region where the function falls without "
             "bound. A smaller learning rate converges.";
    if (run_.rate) return law() + ", so the updates diverge." + edge();
    if (descent_.outcome == Descent::Outcome::other_point)
      return fmt::format(
          "The steps are too long to settle at {}, and lead ever farther from it, so the updates diverge. A "
          "small enough learning rate ends there.",
          end_point());
    if (!run_.bad_step)
      return "The steps are too long to settle at the minimum, and lead ever farther from it, so the updates diverge. A small "
             "enough learning rate converges from here.";
    return fmt::format(
        "Each step overshoots the minimum by more than the one before, faster and faster: after {} the numbers overflow, so "
        "the updates diverge. A small enough learning rate converges from here.",
        counted(*run_.bad_step, "step"));
  }

  /// What would be stable, where the local theory knows.
  std::string edge() const {
    if (!theory_.applies()) return "";
    const auto edge = theory_.edge();
    if (!edge || run_.lr < *edge) return "";
    const char* formula = !experiment_.optimizer.plain ? ""
                          : one_variable()             ? "2 / f'' = "
                                                       : "2 / (steepest curvature) = ";
    return fmt::format(" {} learning rate below {}{} converges.",
                       is_quadratic(experiment_) ? "Any" : "Near the minimum any", formula, num(*edge));
  }

  std::string cycles() const {
    if (run_.rate && std::abs(*run_.rate + 1) < kSame)
      return fmt::format(
          "Each step multiplies the distance to the minimum by {}: the sign flips and the distance stays, so "
          "the updates hop between two points forever.",
          multiplier());
    std::string why = "The steps are too long to settle and too short to escape";
    const bool around_minimum = descent_.outcome == Descent::Outcome::minimum;
    if (!experiment_.optimizer.recurrence)
      why = std::string("The length of a step does not shrink with the slope, so the run keeps stepping ") +
            (around_minimum ? "over the minimum" : "back and forth");
    else if (experiment_.optimizer.preconditioner)
      why =
          std::string("The optimizer divides each step by the recent size of the slope, so ") +
          (around_minimum ? "near the minimum the steps stay too long" : "the steps stay long and lead back and forth");
    else if (!descent_.smooth)
      why = "The slope does not shrink towards the minimum (a corner), so the run keeps stepping over it";
    else if (!descent_.bounded_curvature)
      why = "The curvature grows without bound toward the minimum, so the run keeps stepping over it";
    const std::string range = run_.extent ? fmt::format(" within a range of {}", range_text(*run_.extent)) : "";
    // Where there is a memory, iterates may repeat for a while: it is the state that would have to.
    const char* how_long = experiment_.optimizer.state_vectors == 0 ? "forever" : "as far as they were followed";
    if (run_.period == 2) return fmt::format("{}: the iterates hop between two points{}, {}.", why, range, how_long);
    if (run_.period)
      return fmt::format("{}: the iterates repeat every {} steps{}, {}.", why, *run_.period, range, how_long);
    return why + ": the iterates stay" + range + " and keep moving, without a short period.";
  }

  std::string chaotic() const {
    const std::string apart = fmt::format("two runs that start close together part by a factor of {} a step.",
                                          format_number(std::exp(*run_.lyapunov), 4));
    if (run_.spreads)
      return fmt::format("The iterates never repeat and wander ever further: over a range of {} in {} steps; {}",
                         range_text(*run_.extent), run_.steps_followed, apart);
    return fmt::format("The iterates stay within a range of {} and never repeat; {}", range_text(*run_.extent), apart);
  }

  std::string drifts() const {
    if (run_.pole)
      return fmt::format(
          "Step {} jumps over the pole at {}, where the function falls without bound; on its other side the loss only falls "
          "towards a value that no point on its way attains. No learning rate finds a minimum from this start.",
          *run_.pole_step, num(*run_.pole));
    if (run_.cause == Cause::learning_rate)
      return "The steps are so long that the run leaves the minimum's valley, for a region where the loss only falls "
             "towards a value that no point on its way attains. A smaller learning rate converges.";
    return "The loss keeps falling towards a value that no point on its way attains: there is no minimum there to converge to, "
           "and the learning rate is not at fault.";
  }

  std::string undefined() const {
    if (!run_.step_fault.empty())
      return fmt::format(
          "Step {} has no length that is a number: {}. So the run ends there, and the learning rate is not to blame.",
          run_.bad_step.value_or(0), run_.step_fault);
    const std::string what = fmt::format("Step {} leaves the domain of the function{}.", run_.bad_step.value_or(0),
                                         run_.domain_fault.empty() ? "" : ": " + run_.domain_fault);
    if (run_.cause == Cause::learning_rate) return what + " A smaller learning rate stays inside.";
    if (run_.cause == Cause::unbounded_below)
      return what +
             " The function falls without bound towards the edge of its domain, so every learning rate ends there.";
    if (descent_.at_domain_edge && descent_.ends_at_point())
      return what + " The minimum lies at the edge of the domain, so every learning rate ends there.";
    return what;
  }

  const FunctionRun& run_;
  const Experiment& experiment_;
  const Descent& descent_;
  const LocalTheory& theory_;
};

}  // namespace

std::string reason_for(const FunctionRun& run, const Experiment& experiment) {
  return ReasonWriter(run, experiment).write();
}

std::string why_no_start(const Experiment& experiment) {
  const double value = experiment.objective.value(experiment.start);
  const auto fault = experiment.objective.domain_fault(experiment.start);
  const std::string operation = fault ? ": " + fault->operation : std::string();
  if (std::isfinite(value)) {
    std::vector<double> slope(experiment.start.size());
    experiment.objective.gradient(experiment.start, slope);
    const bool no_number = std::any_of(slope.begin(), slope.end(), [](double g) { return std::isnan(g); });
    return "The slope at the start is " +
           (fault       ? "no finite number" + operation
            : no_number ? "no number"
                        : std::string("too large for the machine's numbers, which end at 1.8e308")) +
           ". So there is no first step.";
  }
  if (fault) return "The function has no value at the start" + operation + ".";
  return "The function's value at the start is too large for the machine's numbers, which end at 1.8e308. That says nothing "
         "about the learning rate: begin nearer, or divide the function by a large number and take the learning rate as many "
         "times larger.";
}

}  // namespace etamax
