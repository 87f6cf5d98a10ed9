#include "etamax/dynamics/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/cost_meter.h"
#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/dynamics/observed.h"
#include "etamax/dynamics/stability.h"
#include "etamax/expr/function.h"
#include "etamax/expr/objective_table.h"

namespace etamax {
namespace {

std::vector<double> start_point(const ExplainOptions& options, const std::vector<std::string>& variables) {
  std::vector<std::optional<double>> found(variables.size());
  for (const auto& [name, value] : options.start) {
    if (name.empty() && variables.size() != 1)
      throw InputError(fmt::format("--from: {} names no variable; the function has {}: {}", format_number(value),
                                   variables.size(), joined(variables)));
    const auto at = name.empty() ? variables.begin() : std::find(variables.begin(), variables.end(), name);
    if (at == variables.end())
      throw InputError(fmt::format("--from: the function has no variable '{}'; it has {}", name, joined(variables)));
    auto& slot = found[static_cast<std::size_t>(at - variables.begin())];
    if (slot) throw InputError(fmt::format("--from: '{}' is given twice", *at));
    if (!std::isfinite(value)) throw InputError(fmt::format("--from: {} for '{}' is not finite", value, *at));
    slot = value;
  }
  std::vector<double> start;
  for (std::size_t i = 0; i < variables.size(); ++i) {
    if (!found[i])
      throw InputError(fmt::format("--from: no start for '{}', for example --from {}=1", variables[i], variables[i]));
    start.push_back(*found[i]);
  }
  return start;
}

void check(const ExplainOptions& options) {
  if (options.learning_rates.empty()) throw InputError("--lr: give at least one learning rate, for example --lr 0.1");
  for (double lr : options.learning_rates)
    if (!(lr > 0) || !std::isfinite(lr))
      throw InputError(fmt::format("--lr: {} is not a positive finite number", format_number(lr)));
  if (options.follow.shown_steps < 0 || options.follow.shown_steps > 10000)
    throw InputError(fmt::format("--steps: {} is not in 0..10000", options.follow.shown_steps));
  if (options.observed_lr && (!(*options.observed_lr > 0) || !std::isfinite(*options.observed_lr)))
    throw InputError(
        fmt::format("--observed-lr: {} is not a positive finite number", format_number(*options.observed_lr)));
  if (options.observed_lr && options.observed.empty())
    throw InputError("--observed-lr: needs --observed, the iterates in question");
  for (double v : options.observed)
    if (!std::isfinite(v)) throw InputError(fmt::format("--observed: {} is not finite", v));
  if (options.follow.max_steps < 1 || options.follow.max_steps > 1000000)
    throw InputError(fmt::format("--max-steps: {} is not in 1..1000000", options.follow.max_steps));
}

/// The observed numbers as points, from the start on; the start itself may be among them.
std::vector<std::vector<double>> observed_points(const ExplainOptions& options, const std::vector<double>& start) {
  const std::size_t n = start.size();
  if (options.observed.size() % n != 0)
    throw InputError(fmt::format("--observed: {} numbers are no whole number of points of {} coordinates",
                                 options.observed.size(), n));
  std::vector<std::vector<double>> points{start};
  for (auto at = options.observed.begin(); at != options.observed.end(); at += static_cast<std::ptrdiff_t>(n))
    points.emplace_back(at, at + static_cast<std::ptrdiff_t>(n));
  if (points.size() > 1 && points[1] == start) points.erase(points.begin());
  if (points.size() < 2) throw InputError("--observed: needs at least one point after the start");
  return points;
}

Formula formula(const Expression& e) { return {to_text(e), "<math>" + to_mathml(e) + "</math>"}; }

void describe_update(Explanation& answer, const OptimizerSpec& spec, const HyperparameterValues& values,
                     const Function& f) {
  if (spec.name == "gd") {
    for (std::size_t i = 0; i < answer.variables.size(); ++i) {
      const Expression step = gradient_step(answer.variables[i], f.gradient_expressions()[i]);
      answer.update.push_back({answer.variables[i] + "' = " + to_text(step),
                               "<math><msup><mi>" + answer.variables[i] + "</mi><mo>&#x2032;</mo></msup><mo>=</mo>" +
                                   to_mathml(step) + "</math>"});
    }
    return;
  }
  for (const std::string& line : spec.update_text(values)) answer.update.push_back({line, ""});
}

void fill_ruler(Explanation& answer) {
  const Stability& s = answer.stability;
  if (s.lr_edge && s.lambda_max && answer.optimizer == "gd") {
    answer.ruler.bands.push_back({"monotone", 0, *s.lr_edge / 2, "theory"});
    answer.ruler.bands.push_back({"oscillating", *s.lr_edge / 2, *s.lr_edge, "theory"});
  }
  if (s.lr_max_from_start) {
    const auto [converges, does_not] = *s.lr_max_from_start_bracket;
    if (answer.ruler.bands.empty()) answer.ruler.bands.push_back({"converge", 0, converges, "measured"});
    // What lies beyond the limit is what the runs there did: only called diverging where all of them did.
    int beyond = 0, diverged = 0;
    for (const Run& run : answer.runs)
      if (run.lr >= does_not) ++beyond, diverged += run.verdict == Verdict::diverges;
    const char* name = beyond > 0 && diverged == beyond ? "diverge" : "no convergence";
    answer.ruler.bands.push_back({name, does_not, {}, "measured"});
  }
  if (s.lr_edge) answer.ruler.marks.push_back({"stability edge", *s.lr_edge, {}, "theory"});
  if (s.lr_max_from_start)
    answer.ruler.marks.push_back(
        {"largest from this start", *s.lr_max_from_start, s.lr_max_from_start_bracket, "measured"});
  if (s.lr_fastest) answer.ruler.marks.push_back({"fastest", *s.lr_fastest, {}, "theory"});
  for (const Run& run : answer.runs) {
    answer.ruler.dots.push_back({run.lr, run.verdict});
    answer.ruler.marks.push_back({"yours", run.lr, {}, "yours"});
  }
}

/// The part of an axis that shows the iterates and the minimizer, with a margin; far flung iterates are left
/// outside.
std::pair<double, double> shown_range(const Explanation& answer, std::size_t axis) {
  const double start = answer.start[axis];
  const double centre = answer.stability.minimizer ? (*answer.stability.minimizer)[axis] : start;
  double reach = std::abs(start - centre);
  if (reach == 0) reach = std::max(std::abs(start), 1.0);
  double low = centre - reach, high = centre + reach;
  for (const Run& run : answer.runs)
    for (const auto& x : run.iterates)
      if (std::isfinite(x[axis]) && std::abs(x[axis] - centre) <= 4 * reach)
        low = std::min(low, x[axis]), high = std::max(high, x[axis]);
  const double margin = 0.15 * (high - low);
  return {low - margin, high + margin};
}

void sample_picture(Explanation& answer, const Function& f) {
  if (answer.start.size() == 1) {
    const auto [low, high] = shown_range(answer, 0);
    CurveSample curve;
    constexpr int kPoints = 401;
    for (int i = 0; i < kPoints; ++i) curve.x.push_back(low + (high - low) * i / (kPoints - 1));
    curve.y.resize(curve.x.size());
    f.values(curve.x, curve.y);
    answer.curve = std::move(curve);
  } else if (answer.start.size() == 2) {
    GridSample grid;
    std::tie(grid.x_from, grid.x_to) = shown_range(answer, 0);
    std::tie(grid.y_from, grid.y_to) = shown_range(answer, 1);
    grid.columns = grid.rows = 121;
    const auto n = static_cast<std::size_t>(grid.columns * grid.rows);
    std::vector<double> points(2 * n);
    for (int row = 0; row < grid.rows; ++row)
      for (int column = 0; column < grid.columns; ++column) {
        const auto at = static_cast<std::size_t>(row * grid.columns + column);
        points[at] = grid.x_from + (grid.x_to - grid.x_from) * column / (grid.columns - 1);
        points[n + at] = grid.y_from + (grid.y_to - grid.y_from) * row / (grid.rows - 1);
      }
    grid.value.resize(n);
    f.values(points, grid.value);
    answer.grid = std::move(grid);
  }
}

}  // namespace

Explanation explain(const ExplainOptions& options) {
  const CostMeter meter;
  check(options);
  const NamedExpression objective = parse_objective(options.objective);
  if (objective.variables.empty()) throw InputError("the function has no variable: nothing can be updated");
  const OptimizerSpec& spec = find_optimizer(options.optimizer);
  const HyperparameterValues values = hyperparameter_values(spec, options.settings);
  Explanation answer;
  answer.variables = objective.variables;
  answer.start = start_point(options, objective.variables);
  // All points of a run are kept: 128 MiB of them at most.
  constexpr long kCoordinates = 16000000;
  if (const long most = kCoordinates / static_cast<long>(answer.start.size()); options.follow.max_steps > most)
    throw InputError(fmt::format("--max-steps: {} steps of {} variables are more than are kept; at most {}",
                                 options.follow.max_steps, answer.start.size(), most));
  const Function f(objective.expression, objective.variables);
  answer.objective = formula(objective.expression);
  answer.expression = answer.objective.text;
  for (const Expression& partial : f.gradient_expressions()) answer.gradient.push_back(formula(partial));
  answer.optimizer = spec.name;
  answer.hyperparameters = shown_settings(spec, values);
  describe_update(answer, spec, values, f);
  try {
    const Problem problem(f, answer.start, spec, values, answer.cost);
    if (!options.observed.empty())
      answer.observed =
          identify_learning_rate(problem, observed_points(options, answer.start), options.observed_lr, answer.cost);
    for (double lr : options.learning_rates) {
      report_progress(options.follow.progress, 0);
      answer.runs.push_back(follow(problem, lr, options.follow, answer.cost));
    }
    answer.stability = analyse_stability(problem, options.follow, answer.cost);
  } catch (const Interrupted&) {
    answer.partial = true;
  }
  fill_ruler(answer);
  sample_picture(answer, f);
  meter.read(answer.cost);
  return answer;
}

}  // namespace etamax
