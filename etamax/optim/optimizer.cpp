#include "etamax/optim/optimizer.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/named.h"

namespace etamax {
namespace {

bool in_range(const Hyperparameter& h, double value) {
  return std::isfinite(value) && (h.low_open ? value > h.low : value >= h.low) &&
         (h.high_open ? value < h.high : value <= h.high) && (!h.is_flag || value == 0 || value == 1);
}

/// With 17 digits where 6 would show a refused value as the bound that it just misses.
std::string shown(double value) {
  const std::string text = format_number(value);
  return std::strtod(text.c_str(), nullptr) == value || std::isnan(value) ? text : format_number(value, 17);
}

}  // namespace

std::string range_text(const Hyperparameter& h) {
  if (h.is_flag) return "0 or 1";
  if (std::isinf(h.high)) return (h.low_open ? "above " : "at least ") + format_number(h.low);
  return std::string("in ") + (h.low_open ? "(" : "[") + format_number(h.low) + ", " + format_number(h.high) +
         (h.high_open ? ")" : "]");
}

const OptimizerSpec& find_optimizer(std::string_view name) {
  return find_named(optimizers(), std::string(name), "--optimizer", "optimizer");
}

HyperparameterValues hyperparameter_values(const OptimizerSpec& spec, const Settings& given) {
  std::vector<double> values;
  std::vector<std::string> names;
  for (const Hyperparameter& h : spec.hyperparameters) values.push_back(h.default_value), names.push_back(h.name);
  for (const auto& [name, value] : given) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) {
      const std::string near = closest(name, names);
      throw InputError(spec.name + ": has no hyperparameter '" + name + "'" +
                       (near.empty() ? "" : "; did you mean '" + near + "'?"));
    }
    const auto i = static_cast<std::size_t>(at - names.begin());
    const Hyperparameter& h = spec.hyperparameters[i];
    if (!in_range(h, value))
      throw InputError(spec.name + ": " + name + " = " + shown(value) + " is not " +
                       (std::isfinite(value) ? range_text(h) : "finite; it must be " + range_text(h)));
    values[i] = value;
  }
  HyperparameterValues result(std::move(values));
  if (spec.check)
    if (const std::string wrong = spec.check(result); !wrong.empty()) throw InputError(spec.name + ": " + wrong);
  return result;
}

double hyperparameter(const OptimizerSpec& spec, const HyperparameterValues& values, std::string_view name,
                      double otherwise) {
  for (std::size_t i = 0; i < spec.hyperparameters.size(); ++i)
    if (spec.hyperparameters[i].name == name) return values[i];
  return otherwise;
}

std::vector<Setting> shown_settings(const OptimizerSpec& spec, const HyperparameterValues& values) {
  std::vector<Setting> settings;
  for (std::size_t i = 0; i < spec.hyperparameters.size(); ++i)
    settings.push_back({spec.hyperparameters[i].name, values[i], spec.hyperparameters[i].is_flag});
  return settings;
}

}  // namespace etamax
