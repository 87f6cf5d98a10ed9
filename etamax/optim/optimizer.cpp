#include "etamax/optim/optimizer.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/named.h"
#include "etamax/core/suggest.h"

namespace etamax {
namespace {

bool valid(const Hyperparameter& h, double value) {
  return h.range.contains(value) && (!h.is_flag || value == 0 || value == 1);
}

/// For whoever gives a hyperparameter that a rule lacks: a near name, or the rules that have it.
std::string hint(const std::string& name, const std::vector<std::string>& own) {
  if (const std::string near = closest(name, own); !near.empty()) return "; did you mean '" + near + "'?";
  std::vector<std::string> rules;
  for (const OptimizerSpec& spec : optimizers())
    if (std::any_of(spec.hyperparameters.begin(), spec.hyperparameters.end(),
                    [&](const Hyperparameter& h) { return h.name == name; }))
      rules.push_back(spec.name);
  return rules.empty() ? "" : "; it belongs to " + joined(rules);
}

}  // namespace

std::string range_text(const Hyperparameter& h) { return h.is_flag ? "0 or 1" : h.range.text(); }

const OptimizerSpec& find_optimizer(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const OptimizerSpec& spec : optimizers())
    if (spec.name == lower) return spec;
  return find_named(optimizers(), std::string(name), "optimizer", "optimizer");
}

HyperparameterValues hyperparameter_values(const OptimizerSpec& spec, const Settings& given) {
  std::vector<double> values;
  std::vector<std::string> names;
  for (const Hyperparameter& h : spec.hyperparameters) values.push_back(h.default_value), names.push_back(h.name);
  for (const auto& [name, value] : given) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) {
      const std::string message = spec.name + " has no hyperparameter '" + name + "'" + hint(name, names);
      throw InputError(name, "", message, message);
    }
    const auto i = static_cast<std::size_t>(at - names.begin());
    const Hyperparameter& h = spec.hyperparameters[i];
    if (!valid(h, value)) {
      const std::string right = std::isfinite(value) ? range_text(h) : "finite; it must be " + range_text(h);
      const std::string shown = format_exactly(value);
      throw InputError(name, shown, right, spec.name + ": " + name + " = " + shown + " is not " + right);
    }
    values[i] = value;
  }
  HyperparameterValues result(std::move(values));
  if (spec.check)
    if (const std::string wrong = spec.check(result); !wrong.empty()) {
      // Such a sentence begins with the hyperparameter that it is about: "nesterov = 1 needs momentum > 0".
      const std::string message = spec.name + ": " + wrong;
      throw InputError(wrong.substr(0, wrong.find(' ')), "", message, message);
    }
  return result;
}

Optimizer make_optimizer(std::string_view name, const Settings& given) {
  const OptimizerSpec& spec = find_optimizer(name);
  return {&spec, hyperparameter_values(spec, given)};
}

double hyperparameter(const OptimizerSpec& spec, const HyperparameterValues& values, std::string_view name,
                      double otherwise) {
  for (std::size_t i = 0; i < spec.hyperparameters.size(); ++i)
    if (spec.hyperparameters[i].name == name) return values[i];
  return otherwise;
}

RuleWithValues simplest_rule(const OptimizerSpec& spec, const HyperparameterValues& values) {
  const std::string_view simpler = spec.same_as ? spec.same_as(values) : "";
  if (simpler.empty()) return {spec, values};
  const OptimizerSpec& rule = find_optimizer(simpler);
  return {rule, hyperparameter_values(rule, {})};
}

std::vector<Setting> shown_settings(const OptimizerSpec& spec, const HyperparameterValues& values) {
  std::vector<Setting> settings;
  for (std::size_t i = 0; i < spec.hyperparameters.size(); ++i)
    settings.push_back({spec.hyperparameters[i].name, values[i], spec.hyperparameters[i].is_flag});
  return settings;
}

}  // namespace etamax
