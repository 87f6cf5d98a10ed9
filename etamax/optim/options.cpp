#include "etamax/optim/options.h"

#include <algorithm>

#include "etamax/core/format.h"

namespace etamax {
namespace {

/// One option for a name that several rules may have, each with its own default and in its own words.
struct Shared {
  std::string name;
  std::vector<std::pair<std::string, std::vector<std::string>>> meanings, defaults;  ///< each with the rules it is of
  std::string range;
  int rules = 0;
};

void add(std::vector<std::pair<std::string, std::vector<std::string>>>& list, const std::string& text,
         const std::string& rule) {
  for (auto& [known, rules] : list)
    if (known == text) {
      rules.push_back(rule);
      return;
    }
  list.push_back({text, {rule}});
}

/// Those that most rules have come first.
std::vector<Shared> shared_hyperparameters() {
  std::vector<Shared> all;
  for (const OptimizerSpec& spec : optimizers())
    for (const Hyperparameter& h : spec.hyperparameters) {
      auto at = std::find_if(all.begin(), all.end(), [&](const Shared& s) { return s.name == h.name; });
      if (at == all.end()) at = all.insert(at, {h.name, {}, {}, h.is_flag ? "" : h.range.brief(), 0});
      add(at->meanings, h.summary, spec.name);
      add(at->defaults, format_number(h.default_value), spec.name);
      ++at->rules;
    }
  std::stable_sort(all.begin(), all.end(), [](const Shared& a, const Shared& b) { return a.rules > b.rules; });
  return all;
}

/// "adam, adamw: decay rate of ...; lion: weight of ...".
std::string help(const Shared& shared) {
  std::vector<std::string> parts;
  for (const auto& [meaning, rules] : shared.meanings) parts.push_back(joined(rules) + ": " + meaning);
  return joined(parts, "; ");
}

/// "0.999", or "0.999, lion 0.99": what most rules have, and which have another.
std::string usual(const Shared& shared) {
  const auto most = std::max_element(shared.defaults.begin(), shared.defaults.end(),
                                     [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  std::string text = most->first;
  for (const auto& other : shared.defaults)
    if (&other != &*most) text += ", " + joined(other.second) + " " + other.first;
  return text;
}

Fields optimizer_field(Field::Member member, const std::string& what, const std::string& placeholder) {
  std::vector<std::string> names;
  for (const OptimizerSpec& spec : optimizers()) names.push_back(spec.name);
  return {{Group::optimizer,
           "optimizer",
           member,
           what + alternatives(names),
           {},
           {.known = names, .usual = "gd, or sgd where a momentum is given", .placeholder = placeholder}}};
}

Fields hyperparameter_fields(HyperparameterOptions& o) {
  Fields list;
  for (const Shared& shared : shared_hyperparameters()) {
    Field::More more;
    more.usual = usual(shared);
    more.limits = shared.range;
    if (const auto on = o.switches.find(shared.name); on != o.switches.end())
      list.push_back({Group::optimizer, shared.name, &on->second, help(shared), {}, more});
    else
      list.push_back({Group::optimizer, shared.name, &o.values.at(shared.name), help(shared), {}, more});
  }
  return list;
}

}  // namespace

HyperparameterOptions::HyperparameterOptions() {
  for (const OptimizerSpec& spec : optimizers())
    for (const Hyperparameter& h : spec.hyperparameters)
      if (h.is_flag)
        switches[h.name] = false;
      else
        values[h.name];
}

std::string OptimizerOptions::name() const { return optimizer.empty() ? usual_optimizer(settings()) : optimizer; }

std::vector<std::string> OptimizersOptions::names() const {
  const bool none_named = optimizers.empty() || (optimizers.size() == 1 && optimizers.front().empty());
  return none_named ? std::vector{usual_optimizer(settings())} : optimizers;
}

std::string usual_optimizer(const Settings& given) {
  const auto is_momentum = [](const auto& setting) { return setting.first == "momentum"; };
  return std::any_of(given.begin(), given.end(), is_momentum) ? "sgd" : "gd";
}

Settings HyperparameterOptions::settings() const {
  Settings given;
  for (const auto& [key, value] : values)
    if (value) given.emplace_back(key, *value);
  for (const auto& [key, on] : switches)
    if (on) given.emplace_back(key, 1);
  return given;
}

Fields fields(OptimizerOptions& o) {
  return optimizer_field(&o.optimizer, "Optimizer: ", "NAME") + hyperparameter_fields(o);
}

Fields fields(OptimizersOptions& o) {
  return optimizer_field(&o.optimizers, "Optimizer, or several to compare: ", "NAME,...") + hyperparameter_fields(o);
}

}  // namespace etamax
