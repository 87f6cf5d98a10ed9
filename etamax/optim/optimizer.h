#pragma once

#include <Eigen/Core>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "etamax/core/range.h"
#include "etamax/core/setting.h"

/// Optimizers as data: each file of rules/ defines one OptimizerSpec, and the build collects them into a
/// table.
namespace etamax {

/// One hyperparameter, by PyTorch's name (underscores; the command line shows hyphens).
///
/// Where PyTorch checks a bound, it is the bound here, open or closed as there. Where PyTorch checks none,
/// the range ends where the rule loses its meaning (an average with a weight above 1) or no learning rate is
/// stable (a momentum of 1).
struct Hyperparameter {
  std::string name;
  double default_value = 0;
  Range range = Range::at_least(0);
  bool is_flag = false;  ///< 0 or 1, a switch on the command line
  std::string summary;
};

/// The values of one optimizer's hyperparameters, in the order of its table.
class HyperparameterValues {
 public:
  HyperparameterValues() = default;
  explicit HyperparameterValues(std::vector<double> values) : values_(std::move(values)) {}
  double operator[](std::size_t i) const { return values_[i]; }
  const std::vector<double>& values() const { return values_; }

 private:
  std::vector<double> values_;
};

/// Hyperparameters given by name; the others keep their defaults.
using Settings = std::vector<std::pair<std::string, double>>;

/// One update rule. Conventions and names are those of torch.optim, where the rule exists there.
///
/// Invariants, asserted over the whole table by tests/optim: iterates of `step` on a quadratic obey
/// `recurrence`; the edge found from `recurrence` equals `closed_form_edge` equals the edge found by
/// simulating `step` (relative 1e-6); `step` equals PyTorch's own optimizer over 50 steps (relative 1e-12).
struct OptimizerSpec {
  std::string name;
  std::string summary;   ///< one line
  std::string citation;  ///< where the rule, and its edge, come from
  std::vector<Hyperparameter> hyperparameters;

  /// The step is exactly x - lr g at every step: no memory, no decay, no schedule. Then a step along curvature
  /// lambda is a multiplication by 1 - lr lambda (docs/theory.md, section 1), which is positive up to half the edge
  /// 2 / lambda, and the update can be written out with the objective's own gradient. Asserted by tests/explain.
  bool plain = false;

  /// What is wrong with values that are each in range, in words that begin with the hyperparameter at fault
  /// ("nesterov = 1 needs momentum > 0"); "" if nothing. Null: every combination is valid.
  std::string (*check)(const HyperparameterValues&) = nullptr;

  /// Settings besides the defaults that reach every branch of the rule, each hyperparameter moved from its
  /// default at least once. The tests and the reference page go through them.
  std::vector<Settings> examples;

  /// What a step makes of the slope, for a learner: whole sentences without formulas, whose only numbers are values of
  /// hyperparameters.
  std::string (*in_words)(const HyperparameterValues&) = nullptr;

  /// The step of one coordinate as assignments, one after the other, in what `parse` reads: "b = momentum*b + g". The
  /// names are x, g (the gradient, taken before the step), lr, t (the step's number, from 1), the hyperparameters' and
  /// those of the state, `state_symbols`; a name that a line has assigned means what it assigned from there on. Without
  /// branches, so that every number in it may differ between runs that are computed side by side: what depends on the
  /// step or on a flag is a factor, step(t - 1) or nesterov. All that is shown of the rule, as text or typeset, by name
  /// or with its numbers, is made of these lines, and so is the program that maps run.
  std::vector<std::string> assignments;
  std::vector<std::string> state_symbols;  ///< one name for each state vector, in their order; all are 0 before step 1

  /// How many state vectors of the parameters' length the step needs. The caller passes zeros at step 1; a
  /// rule whose state starts elsewhere (adagrad's accumulator) puts it there in its first step.
  int state_vectors = 0;

  /// The name of the simpler rule that it is with these values, "gd" of sgd without momentum and decay; "" where it is
  /// itself. Null: always.
  const char* (*same_as)(const HyperparameterValues&) = nullptr;

  /// What the state vectors are called in the state_dict of torch.optim's rule (or of its authors' code, where
  /// PyTorch has none), one name for each; "" where PyTorch keeps none at these values, and `step` needs none.
  /// Null: nobody's files hold the state.
  std::vector<std::string> (*state_names)(const HyperparameterValues&) = nullptr;

  /// One step, in place. `step` counts from 1. `state` holds `state_vectors` blocks of x.size() numbers.
  void (*step)(const HyperparameterValues&, double lr, long step, std::span<const double> gradient, std::span<double> x,
               std::span<double> state) = nullptr;

  /// The companion matrix of the linear recurrence that the iterates x_t obey on a one-dimensional quadratic
  /// of preconditioned curvature `lambda`: its eigenvalues are the factors per step. The preconditioner is
  /// held fixed, and the step is so late that bias corrections are 1. Null for sign methods, whose step is
  /// not linear.
  ///
  /// `lambda` is an eigenvalue of P^-1/2 (H + d I) P^-1/2 with d = `gradient_decay` and P = `preconditioner`.
  /// `lr` is the rate in force: the user's, times `lr_scale` where the rule has a schedule of its own.
  Eigen::MatrixXd (*recurrence)(const HyperparameterValues&, double lr, double lambda) = nullptr;

  /// The largest stable learning rate at preconditioned curvature `lambda` > 0, in closed form; null where
  /// none is known.
  double (*closed_form_edge)(const HyperparameterValues&, double lambda) = nullptr;
  /// That closed form for people, for example "2 (1 + momentum) / lambda_max".
  std::string (*edge_formula)(const HyperparameterValues&) = nullptr;

