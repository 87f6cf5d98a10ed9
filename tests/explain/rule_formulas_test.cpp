// The formulas by name, followed by the letter, make the scalar step, which is held against PyTorch's.
#include "etamax/explain/rule_formulas.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

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

TEST(rule_formulas, followed_by_the_letter_they_are_the_step) {
  for (const OptimizerSpec& spec : optimizers()) {
    std::vector<Settings> all = spec.examples;
    all.emplace_back();
    for (const Settings& settings : all) {
      const HyperparameterValues values = hyperparameter_values(spec, settings);
      std::map<std::string, double> known = {{"lr", 0.05}, {"x", 1.5}};
      for (std::size_t i = 0; i < spec.hyperparameters.size(); ++i) known[spec.hyperparameters[i].name] = values[i];
      for (const std::string& symbol : spec.state_symbols) known[symbol] = 0;
      std::vector<double> x = {1.5}, state(spec.state_symbols.size(), 0.0);
      for (int step = 1; step <= 20; ++step) {
        const std::vector<double> gradient = {std::sin(3 * x[0]) + x[0]};
        known["g"] = gradient[0], known["t"] = step;
        std::map<std::string, double> next = known;
        for (const Formula& line : rule_formulas(spec)) {
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
