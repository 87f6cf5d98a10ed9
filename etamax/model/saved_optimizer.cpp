#include "etamax/model/saved_optimizer.h"

#include <algorithm>
#include <cmath>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/optim/options.h"

namespace etamax {
namespace {

std::optional<double> value_of(const Settings& group, const std::string& key) {
  for (const auto& [name, value] : group)
    if (name == key) return value;
  return {};
}

/// Each rule's keys that no other optimizer of torch.optim has together.
std::vector<std::string> told_by_keys(const Settings& group) {
  const auto all = [&](std::initializer_list<const char*> keys) {
    return std::all_of(keys.begin(), keys.end(), [&](const char* key) { return value_of(group, key).has_value(); });
  };
  if (all({"beta1", "beta2", "eps", "amsgrad"})) {
    if (const auto decoupled = value_of(group, "decoupled_weight_decay")) return {*decoupled != 0 ? "adamw" : "adam"};
    if (value_of(group, "weight_decay").value_or(0) == 0) return {"adam"};  // without decay they are the same
    return {"adam", "adamw"};
  }
  if (all({"momentum", "dampening", "nesterov"})) return {"sgd"};
  if (all({"alpha", "centered", "eps"})) return {"rmsprop"};
  if (all({"lr_decay", "initial_accumulator_value"})) return {"adagrad"};
  if (all({"beta1", "beta2", "weight_decay"}) && !value_of(group, "eps")) return {"lion"};  // its authors' code
  return {};
}

/// Of all that a group holds (foreach, capturable), what the rule has.
Settings hyperparameters_in(const Settings& group, const OptimizerSpec& spec) {
  Settings settings;
  for (const Hyperparameter& h : spec.hyperparameters)
    if (const auto value = value_of(group, h.name)) settings.emplace_back(h.name, *value);
  return settings;
}

}  // namespace

std::optional<SavedOptimizer> saved_optimizer(const Checkpoint& checkpoint) {
  const Settings& group = checkpoint.settings;
  if (group.empty()) return {};
  for (const char* unknown : {"amsgrad", "maximize"})
    if (value_of(group, unknown).value_or(0) != 0)
      throw InputError("checkpoint",
                       checkpoint.path + ": its optimizer ran with " + unknown + ", which no optimizer here has");
  SavedOptimizer saved{told_by_keys(group)};
  if (!saved.may_be.empty()) saved.settings = hyperparameters_in(group, find_optimizer(saved.may_be.front()));
  saved.lr = value_of(group, "lr");
  if (saved.lr && (!std::isfinite(*saved.lr) || *saved.lr < 0))
    throw InputError("checkpoint", checkpoint.path + ": its learning rate is " + format_number(*saved.lr) +
                                       ", which no run can have");
  if (saved.lr == 0) saved.lr.reset();  // a schedule may have ended there
  return saved;
}

ChosenOptimizer choose_optimizer(const Checkpoint* checkpoint, const std::string& name, const Settings& settings) {
  const std::optional<SavedOptimizer> saved = checkpoint ? saved_optimizer(*checkpoint) : std::nullopt;
  if (!saved) return {name.empty() ? usual_optimizer(settings) : name, settings};
  const std::vector<std::string>& may_be = saved->may_be;
  if (name.empty() && may_be.size() != 1)
    throw InputError("checkpoint",
                     checkpoint->path + ": " +
                         (may_be.empty() ? "its optimizer is none of those here; name one with `optimizer=NAME`"
                                         : "does not tell whether its optimizer is " + alternatives(may_be) +
                                               "; say `optimizer=" + may_be[0] + "` or `optimizer=" + may_be[1] + "`"));
  const std::string chosen = name.empty() ? may_be.front() : find_optimizer(name).name;
  // Where neither decays, the one is the other.
  const bool decays = value_of(checkpoint->settings, "weight_decay").value_or(0) != 0;
  const bool same = std::find(may_be.begin(), may_be.end(), chosen) != may_be.end() ||
                    (!decays && chosen == "adamw" && may_be == std::vector<std::string>{"adam"});
  if (!same) return {chosen, settings};
  ChosenOptimizer optimizer{chosen, saved->settings, saved->lr};
  optimizer.settings.insert(optimizer.settings.end(), settings.begin(), settings.end());
  std::vector<std::string> parts;
  if (saved->lr) parts.push_back("lr " + format_number(*saved->lr));
  for (const auto& [key, value] : saved->settings)
    if (!value_of(settings, key)) parts.push_back(key + " " + format_number(value));
  optimizer.note =
      (name.empty() ? "optimizer" : "hyperparameters") + std::string(" read from ") + checkpoint->path + ": " +
      (name.empty() ? chosen + ", " : "") + joined(parts) +
      (checkpoint->groups > 1 ? " (the first of its " + std::to_string(checkpoint->groups) + " groups of parameters)"
                              : "");
  return optimizer;
}

}  // namespace etamax
