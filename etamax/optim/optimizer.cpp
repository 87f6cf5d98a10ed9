#include "etamax/optim/optimizer.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "etamax/core/error.h"
#include "etamax/core/format.h"

namespace etamax {
namespace {

std::string range_text(const Hyperparameter& h) {
  if (h.is_flag) return "0 or 1";
  return std::string(h.low_open ? "(" : "[") + format_number(h.low) + ", " + format_number(h.high) + (h.high_open ? ")" : "]");
}

bool in_range(const Hyperparameter& h, double value) {
  return (h.low_open ? value > h.low : value >= h.low) && (h.high_open ? value < h.high : value <= h.high) &&
         (!h.is_flag || value == 0 || value == 1);
}

}  // namespace

const OptimizerSpec& find_optimizer(std::string_view name) {
  std::vector<std::string> names;
  for (const OptimizerSpec& spec : optimizers()) {
    if (spec.name == name) return spec;
    names.push_back(spec.name);
  }
  const std::string near = closest(std::string(name), names);
  std::string known;
  for (const std::string& n : names) known += (known.empty() ? "" : ", ") + n;
  throw InputError("--optimizer: unknown optimizer '" + std::string(name) + "'" +
                   (near.empty() ? "; there are " + known : "; did you mean '" + near + "'?"));
}

HyperparameterValues hyperparameter_values(const OptimizerSpec& spec,
                                           const std::vector<std::pair<std::string, double>>& given) {
  std::vector<double> values;
  std::vector<std::string> names;
  for (const Hyperparameter& h : spec.hyperparameters) values.push_back(h.default_value), names.push_back(h.name);
  for (const auto& [name, value] : given) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) {
      const std::string near = closest(name, names);
      throw InputError(spec.name + ": has no hyperparameter '" + name + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?"));
    }
    const auto i = static_cast<std::size_t>(at - names.begin());
    if (!in_range(spec.hyperparameters[i], value))
      throw InputError(spec.name + ": " + name + " = " + format_number(value) + " is not in " + range_text(spec.hyperparameters[i]));
    values[i] = value;
  }
  const HyperparameterValues result(std::move(values));
  if (hyperparameter(spec, result, "nesterov", 0) != 0 &&
      (hyperparameter(spec, result, "momentum", 0) <= 0 || hyperparameter(spec, result, "dampening", 0) != 0))
    throw InputError(spec.name + ": nesterov = 1 needs momentum > 0 and dampening = 0");
  return result;
}

double hyperparameter(const OptimizerSpec& spec, const HyperparameterValues& values, std::string_view name,
                      double otherwise) {
  for (std::size_t i = 0; i < spec.hyperparameters.size(); ++i)
    if (spec.hyperparameters[i].name == name) return values[i];
  return otherwise;
}

double spectral_radius(const OptimizerSpec& spec, const HyperparameterValues& values, double lr, double lambda) {
  const Eigen::MatrixXd matrix = spec.recurrence(values, lr, lambda);
  if (matrix.rows() == 1) return std::abs(matrix(0, 0));
  return Eigen::EigenSolver<Eigen::MatrixXd>(matrix, false).eigenvalues().cwiseAbs().maxCoeff();
}

std::optional<double> stability_edge(const OptimizerSpec& spec, const HyperparameterValues& values, double lambda) {
  if (!spec.recurrence || !(lambda > 0)) return {};
  const auto stable = [&](double lr) { return spectral_radius(spec, values, lr, lambda) < 1; };
  // Every rule's edge lies above this: one full Newton step, less the largest allowance for dampening and momentum.
  double low = 1e-3 / lambda, high = 0;
  while (low > 1e-300 && !stable(low)) low /= 2;
  for (double lr = low * 1.25; lr < 1e300; lr *= 1.25) {
    if (!stable(lr)) {
      high = lr;
      break;
    }
    low = lr;
  }
  if (high == 0) return {};
  while (high - low > 1e-13 * low) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    (stable(middle) ? low : high) = middle;
  }
  return low + (high - low) / 2;
}

std::optional<double> fastest_rate(const OptimizerSpec& spec, const HyperparameterValues& values, double lambda_min,
                                   double lambda_max) {
  const auto edge = stability_edge(spec, values, lambda_max);
  if (!edge || !(lambda_min > 0)) return {};
  const auto worst = [&](double log_lr) {
    const double lr = std::exp(log_lr);
    return std::max(spectral_radius(spec, values, lr, lambda_min), spectral_radius(spec, values, lr, lambda_max));
  };
  // The radius is a maximum of piecewise smooth curves: a scan finds the valley, golden section its bottom.
  const double top = std::log(*edge), bottom = top - std::log(1e3 * lambda_max / lambda_min);
  constexpr int kScan = 400;
  int best = 0;
  for (int i = 1; i <= kScan; ++i)
    if (worst(bottom + (top - bottom) * i / kScan) < worst(bottom + (top - bottom) * best / kScan)) best = i;
  double a = bottom + (top - bottom) * std::max(best - 1, 0) / kScan, b = bottom + (top - bottom) * std::min(best + 1, kScan) / kScan;
  const double golden = (std::sqrt(5.0) - 1) / 2;
  for (int i = 0; i < 80; ++i) {
    const double c = b - golden * (b - a), d = a + golden * (b - a);
    if (worst(c) <= worst(d)) b = d; else a = c;
  }
  return std::exp((a + b) / 2);
}

}  // namespace etamax