  /// Weight decay that is added to the gradient (L2): the curvature that it adds to every direction of H.
  /// Null: none. Decoupled decay is no part of it: that stands in `recurrence`.
  double (*gradient_decay)(const HyperparameterValues&) = nullptr;

  /// The factor by which the rule itself multiplies lr at that step (adagrad's lr_decay): the edge for the
  /// user's lr is `stability_edge` divided by it. Null: always 1.
  double (*lr_scale)(const HyperparameterValues&, long step) = nullptr;

  /// The diagonal P that divided the gradient in step `step` >= 1, from the state after that step; null where
  /// there is none (P = 1). At step 0 there is no P yet.
  void (*preconditioner)(const HyperparameterValues&, long step, std::span<const double> state,
                         std::span<double> diagonal) = nullptr;
  /// Over how many steps P averages: after some of them it has forgotten how it began. Null: P sums up all steps, and
  /// grows with each.
  double (*preconditioner_memory)(const HyperparameterValues&) = nullptr;
  /// The difference whose root P is, in the symbols of the state: where its two terms are equal but for their last
  /// digits, rounding can make it negative, and the step is no number. Null or empty: P is none.
  std::string (*root_of_difference)(const HyperparameterValues&) = nullptr;

  /// Why the recurrence is null, in one sentence: "the length of a step does not depend on the gradient ...".
  std::string no_recurrence_reason;
};

/// All optimizers, by name.
const std::vector<OptimizerSpec>& optimizers();

/// The optimizer of that name, in letters of either case: "AdamW" as PyTorch writes it. Throws InputError with a "did
/// you mean".
const OptimizerSpec& find_optimizer(std::string_view name);

/// The valid range for people, to follow "must be": "in [0, 1)", "at least 0", "0 or 1".
std::string range_text(const Hyperparameter& hyperparameter);

/// The values for `spec` from (name, value) pairs, defaults elsewhere; the last of a name counts. Throws
/// InputError that names the optimizer, the hyperparameter, the value and the valid range, or what the rule's
/// `check` says.
HyperparameterValues hyperparameter_values(const OptimizerSpec& spec, const Settings& given);

/// A rule of the table with its hyperparameters' values: what trains.
struct Optimizer {
  const OptimizerSpec* spec = nullptr;
  HyperparameterValues values;
  /// The weight decay that is part of the curvature, OptimizerSpec::gradient_decay.
  double gradient_decay() const { return spec->gradient_decay ? spec->gradient_decay(values) : 0; }
};
/// By name, with settings by name. Throws InputError as the two functions above do.
Optimizer make_optimizer(std::string_view name, const Settings& given);

/// The value of one hyperparameter by name; `otherwise` where the optimizer has none of that name.
double hyperparameter(const OptimizerSpec& spec, const HyperparameterValues& values, std::string_view name,
                      double otherwise);

/// A rule with the values of its hyperparameters.
struct RuleWithValues {
  const OptimizerSpec& spec;
  HyperparameterValues values;
};
/// The simplest rule that this one is with these values (OptimizerSpec::same_as); itself where none is simpler.
RuleWithValues simplest_rule(const OptimizerSpec& spec, const HyperparameterValues& values);

/// All hyperparameters with their values, in the optimizer's own order: what an answer shows.
std::vector<Setting> shown_settings(const OptimizerSpec& spec, const HyperparameterValues& values);

/// The spectral radius of the recurrence at one learning rate and preconditioned curvature: the factor per
/// step in the long run. Below 1: stable. Relative accuracy 1e-15 away from a double eigenvalue, 1e-8 at one
/// (where it is as sensitive as that to its arguments). `spec` must have a recurrence.
double spectral_radius(const OptimizerSpec& spec, const HyperparameterValues& values, double lr, double lambda);

/// The stability edge: the learning rate below which the recurrence is stable, and at which its spectral
/// radius reaches
/// 1. Found from the recurrence alone. Relative accuracy 1e-14 for recurrences of one or two terms, which all
/// rules here have (by the Schur-Cohn conditions); for longer ones, that of their eigenvalues.
///
/// None where lambda <= 0 (curvature sets no limit there: such a direction grows or stands still at every
/// learning rate, unless decay holds it), for sign methods, and where no finite learning rate is unstable.
std::optional<double> stability_edge(const OptimizerSpec& spec, const HyperparameterValues& values, double lambda);

/// The learning rate in (0, edge) with the smallest worst spectral radius over the curvatures [lambda_min,
/// lambda_max], both positive. Where momentum makes a whole interval of rates equally fast, its middle. None
/// as for stability_edge.
std::optional<double> fastest_rate(const OptimizerSpec& spec, const HyperparameterValues& values, double lambda_min,
                                   double lambda_max);

/// The largest learning rate at which the recurrence is stable in mean square, where each step draws its
/// curvature anew with mean `lambda` > 0 and variance `variance`: mini-batches, along one direction. With
/// variance 0 it is the stability edge; without momentum it is 2 lambda / (lambda^2 + variance).
///
/// The companion matrix is affine in the curvature, M = A + (h - lambda) D, so second moments are multiplied by
/// E[M kron M] = A kron A + variance D kron D, whose spectral radius reaches 1 there. Found by search below the
/// edge; relative accuracy 1e-6. None as for stability_edge.
std::optional<double> mini_batch_edge(const OptimizerSpec& spec, const HyperparameterValues& values, double lambda,
                                      double variance);

}  // namespace etamax
