#pragma once

#include <Eigen/Core>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Optimizers as data: each file of rules/ defines one OptimizerSpec, and the build collects them into a table.
namespace etamax {

/// One hyperparameter, by PyTorch's name (underscores; the command line shows hyphens).
struct Hyperparameter {
  std::string name;
  double default_value = 0;
  double low = 0, high = 0;                  ///< the valid range
  bool low_open = false, high_open = false;  ///< the bound itself is excluded
  bool is_flag = false;                      ///< 0 or 1, a switch on the command line
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

/// One update rule. Conventions and names are those of torch.optim, where the rule exists there.
///
/// Invariants, asserted over the whole table by tests/optim: the edge found from `recurrence` equals `closed_form_edge`
/// equals the edge found by simulating `step` on a quadratic (relative 1e-6); `step` equals PyTorch's own optimizer over
/// 50 steps (relative 1e-12).
struct OptimizerSpec {
  std::string name;
  std::string summary;   ///< one line
  std::string citation;  ///< where the rule, and its edge, come from
  std::vector<Hyperparameter> hyperparameters;

  /// The update for people, one assignment a line, in the names x, g (gradient), lr and the state's own:
  /// {"b' = momentum*b + g", "x' = x - lr*b'"} with the hyperparameters' numbers put in.
  std::vector<std::string> (*update_text)(const HyperparameterValues&) = nullptr;

  /// How many state vectors of the parameters' length the step needs. All start at 0.
  int state_vectors = 0;

  /// One step, in place. `step` counts from 1. `state` holds `state_vectors` blocks of x.size() numbers.
  void (*step)(const HyperparameterValues&, double lr, long step, std::span<const double> gradient,
               std::span<double> x, std::span<double> state) = nullptr;

  /// The companion matrix of the step on a one-dimensional quadratic of preconditioned curvature `lambda`, the
  /// preconditioner held fixed; null for sign methods, whose step is not linear. `lambda` is an eigenvalue of
  /// P^-1/2 (H + d I) P^-1/2 with d = `gradient_decay` and P = `preconditioner`.
  Eigen::MatrixXd (*recurrence)(const HyperparameterValues&, double lr, double lambda) = nullptr;

  /// The largest stable learning rate at preconditioned curvature `lambda` > 0, in closed form; null where none is known.
  double (*closed_form_edge)(const HyperparameterValues&, double lambda) = nullptr;
  /// That closed form for people, for example "2 (1 + momentum) / lambda_max".
  std::string (*edge_formula)(const HyperparameterValues&) = nullptr;

  /// Weight decay that is added to the gradient (L2): the curvature that it adds to every direction. Null: none.
  double (*gradient_decay)(const HyperparameterValues&) = nullptr;

  /// The diagonal P that divides the step, from the state after `step` steps; null where there is none (P = 1).
  void (*preconditioner)(const HyperparameterValues&, long step, std::span<const double> state,
                         std::span<double> diagonal) = nullptr;

  /// Why the recurrence is null: "the step's size does not depend on the gradient's ...".
  std::string no_recurrence_reason;
};

/// All optimizers, by name.
const std::vector<OptimizerSpec>& optimizers();

/// The optimizer of that name. Throws InputError with a "did you mean".
const OptimizerSpec& find_optimizer(std::string_view name);

/// The values for `spec` from (name, value) pairs, defaults elsewhere. Throws InputError that names the optimizer, the
/// hyperparameter, the value and the valid range; also for rules that PyTorch enforces between them (nesterov needs
/// momentum > 0 and dampening = 0).
HyperparameterValues hyperparameter_values(const OptimizerSpec& spec,
                                           const std::vector<std::pair<std::string, double>>& given);

/// The value of one hyperparameter by name; `otherwise` where the optimizer has none of that name.
double hyperparameter(const OptimizerSpec& spec, const HyperparameterValues& values, std::string_view name,
                      double otherwise);

/// The spectral radius of the recurrence at one learning rate and preconditioned curvature. Below 1: stable.
double spectral_radius(const OptimizerSpec& spec, const HyperparameterValues& values, double lr, double lambda);

/// The stability edge: the smallest positive learning rate at which the recurrence's spectral radius reaches 1.
/// Found from the recurrence alone (relative accuracy 1e-12). None where lambda <= 0 (such a direction grows, or stands
/// still, at every learning rate), where the optimizer is a sign method, or where no learning rate up to 1e300 is unstable.
std::optional<double> stability_edge(const OptimizerSpec& spec, const HyperparameterValues& values, double lambda);

/// The learning rate in (0, edge) with the smallest worst spectral radius over the curvatures [lambda_min, lambda_max],
/// both positive. None as for stability_edge.
std::optional<double> fastest_rate(const OptimizerSpec& spec, const HyperparameterValues& values, double lambda_min,
                                   double lambda_max);

}  // namespace etamax
