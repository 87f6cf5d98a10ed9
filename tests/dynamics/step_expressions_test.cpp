// Every rule's assignments, compiled for many points at once, against its scalar step, which is held against PyTorch's.
#include "etamax/dynamics/step_expressions.h"

#include <gtest/gtest.h>

#include <cmath>

#include "etamax/dynamics/trajectory.h"
#include "etamax/expr/objective_table.h"
#include "etamax/expr/step_program.h"

namespace etamax {
namespace {

constexpr std::size_t kPoints = 2 * StepProgram::kGroup;

/// So many points, each with a start and a learning rate of its own, in the layout of a StepProgram.
struct Points {
  std::vector<std::vector<double>> state, parameters;

  Points(const StepExpressions& step, const std::vector<double>& start, double lr)
      : state(step.state.size(), std::vector<double>(kPoints)),
        parameters(step.parameters.size(), std::vector<double>(kPoints)) {
    for (std::size_t p = 0; p < kPoints; ++p) {
      const double share = static_cast<double>(p) / kPoints;
      for (std::size_t i = 0; i < step.dimension; ++i) state[i][p] = start[i] * (0.5 + share);
      parameters[0][p] = lr * (1.1 - share);
    }
  }
  void run(const StepProgram& program, long first, long steps) {
    std::vector<double*> to;
    std::vector<const double*> from;
    for (auto& s : state) to.push_back(s.data());
    for (const auto& p : parameters) from.push_back(p.data());
    program.run(to.data(), from.data(), kPoints, first, steps);
  }
};

/// Where a number of the program's state stands in the scalar step's: its coordinates, then its state vectors.
std::size_t place_of(const std::string& name, const StepExpressions& step, const OptimizerSpec& spec) {
  for (std::size_t i = 0; i < step.dimension; ++i) {
    if (step.state[i] == name) return i;
    for (std::size_t s = 0; s < spec.state_symbols.size(); ++s)
      if (spec.state_symbols[s] + " " + std::to_string(i) == name) return (1 + s) * step.dimension + i;
  }
  throw std::logic_error("no part of the state is called " + name);
}

/// The largest difference over 50 steps between what a step of the program and the scalar step make of the same
/// numbers, relative to the farthest that the points were from 0.
double difference(const OptimizerSpec& spec, const Settings& settings, const std::vector<std::string>& free,
                  const std::string& text, const std::vector<double>& start, double lr) {
  const NamedExpression objective = parse_objective(text);
  const Function function(objective.expression, objective.variables);
  const HyperparameterValues values = hyperparameter_values(spec, settings);
  const StepExpressions step = step_expressions(function, spec, values, free);
  const StepProgram program(step.next, step.state, step.parameters, kStepNumber);
  Points points(step, start, lr);
  for (std::size_t f = 0; f < free.size(); ++f)
    for (double& v : points.parameters[1 + f]) v = hyperparameter(spec, values, free[f], 0);
  std::vector<Stepper> steppers;
  double farthest = 0;
  for (std::size_t p = 0; p < kPoints; ++p) {
    std::vector<double> x;
    for (std::size_t i = 0; i < step.dimension; ++i) x.push_back(points.state[i][p]);
    farthest = std::max(farthest, size_of(x));
    steppers.emplace_back(function, spec, values, points.parameters[0][p], x);
  }
  double worst = 0;
  for (long t = 1; t <= 50; ++t) {
    points.run(program, t, 1);
    for (std::size_t p = 0; p < kPoints; ++p) {
      Cost cost;
      steppers[p].advance(cost);
      for (std::size_t s = 0; s < step.state.size(); ++s) {
        const std::size_t at = place_of(step.state[s], step, spec);
        const double scalar = at < step.dimension ? steppers[p].x[at] : steppers[p].state[at - step.dimension];
        if (at < step.dimension) worst = std::max(worst, std::abs(points.state[s][p] - scalar) / farthest);
        points.state[s][p] = scalar;
      }
    }
  }
  return worst;
}

/// Many steps in one call are the same steps one by one.
TEST(StepExpressions, ManyStepsAreTheStepsOneByOne) {
  for (const OptimizerSpec& spec : optimizers())
    for (const char* text : {"x^4 - 3x^2 + x", "x^2", "tanh(x)^2 + x^2/4"}) {
      const NamedExpression objective = parse_objective(text);
      const Function function(objective.expression, objective.variables);
      const StepExpressions step = step_expressions(
          function, spec, hyperparameter_values(spec, spec.examples.empty() ? Settings{} : spec.examples.front()), {});
      const StepProgram program(step.next, step.state, step.parameters, kStepNumber);
      Points at_once(step, {0.9}, 0.02), one_by_one = at_once;
      at_once.run(program, 1, 7), at_once.run(program, 8, 43);
      for (long t = 1; t <= 50; ++t) one_by_one.run(program, t, 1);
      EXPECT_EQ(at_once.state, one_by_one.state) << spec.name << " on " << text;
    }
}

TEST(StepExpressions, EveryRuleIsItsScalarStep) {
  for (const OptimizerSpec& spec : optimizers()) {
    ASSERT_FALSE(spec.assignments.empty()) << spec.name;
    ASSERT_EQ(spec.state_symbols.size(), static_cast<std::size_t>(spec.state_vectors)) << spec.name;
    std::vector<Settings> all = spec.examples;
    all.push_back({});
    for (const Settings& settings : all)
      for (const auto& [text, start, lr] :
           std::vector<std::tuple<std::string, std::vector<double>, double>>{{"x^4 - 3x^2 + x", {0.9}, 0.02},
                                                                             {"x^2 + 3*(y - 1)^2 + x*y", {2, -1}, 0.02},
                                                                             {"logcosh", {0.7}, 0.05},
                                                                             {"rosenbrock", {-1.2, 1}, 1e-4}}) {
        std::string given;
        for (const auto& [name, value] : settings) given += " " + name + "=" + std::to_string(value);
        EXPECT_LT(difference(spec, settings, {}, text, start, lr), 1e-12) << spec.name << given << " on " << text;
      }
  }
}

TEST(StepExpressions, EveryHyperparameterMayDifferFromPointToPoint) {
  for (const OptimizerSpec& spec : optimizers())
    for (const Settings& settings : spec.examples)
      for (const Hyperparameter& h : spec.hyperparameters)
        EXPECT_LT(difference(spec, settings, {h.name}, "x^4 - 3x^2 + x", {0.9}, 0.02), 1e-12)
            << spec.name << " " << h.name;
}

TEST(StepExpressions, AStateThatNothingReadsIsLeftOut) {
  const NamedExpression objective = parse_objective("x^2");
  const Function function(objective.expression, objective.variables);
  const auto states = [&](const char* name, const Settings& settings) {
    const OptimizerSpec& spec = find_optimizer(name);
    return step_expressions(function, spec, hyperparameter_values(spec, settings), {}).state.size();
  };
  EXPECT_EQ(states("sgd", {}), 1u);
  EXPECT_EQ(states("sgd", {{"momentum", 0.9}}), 2u);
  EXPECT_EQ(states("rmsprop", {}), 2u);
  EXPECT_EQ(states("rmsprop", {{"centered", 1}, {"momentum", 0.5}}), 4u);
}

TEST(StepExpressions, RefusesANameThatTheOptimizerDoesNotHave) {
  const NamedExpression objective = parse_objective("x^2");
  const Function function(objective.expression, objective.variables);
  const OptimizerSpec& spec = find_optimizer("sgd");
  EXPECT_THROW(step_expressions(function, spec, hyperparameter_values(spec, {}), {"beta1"}), InputError);
  EXPECT_THROW(step_expressions(function, spec, hyperparameter_values(spec, {}), {"lr"}), InputError);
}

}  // namespace
}  // namespace etamax
