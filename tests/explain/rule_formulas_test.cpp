// The formulas by name, followed by the letter, make the scalar step, which is held against PyTorch's.
#include "etamax/explain/rule_formulas.h"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <cmath>
#include <complex>
#include <map>

#include "etamax/dynamics/step_expressions.h"
#include "etamax/expr/function.h"

namespace etamax {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++found;
  return found;
}

/// "new b" and "(new b)" as the name new_b.
std::string as_names(std::string text) {
  for (std::size_t at; (at = text.find("new ")) != std::string::npos;) text[at + 3] = '_';
  return text;
}

/// What a reader makes of a line who knows the numbers so far.
double worked_out(const std::string& right, const std::map<std::string, double>& known) {
  const Expression e = parse(right);
  const std::vector<std::string> names = variables(e);
  std::vector<double> at;
  for (const std::string& name : names) at.push_back(known.at(name));
  return Function(e, names).value(at);
}

/// `numbers`: the formulas that hold the hyperparameters' values, in place of their names.
void expect_followed_by_the_letter_they_are_the_step(bool numbers) {
  for (const OptimizerSpec& spec : optimizers()) {
    std::vector<Settings> all = spec.examples;
    all.emplace_back();
    for (const Settings& settings : all) {
      const HyperparameterValues values = hyperparameter_values(spec, settings);
      const std::vector<Formula> formulas = numbers ? rule_formulas(spec, values) : rule_formulas(spec);
      std::map<std::string, double> known = {{"lr", 0.05}, {"x", 1.5}};
      for (std::size_t i = 0; !numbers && i < spec.hyperparameters.size(); ++i)
        known[spec.hyperparameters[i].name] = values[i];
      for (const std::string& symbol : spec.state_symbols) known[symbol] = 0;
      std::vector<double> x = {1.5}, state(spec.state_symbols.size(), 0.0);
      for (int step = 1; step <= 20; ++step) {
        const std::vector<double> gradient = {std::sin(3 * x[0]) + x[0]};
        known["g"] = gradient[0], known["t"] = step;
        std::map<std::string, double> next = known;
        for (const Formula& line : formulas) {
          const std::string text = as_names(line.text);
          const std::size_t equals = text.find(" = ");
          next[text.substr(0, equals)] = worked_out(text.substr(equals + 3), next);
        }
        spec.step(values, 0.05, step, gradient, x, state);
        for (const auto& [name, value] : next)
          if (name.rfind("new_", 0) == 0) known[name.substr(4)] = value;
        ASSERT_NEAR(known["x"], x[0], 1e-12 * std::max(1.0, std::abs(x[0]))) << spec.name << ", step " << step;
        known["x"] = x[0];
      }
    }
  }
}

TEST(rule_formulas, followed_by_the_letter_they_are_the_step) {
  expect_followed_by_the_letter_they_are_the_step(false);
}

TEST(rule_formulas, with_numbers_followed_by_the_letter_they_are_the_step) {
  expect_followed_by_the_letter_they_are_the_step(true);
}

TEST(rule_formulas, with_numbers_hold_what_these_leave) {
  const auto lines = [](const char* name, const Settings& settings) {
    const OptimizerSpec& spec = find_optimizer(name);
    std::vector<std::string> texts;
    for (const Formula& line : rule_formulas(spec, hyperparameter_values(spec, settings))) texts.push_back(line.text);
    return texts;
  };
  using Lines = std::vector<std::string>;
  EXPECT_EQ(lines("gd", {}), (Lines{"new x = x - lr*g"}));
  EXPECT_EQ(lines("sgd", {}), (Lines{"new x = x - lr*g"}));
  EXPECT_EQ(lines("sgd", {{"weight_decay", 0.5}}), (Lines{"new x = x - lr*(g + 0.5*x)"}));
  EXPECT_EQ(lines("sgd", {{"momentum", 0.9}}), (Lines{"new b = 0.9*b + g", "new x = x - lr*(new b)"}));
  EXPECT_EQ(lines("sgd", {{"momentum", 0.9}, {"nesterov", 1}}),
            (Lines{"new b = 0.9*b + g", "new x = x - lr*(g + 0.9*(new b))"}));
  EXPECT_EQ(lines("adam", {}), (Lines{"new m = 0.9*m + 0.1*g", "new v = 0.999*v + 0.001*g^2",
                                      "new x = x - lr*(new m)/(1 - 0.9^t)/(sqrt((new v)/(1 - 0.999^t)) + 1e-08)"}));
  EXPECT_EQ(lines("lion", {}), (Lines{"new x = x - lr*sign(0.9*m + 0.1*g)", "new m = 0.99*m + 0.01*g"}));
  EXPECT_EQ(lines("rmsprop", {{"alpha", 0.9}}),
            (Lines{"new v = 0.9*v + 0.1*g^2", "new x = x - lr*(g/(sqrt(new v) + 1e-08))"}));
}

