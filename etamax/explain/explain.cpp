#include "etamax/explain/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/stopwatch.h"
#include "etamax/dynamics/observed.h"
#include "etamax/explain/detail_sample.h"
#include "etamax/explain/rule_formulas.h"
#include "etamax/explain/stability.h"
#include "etamax/expr/function.h"
#include "etamax/expr/objective_table.h"

namespace etamax {
namespace {

/// Numbers without a name: one is the start of every variable that has none of its own, several are the variables' in
/// their order.
std::vector<double> start_point(const ExplainOptions& options, const std::vector<std::string>& variables) {
  std::vector<std::optional<double>> found(variables.size());
  std::vector<double> unnamed;
  for (const auto& [name, value] : options.start) {
    if (name.empty()) {
      unnamed.push_back(value);
      continue;
    }
    const auto at = std::find(variables.begin(), variables.end(), name);
    if (at == variables.end())
      throw InputError("start", fmt::format("the function has no variable '{}'; it has {}", name, joined(variables)));
    auto& slot = found[static_cast<std::size_t>(at - variables.begin())];
    if (slot) throw InputError("start", fmt::format("'{}' is given twice", *at));
    slot = value;
  }
  const bool in_order = unnamed.size() > 1;
  if (in_order && (unnamed.size() != variables.size() || options.start.size() > unnamed.size()))
    throw InputError(
        "start",
        fmt::format("{} for {}, {}; name them as in {}=1", counted(static_cast<long>(options.start.size()), "number"),
                    counted(static_cast<long>(variables.size()), "variable"), joined(variables), variables.front()));
  std::vector<double> start;
  for (std::size_t i = 0; i < variables.size(); ++i) {
    if (!found[i] && !unnamed.empty()) found[i] = unnamed[in_order ? i : 0];
    if (!found[i]) throw InputError("start", fmt::format("no start for '{0}', for example {0}=1", variables[i]));
    start.push_back(*found[i]);
  }
  return start;
}

void check(const ExplainOptions& options) {
  check_fields(options);
  if (options.lr.empty()) throw InputError("lr", "give at least one learning rate, for example `lr=0.1`");
  if (options.observed_lr && options.observed.empty())
    throw InputError("observed_lr", "needs `observed`, the iterates in question");
}

/// The observed numbers as points, from the start on; the start itself may be among them.
std::vector<std::vector<double>> observed_points(const ExplainOptions& options, const std::vector<double>& start) {
  const std::size_t n = start.size();
  if (options.observed.size() % n != 0)
    throw InputError("observed", fmt::format("{} numbers are no whole number of points of {} coordinates",
                                             options.observed.size(), n));
  std::vector<std::vector<double>> points{start};
  for (auto at = options.observed.begin(); at != options.observed.end(); at += static_cast<std::ptrdiff_t>(n))
    points.emplace_back(at, at + static_cast<std::ptrdiff_t>(n));
  if (points.size() > 1 && points[1] == start) points.erase(points.begin());
  if (points.size() < 2) throw InputError("observed", "needs at least one point after the start");
  return points;
}

/// What is asked, as the options say it.
struct Question {
  NamedExpression objective;
  const OptimizerSpec& optimizer;
  HyperparameterValues values;
  const OptimizerSpec& rule;  ///< what the optimizer is with these values: sgd without momentum is gd
  HyperparameterValues rule_values;
  std::vector<double> start;
  Function function;
};

Question question_of(const ExplainOptions& options) {
  const NamedExpression objective = parse_objective(options.expression);
  if (objective.variables.empty()) {
    const std::string message = "the function has no variable: nothing can be updated";
    throw InputError("expression", "", message, message);
  }
  const OptimizerSpec& spec = find_optimizer(options.optimizer);
  const HyperparameterValues values = hyperparameter_values(spec, options.settings);
  const std::vector<double> start = start_point(options, objective.variables);
  // All points of a run are kept: 128 MiB of them at most.
  constexpr long kCoordinates = 16000000;
  if (const long most = kCoordinates / static_cast<long>(start.size()); options.follow.max_steps > most)
    throw InputError("max_steps", std::to_string(options.follow.max_steps), fmt::format("at most {}", most),
                     fmt::format("max_steps: {} steps of {} variables are more than are kept; at most {}",
                                 options.follow.max_steps, start.size(), most));
  const RuleWithValues rule = simplest_rule(spec, values);
  return {objective, spec, values, rule.spec, rule.values, start, Function(objective.expression, objective.variables)};
}

Formula formula(const Expression& e) { return {to_text(e), "<math>" + to_mathml(e) + "</math>"}; }

/// The formulas of the objective, its gradient and one step.
void describe(Explanation& answer, const Question& question) {
  answer.variables = question.objective.variables;
  answer.start = question.start;
  answer.objective = formula(question.objective.expression);
  answer.expression = answer.objective.text;
  for (const Expression& partial : question.function.gradient_expressions())
    answer.gradient.push_back(formula(partial));
  answer.optimizer = question.optimizer.name;
  answer.hyperparameters = shown_settings(question.optimizer, question.values);
  answer.rule = rule_formulas(question.optimizer);
  answer.update_in_words = question.rule.in_words(question.rule_values);
  answer.update_names_gradient = !question.rule.plain;
  if (answer.update_names_gradient) {
    answer.update = rule_formulas(question.optimizer, question.values);
    return;
  }
  for (std::size_t i = 0; i < answer.variables.size(); ++i) {
    const std::string& variable = answer.variables[i];
    const Expression step = gradient_step(variable, question.function.gradient_expressions()[i]);
    answer.update.push_back({"new " + variable + " = " + to_text(step), typeset(primed(variable), step)});
  }
}

/// What the runs do, and which learning rates are stable; where it is interrupted, what was known by then.
void follow_runs(Explanation& answer, const Question& question, const ExplainOptions& options) {
  try {
    const Experiment experiment(question.function, question.start, question.rule, question.rule_values, answer.cost);
    if (!options.observed.empty())
      answer.observed = identify_learning_rate(experiment, observed_points(options, question.start),
                                               options.observed_lr, answer.cost);
    for (double lr : options.lr) {
      report_progress(options.follow.progress, 0);
      answer.runs.push_back(follow(experiment, lr, options.follow, answer.cost));
    }
    answer.stability = analyze_stability(experiment, options.follow, answer.cost);
  } catch (const Interrupted&) {
    answer.partial = true;
  }
}

/// `plain`: a property of the optimizer. Only of its steps is it known that they change sides above half the edge.
void fill_ruler(Explanation& answer, bool plain) {
  const Stability& s = answer.stability;
  if (s.lr_edge && s.lambda_max && plain) {
    answer.ruler.bands.push_back({"monotone", 0, *s.lr_edge / 2, "theory"});
    answer.ruler.bands.push_back({"oscillating", *s.lr_edge / 2, *s.lr_edge, "theory"});
  }
  if (s.lr_max_from_start) {
    const auto [converges, does_not] = *s.lr_max_from_start_bracket;
    if (answer.ruler.bands.empty()) answer.ruler.bands.push_back({"converge", 0, converges, "measured"});
    // What lies beyond the limit is what the runs there did: only called diverging where all of them did.
    int beyond = 0, diverged = 0;
    for (const FunctionRun& run : answer.runs)
      if (run.lr >= does_not) ++beyond, diverged += run.verdict == Verdict::diverges;
    const char* name = beyond > 0 && diverged == beyond ? "diverge" : "no convergence";
    answer.ruler.bands.push_back({name, does_not, {}, "measured"});
  }
  if (s.lr_edge) answer.ruler.marks.push_back({"stability edge", *s.lr_edge, {}, "theory"});
  if (s.lr_max_from_start)
    answer.ruler.marks.push_back(
        {"largest from this start", *s.lr_max_from_start, s.lr_max_from_start_bracket, "measured"});
  if (s.lr_fastest) answer.ruler.marks.push_back({"fastest", *s.lr_fastest, {}, "theory"});
  for (const FunctionRun& run : answer.runs) {
    answer.ruler.dots.push_back({run.lr, run.verdict});
    answer.ruler.marks.push_back({"yours", run.lr, {}, "yours"});
  }
}

}  // namespace

Explanation explain(const ExplainOptions& options) {
  const Stopwatch watch;
  check(options);
  const Question question = question_of(options);
  Explanation answer;
  describe(answer, question);
  follow_runs(answer, question, options);
  fill_ruler(answer, question.rule.plain);
  answer.curve = sample_curve({&answer, 1}, question.function);
  answer.grid = sample_grid({&answer, 1}, question.function);
  answer.cost.seconds = watch.seconds();
  return answer;
}

}  // namespace etamax
