#include "etamax/explain/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/stopwatch.h"
#include "etamax/explain/detail_sample.h"
#include "etamax/explain/explain.h"
#include "etamax/expr/objective_table.h"

namespace etamax {
namespace {

bool has(const OptimizerSpec& spec, const std::string& hyperparameter) {
  return std::any_of(spec.hyperparameters.begin(), spec.hyperparameters.end(),
                     [&](const Hyperparameter& h) { return h.name == hyperparameter; });
}

std::vector<const OptimizerSpec*> find_all(const std::vector<std::string>& names) {
  if (names.empty()) throw InputError("optimizer", "give at least one");
  std::vector<const OptimizerSpec*> found;
  for (const std::string& name : names) {
    const OptimizerSpec& spec = find_optimizer(name);
    if (std::find(found.begin(), found.end(), &spec) != found.end())
      throw InputError("optimizer", fmt::format("'{}' is named twice", spec.name));
    found.push_back(&spec);
  }
  return found;
}

void refuse_settings_of_none(const Settings& settings, const std::vector<const OptimizerSpec*>& specs) {
  for (const auto& [name, value] : settings) {
    if (std::any_of(specs.begin(), specs.end(),
                    [&, &name = name](const OptimizerSpec* spec) { return has(*spec, name); }))
      continue;
    std::vector<std::string> optimizers;
    for (const OptimizerSpec* spec : specs) optimizers.push_back(spec->name);
    const std::string message = fmt::format("none of {} has a hyperparameter '{}'", joined(optimizers), name);
    throw InputError(name, "", message, message);
  }
}

Settings own(const Settings& settings, const OptimizerSpec& spec) {
  Settings found;
  for (const auto& setting : settings)
    if (has(spec, setting.first)) found.push_back(setting);
  return found;
}

/// The lowest loss among the runs after so many steps; none where every run diverges or ends before.
std::optional<Standing> standing(const Explanation& e, long step) {
  std::optional<Standing> best;
  const auto k = static_cast<std::size_t>(step);
  for (const FunctionRun& run : e.runs) {
    if (run.verdict == Verdict::diverges || run.losses.size() <= k || !std::isfinite(run.losses[k])) continue;
    if (!best || run.losses[k] < best->loss) best = {e.optimizer, run.lr, step, run.losses[k]};
  }
  return best;
}

std::vector<Standing> standings(const std::vector<Explanation>& explanations, long step) {
  std::vector<Standing> all;
  if (step == 0) return all;
  for (const Explanation& e : explanations)
    if (auto found = standing(e, step)) all.push_back(*std::move(found));
  std::stable_sort(all.begin(), all.end(), [](const Standing& a, const Standing& b) { return a.loss < b.loss; });
  return all;
}

void add(Cost& sum, const Cost& cost) {
  sum.gradients += cost.gradients;
  sum.hvps += cost.hvps;
  sum.forwards += cost.forwards;
}

}  // namespace

Comparison compare(const ExplainOptions& options, const std::vector<std::string>& optimizers) {
  const Stopwatch watch;
  const std::vector<const OptimizerSpec*> specs = find_all(optimizers);
  refuse_settings_of_none(options.settings, specs);
  for (const OptimizerSpec* spec : specs) hyperparameter_values(*spec, own(options.settings, *spec));
  Comparison comparison;
  for (const OptimizerSpec* spec : specs) {
    ExplainOptions question = options;
    question.optimizer = spec->name;
    question.settings = own(options.settings, *spec);
    comparison.explanations.push_back(explain(question));
    add(comparison.cost, comparison.explanations.back().cost);
    comparison.partial = comparison.explanations.back().partial;
    if (comparison.partial) break;
  }
  const NamedExpression objective = parse_objective(options.expression);
  comparison.grid = sample_grid(comparison.explanations, Function(objective.expression, objective.variables));
  if (!comparison.partial) comparison.standings = standings(comparison.explanations, options.follow.shown_steps);
  comparison.cost.seconds = watch.seconds();
  return comparison;
}

}  // namespace etamax
