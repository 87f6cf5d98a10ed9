#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "etamax/answers/ruler.h"
#include "etamax/answers/verdict.h"
#include "etamax/core/cost.h"
#include "etamax/core/setting.h"

/// What `etamax explain` answers, as plain values. Reports and JSON are made from these alone.
namespace etamax {

/// One run at one learning rate. `iterates`, `losses`, `gradients` and `updates` hold the start and the first steps, as
/// many as were asked for (fewer where the run ended); everything else is about the long run.
struct FunctionRun {
  double lr = 0;
  std::vector<std::vector<double>> iterates;
  std::vector<double> losses;
  std::vector<std::vector<double>> gradients;  ///< of the objective, at each iterate
  std::vector<std::vector<double>> updates;    ///< what each step adds to the iterate before it
  std::vector<double> long_losses;  ///< the loss after each step followed, at most 2,000 of them, from step 0
  /// Of two variables, for a picture: what is to be seen of the path, from the start on, and to which step it leads.
  std::vector<std::vector<double>> path;
  long path_steps = 0;
  Verdict verdict = Verdict::unclear;
  std::optional<Cause> cause;                ///< of divergence
  std::optional<Mode> mode;                  ///< of convergence or divergence
  std::optional<double> rate;                ///< signed multiplier per step in one dimension, else contraction factor
  std::string rate_reason;                   ///< why there is no rate
  std::optional<RateScope> rate_scope;       ///< what the rate is true of; there where the rate is
  bool reached_tolerance = false;            ///< within 1e-9 of the limit, relative to the way travelled
  std::optional<int> period;                 ///< of a cycle
  std::optional<PointKind> kind;             ///< of the stationary point, or of the limit where the run converges
  std::optional<double> lyapunov;            ///< largest exponent per step, where it was computed
  std::optional<long> bad_step;              ///< the step after which the objective was undefined or infinite
  std::optional<std::vector<double>> limit;  ///< where a converging run ends
  /// The stability edge at the limit, where that is another minimum than small rates lead to, and at the minimum that
  /// the run passes by.
  std::optional<double> lr_edge_at_limit;
  std::string domain_fault;      ///< what has no value after `bad_step`: "log of -0.05"; "" where none
  std::string step_fault;        ///< why the optimizer's own step at `bad_step` is no number; "" where it is one
  std::optional<double> extent;  ///< of a cycle or chaos: the largest side of the box that the iterates stay in
  bool spreads = false;          ///< of chaos: the box grows with the run, and `extent` is that of `steps_followed`
  std::optional<double> pole;    ///< that a run stepped over, in one variable, and the step that did
  std::optional<long> pole_step;
  bool passes_by = false;      ///< it is near a minimum at which its optimizer cannot stay
  bool falls = false;          ///< of divergence: it has come to where downhill leads on without bound
  bool stuck = false;          ///< it stands still on a slope: its steps no longer change a digit
  bool skipped_ahead = false;  ///< slow growth near the minimum was followed by the linear law, not step by step
  long steps_followed = 0;
  std::string reason;  ///< one sentence that a learner understands, built from this run's own numbers
};

/// Where small learning rates lead from the start.
struct SmallRates {
  DescentOutcome outcome = DescentOutcome::unclear;
  std::optional<std::vector<double>> point;  ///< the end, where there is one
  std::optional<PointKind> kind;             ///< of that end; `flat` where it stands on a flat bottom, as of relu(x)
  bool with_decay = false;                   ///< the optimizer's L2 decay is part of what they descend
  bool corner = false;                       ///< it is a minimum at which the slope jumps, as of abs(x)
};

/// Local stability at the minimizer that small learning rates reach from the start, and what was measured
/// from there.
struct Stability {
  SmallRates small_rates;
  std::optional<std::vector<double>> minimizer;
  std::string minimizer_reason;  ///< why there is none
  std::optional<double>
      lambda_max;  ///< largest eigenvalue of the Hessian there; none where the slope or curvature jumps
  std::optional<double> lambda_min;
  std::optional<double> lr_edge;            ///< local theory: linear stability is lost above it
  std::string lr_edge_reason;               ///< why there is none
  std::string lr_edge_formula;              ///< for example "2 / lambda_max"
  std::optional<double> lr_max_from_start;  ///< measured: every learning rate tried from 0 up to it converges
  std::optional<std::array<double, 2>> lr_max_from_start_bracket;  ///< [converges, does not]
  std::string lr_max_from_start_reason;
  /// Where no rate was found that does not converge: the largest that was seen to, and the first of which it is not
  /// settled, if any.
  std::optional<double> lr_converges_up_to, lr_unsettled;
  /// Of optimizers that forget how large the slopes were: only below it does the minimum hold a run for good.
  std::optional<double> lr_settles_below;
  std::optional<double> lr_fastest;  ///< best local contraction
  std::string lr_fastest_reason;
  std::string lr_fastest_warning;  ///< that a rate hardly larger is unstable; "" where it is not so
  bool can_settle = true;          ///< false: the optimizer's steps do not shrink with the slope
};

/// The objective on the part of the plane that a picture shows.
struct CurveSample {  ///< one variable
  std::vector<double> x, y;
};
struct GridSample {  ///< two variables; value[row * columns + column], row 0 at y_from
  double x_from = 0, x_to = 0, y_from = 0, y_to = 0;
  int columns = 0, rows = 0;
  std::vector<double> value;
};

/// A formula in the two forms that people read.
struct Formula {
  std::string text;
  std::string mathml;  ///< a `<math>` element
};

/// Iterates that somebody has seen, in a log or a book, and the learning rate that they are really from.
struct Observed {
  std::vector<std::vector<double>> iterates;  ///< from the start on
  std::optional<double> claimed_lr;           ///< what they are said to be from
  std::optional<double> lr;                   ///< what they are from; none where no one rate gives them
  std::array<double, 2> lr_range{};           ///< the smallest and largest rate that one of their steps alone implies
  bool consistent = false;                    ///< one rate gives all of them, to the digits that print keeps
  std::string sentence;                       ///< for a reader
};

/// The answer of `etamax explain`.
struct Explanation {
  std::string expression;  ///< as it is understood, printed back
  Formula objective;
  std::vector<std::string> variables;
  std::vector<Formula> gradient;       ///< one per variable
  std::vector<Formula> update;         ///< what one step does, one line per updated quantity
  bool update_names_gradient = false;  ///< as g, whose formulas are `gradient`; else they are written out in it
  std::vector<Formula> rule;           ///< the optimizer's step by the names of its hyperparameters
  std::string update_in_words;         ///< what the optimizer makes of the slope, for a learner
  std::string optimizer;
  std::vector<Setting> hyperparameters;  ///< all of the optimizer's, in its own order
  std::vector<double> start;
  Stability stability;
  std::vector<FunctionRun> runs;
  std::optional<Observed> observed;
  Ruler ruler;
  std::optional<CurveSample> curve;
  std::optional<GridSample> grid;
  Cost cost;
  bool partial = false;  ///< interrupted before everything was known
};

/// The contract's JSON of an explanation, indented. Values that do not exist are null beside their
/// `*_reason`.
std::string to_json(const Explanation& explanation);

/// The steps shown of each run, a row each: lr, verdict, step (from 0, the start), each variable, loss.
std::string to_csv(const Explanation& explanation);

}  // namespace etamax
