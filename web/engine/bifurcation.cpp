// The bifurcation diagram: at each learning rate the places that a run keeps coming to, when it has run for a while.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/draw/scale.h"
#include "etamax/explain/explain.h"
#include "etamax/expr/function.h"
#include "etamax/expr/objective_table.h"
#include "etamax/optim/options.h"
#include "web/engine/options.h"

namespace etamax::web {
namespace {

constexpr long kSettling = 800, kKept = 160;
constexpr double kFar = 1e8;  // of the picture's height: a run that far away does not come back to it

struct Column {
  std::vector<int> rows;  ///< of the picture, from below, each once
  double lyapunov = std::numeric_limits<double>::quiet_NaN();
};

/// One learning rate. The exponent is the mean of log |1 - lr f''| along the run: of gradient descent in one variable.
Column column_at(const Function& f, const RuleWithValues& rule, const std::vector<double>& start, double lr,
                 const Scale& y, int height) {
  std::vector<double> x = start, gradient(start.size()), hessian(start.size() * start.size());
  std::vector<double> state(start.size() * static_cast<std::size_t>(rule.spec.state_vectors), 0.0);
  std::vector<char> seen(static_cast<std::size_t>(height), 0);
  const bool measures = rule.spec.plain && start.size() == 1;
  Column column;
  double sum = 0;
  for (long step = 1; step <= kSettling + kKept; ++step) {
    f.gradient(x, gradient);
    if (measures && step > kSettling) {
      f.hessian(x, hessian);
      sum += std::log(std::max(std::abs(1 - lr * hessian[0]), 1e-16));
    }
    rule.spec.step(rule.values, lr, step, gradient, x, state);
    const double at = y.position(x[0]);
    if (!std::isfinite(at) || std::abs(at) > kFar) return {};
    if (step > kSettling && at >= 0 && at < 1) seen[static_cast<std::size_t>(at * height)] = 1;
  }
  for (int row = 0; row < height; ++row)
    if (seen[static_cast<std::size_t>(row)]) column.rows.push_back(row);
  if (measures) column.lyapunov = sum / kKept;
  return column;
}

}  // namespace

Json bifurcation(const Json& question) {
  ExplainOptions options;
  OptimizerOptions optimizer;
  read_options(question.at("options"), etamax::fields(options) + etamax::fields(optimizer));
  const NamedExpression objective = parse_objective(options.expression);
  const Function f(objective.expression, objective.variables);
  const std::vector<double> start = question.at("start").get<std::vector<double>>();
  if (start.size() != objective.variables.size()) throw InputError("start", "one number for each variable");
  const OptimizerSpec& spec = find_optimizer(optimizer.name());
  const RuleWithValues rule = simplest_rule(spec, hyperparameter_values(spec, optimizer.settings()));
  const double from = question.at("from"), to = question.at("to");
  const int width = question.at("width"), height = question.at("height");
  const Scale x = linear_scale(from, to), y = linear_scale(question.at("low"), question.at("high"));
  Json columns = Json::array(), exponents = Json::array();
  for (int i = 0; i < width; ++i) {
    const Column column = column_at(f, rule, start, x.value((i + 0.5) / width), y, height);
    columns.push_back(column.rows);
    exponents.push_back(std::isfinite(column.lyapunov) ? Json(column.lyapunov) : Json(nullptr));
  }
  return {{"columns", columns}, {"lyapunov", exponents}, {"x", ticks(x, width, true)}, {"y", ticks(y, height, false)}};
}

}  // namespace etamax::web
