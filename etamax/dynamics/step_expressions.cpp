#include "etamax/dynamics/step_expressions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "etamax/core/error.h"

namespace etamax {
namespace {

using Meanings = std::map<std::string, Expression>;

std::string kept_name(const std::string& symbol, std::size_t coordinate) {
  return fmt::format("{} {}", symbol, coordinate);
}

/// The names of `e` with what each stands for in its place, all at once.
Expression with_meanings(Expression e, const Meanings& meanings) {
  // By way of names that stand in no meaning, since x means something in which x occurs.
  for (const auto& [name, meaning] : meanings) e = substitute(e, name, Expression::variable("means " + name));
  for (const auto& [name, meaning] : meanings) e = substitute(e, "means " + name, meaning);
  return e;
}

/// What the assignments leave in their names, one coordinate at a time.
Meanings after_step(const OptimizerSpec& optimizer, Meanings meanings) {
  for (const std::string& line : optimizer.assignments) {
    const std::size_t equals = line.find(" = ");
    meanings.insert_or_assign(line.substr(0, equals), with_meanings(parse(line.substr(equals + 3)), meanings));
  }
  return meanings;
}

/// Leaves out of the state what no coordinate depends on.
void drop_unread(StepExpressions& step) {
  std::vector<bool> read(step.state.size(), false);
  std::fill_n(read.begin(), step.dimension, true);
  for (bool found = true; found;) {
    found = false;
    for (std::size_t i = 0; i < step.state.size(); ++i) {
      if (!read[i]) continue;
      for (const std::string& name : variables(step.next[i])) {
        const auto at = std::find(step.state.begin(), step.state.end(), name);
        if (at == step.state.end() || read[static_cast<std::size_t>(at - step.state.begin())]) continue;
        read[static_cast<std::size_t>(at - step.state.begin())] = true;
        found = true;
      }
    }
  }
  for (std::size_t i = step.state.size(); i-- > step.dimension;)
    if (!read[i]) {
      step.state.erase(step.state.begin() + static_cast<std::ptrdiff_t>(i));
      step.next.erase(step.next.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

}  // namespace

StepExpressions step_expressions(const Function& objective, const OptimizerSpec& optimizer,
                                 const HyperparameterValues& values, const std::vector<std::string>& free,
                                 const Progress& progress) {
  if (optimizer.assignments.empty())
    throw InputError("optimizer", optimizer.name + " does not say its step as assignments");
  StepExpressions step;
  step.dimension = objective.variables().size();
  step.state = objective.variables();
  step.parameters = {"parameter lr"};
  Meanings known = {{"lr", Expression::variable("parameter lr")}, {"t", Expression::variable(kStepNumber)}};
  for (std::size_t i = 0; i < optimizer.hyperparameters.size(); ++i)
    known.emplace(optimizer.hyperparameters[i].name, Expression(values[i]));
  for (const std::string& name : free) {
    const auto at = known.find(name);
    if (at == known.end() || name == "lr" || name == "t")
      throw InputError("optimizer", fmt::format("{} has no hyperparameter '{}'", optimizer.name, name));
    step.parameters.push_back("parameter " + name);
    at->second = Expression::variable(step.parameters.back());
  }
  std::vector<Meanings> after;
  for (std::size_t i = 0; i < step.dimension; ++i) {
    report_progress(progress, 0);
    Meanings meanings = known;
    meanings.emplace("x", Expression::variable(step.state[i]));
    meanings.emplace("g", objective.gradient_expressions()[i]);
    for (const std::string& symbol : optimizer.state_symbols)
      meanings.emplace(symbol, Expression::variable(kept_name(symbol, i)));
    after.push_back(after_step(optimizer, std::move(meanings)));
    step.next.push_back(simplify(after.back().at("x")));
  }
  for (const std::string& symbol : optimizer.state_symbols)
    for (std::size_t i = 0; i < step.dimension; ++i) {
      report_progress(progress, 0);
      step.state.push_back(kept_name(symbol, i));
      step.next.push_back(simplify(after[i].at(symbol)));
    }
  drop_unread(step);
  return step;
}

void add_growth(const StepExpressions& step, std::vector<std::string>& names, std::vector<Expression>& next,
                const Progress& progress) {
  std::vector<std::pair<std::string, Expression>> direction;
  for (const std::string& name : step.state) {
    names.push_back("distance " + name);
    direction.emplace_back(name, Expression::variable(names.back()));
  }
  for (const Expression& part : step.next) {
    report_progress(progress, 0);
    next.push_back(differentiate_along({part}, direction).front());
  }
}

}  // namespace etamax
