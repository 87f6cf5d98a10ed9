#include "etamax/maps/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/suggest.h"
#include "etamax/expr/objective_table.h"

namespace etamax {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Function function_of(const NamedExpression& objective) {
  if (objective.variables.empty()) {
    const std::string message = "the function has no variable: nothing can be updated";
    throw InputError("expression", "", message, message);
  }
  return {objective.expression, objective.variables};
}

/// Whether "lr" is meant, by one of its usual names.
bool is_learning_rate(const std::string& name) {
  return name == "lr" || name == "learning_rate" || name == "learning-rate" || name == "eta";
}

}  // namespace

MapProblem::MapProblem(const MapOptions& options)
    : expression_(options.expression),
      function_(function_of(parse_objective(options.expression))),
      optimizer_(&find_optimizer(options.optimizer)),
      values_(hyperparameter_values(*optimizer_, options.settings)),
      lr_(options.lr),
      max_steps_(options.max_steps) {
  expression_ = to_text(function_.expression());
  for (const auto& [axis, field] : {std::pair(&options.x, "x"), std::pair(&options.y, "y")})
    axes_.push_back(understood(*axis, field));
  if (axes_[0].moves == axes_[1].moves && axes_[0].index == axes_[1].index)
    throw InputError("y",
                     fmt::format("both axes are {}; the other one may be a start, a learning rate or a hyperparameter",
                                 axes_[0].axis.name));
  const bool rate_moves = axes_[0].moves == Moves::lr || axes_[1].moves == Moves::lr;
  if (rate_moves) lr_.reset();
  if (!rate_moves && !lr_)
    throw InputError("lr", "is not an axis: give the learning rate of all runs, for example `lr=0.1`");
  if (lr_ && !(*lr_ > 0 && std::isfinite(*lr_))) throw InputError("lr", format_exactly(*lr_), "a positive number");
  fill_start(options.start);
}

MapProblem::Axis MapProblem::understood(const MapAxis& given, const std::string& field) const {
  Axis found{given, Moves::lr, 0};
  const std::vector<std::string>& names = function_.variables();
  const auto variable = std::find(names.begin(), names.end(), given.name);
  const bool only_start = given.name == "start" && names.size() == 1;
  const auto& table = optimizer_->hyperparameters;
  const auto hyper = std::find_if(table.begin(), table.end(), [&](const auto& h) { return h.name == given.name; });
  if (variable != names.end() && hyper != table.end())
    throw InputError(
        field, fmt::format("'{}' is a variable of the function and an option of {}; give the variable another name",
                           given.name, optimizer_->name));
  if (variable != names.end() || only_start) {
    found.moves = Moves::coordinate;
    found.index = only_start ? 0 : static_cast<std::size_t>(variable - names.begin());
  } else if (is_learning_rate(given.name)) {
    found.axis.name = "lr";
  } else if (hyper != table.end() && !hyper->is_flag) {
    found.moves = Moves::hyperparameter;
    found.index = static_cast<std::size_t>(hyper - table.begin());
  } else {
    std::vector<std::string> known = names;
    if (names.size() == 1) known.emplace_back("start");
    known.emplace_back("lr");
    for (const Hyperparameter& h : table)
      if (!h.is_flag) known.push_back(h.name);
    const std::string near = closest(given.name, known);
    throw InputError(field, given.name, "one of " + joined(known),
                     fmt::format("{}: {} has no '{}' to move; {}", field, optimizer_->name, given.name,
                                 near.empty() ? "an axis is one of " + joined(known) : "did you mean '" + near + "'?"));
  }
  check_range(found, field);
  return found;
}

void MapProblem::check_range(const Axis& axis, const std::string& field) const {
  const MapAxis& a = axis.axis;
  if (!std::isfinite(a.from) || !std::isfinite(a.to) || !(a.from < a.to))
    throw InputError(field, fmt::format("{}:{}", format_exactly(a.from), format_exactly(a.to)),
                     "a range from a smaller number to a larger one");
  if (!std::isfinite(a.to - a.from))
    throw InputError(field, fmt::format("{}:{}", format_exactly(a.from), format_exactly(a.to)),
                     "a range whose ends are at most 1.8e308 apart, where numbers end");
  if (a.log && !(a.from > 0))
    throw InputError(field, fmt::format("a logarithmic axis begins above 0, not at {}", format_exactly(a.from)));
  if (a.pixels < 1) throw InputError("size", std::to_string(a.pixels), "at least 1 pixel");
  if (axis.moves == Moves::lr && !(a.from > 0))
    throw InputError(field,
                     fmt::format("a learning rate is above 0, and the axis begins at {}", format_exactly(a.from)));
  if (axis.moves != Moves::hyperparameter) return;
  const Hyperparameter& h = optimizer_->hyperparameters[axis.index];
  for (const double end : {a.from, a.to})
    if (!h.range.contains(end))
      throw InputError(field, format_exactly(end), range_text(h),
                       fmt::format("{}: {} = {} is not {}", field, h.name, format_exactly(end), range_text(h)));
}

void MapProblem::fill_start(const NamedNumbers& given) {
  const std::vector<std::string>& names = function_.variables();
  start_.assign(names.size(), kNaN);
  std::optional<double> all;
  for (const auto& [name, value] : given) {
    if (name.empty()) {
      if (all) throw InputError("start", "several numbers need names, as in x=1,y=2");
      all = value;
      continue;
    }
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end())
      throw InputError("start", fmt::format("the function has no variable '{}'; it has {}", name, joined(names)));
    const auto i = static_cast<std::size_t>(at - names.begin());
    if (moves_coordinate(i)) throw InputError("start", fmt::format("'{}' is an axis already", name));
    start_[i] = value;
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (moves_coordinate(i)) continue;
    if (std::isnan(start_[i]) && all) start_[i] = *all;
    if (std::isnan(start_[i]))
      throw InputError("start", fmt::format("no start for '{0}', for example {0}=1", names[i]));
  }
}

bool MapProblem::moves_coordinate(std::size_t i) const {
  return std::any_of(axes_.begin(), axes_.end(),
                     [i](const Axis& a) { return a.moves == Moves::coordinate && a.index == i; });
}

std::vector<std::string> MapProblem::free_hyperparameters() const {
  std::vector<std::string> names;
  for (const Axis& a : axes_)
    if (a.moves == Moves::hyperparameter) names.push_back(optimizer_->hyperparameters[a.index].name);
  return names;
}

MapProblem::Run MapProblem::run(int i, int j) const {
  Run run{lr_.value_or(kNaN), start_, values_};
  std::vector<double> values;
  for (std::size_t k = 0; k < 2; ++k) {
    const Axis& a = axes_[k];
    const double value = a.axis.value(k == 0 ? i : j);
    switch (a.moves) {
      case Moves::lr:
        run.lr = value;
        break;
      case Moves::coordinate:
        run.start[a.index] = value;
        break;
      case Moves::hyperparameter:
        values = run.values.values();
        values[a.index] = value;
        run.values = HyperparameterValues(values);
        break;
    }
  }
  return run;
}

}  // namespace etamax