/// Near a minimum of curvature H a rule is linear in x and its momentum: that is its `recurrence`, written by hand in
/// the rule's file, and here taken from the assignments, as the factors of their derivatives there.
TEST(rule_formulas, the_recurrence_is_their_linear_part) {
  constexpr double kLate = 1e6;  // bias corrections are 1, and no step the first
  int rules = 0;
  for (const OptimizerSpec& spec : optimizers()) {
    if (!spec.recurrence) continue;
    ++rules;
    std::vector<Settings> all = spec.examples;
    all.emplace_back();
    for (const Settings& settings : all) {
      const HyperparameterValues values = hyperparameter_values(spec, settings);
      const Function bowl(parse("0.35*x^2"), {"x"});  // H = 0.7
      const StepExpressions step = step_expressions(bowl, spec, values, {});
      // At the minimum, with momentum at rest, and where there is one a preconditioner that is not.
      std::vector<std::string> names = step.state;
      names.insert(names.end(), {step.parameters[0], kStepNumber});
      const double user_lr = 0.4, lr = user_lr * (spec.lr_scale ? spec.lr_scale(values, kLate) : 1);
      std::vector<double> at(names.size(), 0.0), after(spec.state_symbols.size(), 0.0);
      for (std::size_t k = 1; k < step.state.size(); ++k)
        if (step.state[k] == "v 0" || step.state[k] == "s 0") at[k] = 2.25;
      at[names.size() - 2] = user_lr, at[names.size() - 1] = kLate;
      const std::size_t n = step.state.size();
      Eigen::MatrixXd jacobian(n, n);
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
          jacobian(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) =
              Function(differentiate(step.next[i], step.state[j]), names).value(at);
      double p = 1;
      if (spec.preconditioner) {
        for (std::size_t k = 0; k < n; ++k)
          for (std::size_t s = 0; s < after.size(); ++s)
            if (step.state[k] == spec.state_symbols[s] + " 0") after[s] = Function(step.next[k], names).value(at);
        spec.preconditioner(values, static_cast<long>(kLate), after, {&p, 1});
      }
      const double decay = spec.gradient_decay ? spec.gradient_decay(values) : 0;
      const Eigen::VectorXcd expected = spec.recurrence(values, lr, (0.7 + decay) / p).eigenvalues();
      Eigen::VectorXcd found = jacobian.eigenvalues();
      for (const std::complex<double>& factor : expected) {
        const auto distance = (found.array() - factor).abs().eval();
        Eigen::Index nearest = 0;
        const bool is_there = found.size() > 0 && distance.minCoeff(&nearest) < 1e-7;
        // A factor of 0 is that of a momentum of which nothing is kept.
        EXPECT_TRUE(is_there || std::abs(factor) < 1e-7) << spec.name << ": " << factor << " is not among\n" << found;
        if (is_there) found[nearest] = 1e300;
      }
    }
  }
  EXPECT_GE(rules, 6);
}

TEST(rule_formulas, as_text_and_typeset) {
  for (const OptimizerSpec& spec : optimizers()) {
    const std::vector<Formula> formulas = rule_formulas(spec);
    ASSERT_EQ(formulas.size(), spec.assignments.size()) << spec.name;
    for (const Formula& line : formulas) {
      EXPECT_EQ(line.mathml.rfind("<math>", 0), 0u) << line.mathml;
      EXPECT_EQ(count(line.text, "new "), count(line.mathml, "&#x2032;")) << line.text << "\n" << line.mathml;
      for (const std::string& symbol : spec.state_symbols)
        EXPECT_EQ(count(line.text, "((new " + symbol + "))"), 0u) << line.text;
    }
  }
  const std::vector<Formula> adam = rule_formulas(find_optimizer("adam"));
  EXPECT_EQ(adam[1].text, "new m = beta1*m + (1 - beta1)*d");
  EXPECT_EQ(adam[0].text, "d = g + weight_decay*x");
}

}  // namespace
}  // namespace etamax
