// What OptimizerSpec::plain claims, of every rule that claims it; and what rests on it.
#include <gtest/gtest.h>

#include <regex>

#include "etamax/explain/explain.h"
#include "etamax/optim/optimizer.h"

namespace etamax {
namespace {

TEST(Plain, StepsByTheRateTimesTheGradientAndByNothingElse) {
  int seen = 0;
  for (const OptimizerSpec& spec : optimizers()) {
    if (!spec.plain) continue;
    ++seen;
    EXPECT_EQ(spec.state_vectors, 0) << spec.name;
    EXPECT_FALSE(spec.gradient_decay || spec.lr_scale || spec.preconditioner) << spec.name;
    std::vector<Settings> all = spec.examples;
    all.emplace_back();
    for (const Settings& settings : all) {
      const HyperparameterValues values = hyperparameter_values(spec, settings);
      for (const double lr : {1e-3, 0.1, 7.0}) {
        std::vector<double> x{1.5, -2.25}, expected = x, no_state;
        for (long step = 1; step <= 20; ++step) {
          const std::vector<double> gradient{0.3 * static_cast<double>(step), -1e3};
          spec.step(values, lr, step, gradient, x, no_state);
          for (std::size_t i = 0; i < x.size(); ++i) expected[i] -= lr * gradient[i];
          EXPECT_EQ(x, expected) << spec.name << " at step " << step;
        }
        for (const double lambda : {-1.0, 0.0, 3.0}) {
          const Eigen::MatrixXd factor = spec.recurrence(values, lr, lambda);
          ASSERT_EQ(factor.size(), 1) << spec.name;
          EXPECT_EQ(factor(0, 0), 1 - lr * lambda) << spec.name;
        }
      }
      EXPECT_NEAR(*stability_edge(spec, values, 3.0), 2.0 / 3, 1e-14) << spec.name;
    }
  }
  EXPECT_GE(seen, 1);
}

Explanation of_parabola(const std::string& optimizer) {
  ExplainOptions options;
  options.expression = "x^2";
  options.start = {{"", -1}};
  options.lr = {0.3, 0.8, 1.2};
  options.optimizer = optimizer;
  return explain(options);
}

/// As it comes, with no hyperparameter given.
bool is_plain(const OptimizerSpec& spec) {
  return spec.plain || (spec.same_as && find_optimizer(spec.same_as(hyperparameter_values(spec, {}))).plain);
}

TEST(Plain, IsWhatTheUpdateIsWrittenOutFor) {
  for (const OptimizerSpec& spec : optimizers()) {
    const Explanation answer = of_parabola(spec.name);
    EXPECT_EQ(answer.update_names_gradient, !is_plain(spec)) << spec.name;
    ASSERT_FALSE(answer.update.empty()) << spec.name;
    for (const Formula& line : answer.update) {
      EXPECT_EQ(line.text.rfind(line.text[0] == 'd' ? "d = " : "new ", 0), 0u) << spec.name << ": " << line.text;
      EXPECT_EQ(line.mathml.find("new"), std::string::npos) << "a prime there: " << line.mathml;
      EXPECT_EQ(line.mathml.rfind("<math>", 0), 0u) << spec.name;
    }
    bool names = false;
    for (const Formula& line : answer.update)
      names |= std::regex_search(line.text, std::regex(R"(\bg\b)"));  // not that of "sign"
    EXPECT_EQ(names, answer.update_names_gradient) << spec.name << ": " << answer.update.front().text;
  }
}

TEST(Plain, IsWhatTellsMonotoneFromOscillatingRates) {
  for (const OptimizerSpec& spec : optimizers()) {
    const Explanation answer = of_parabola(spec.name);
    std::vector<std::string> names;
    for (const Ruler::Band& band : answer.ruler.bands) names.push_back(band.name);
    const bool split = names.size() > 1 && names[0] == "monotone" && names[1] == "oscillating";
    EXPECT_EQ(split, is_plain(spec)) << spec.name;
    if (!split) continue;
    EXPECT_DOUBLE_EQ(*answer.ruler.bands[0].to, 0.5);  // half of 2 / 2
    EXPECT_EQ(answer.runs[0].mode, Mode::monotone);
    EXPECT_EQ(answer.runs[1].mode, Mode::oscillating);
  }
}

TEST(Plain, IsWhatTheReasonSpellsOut) {
  for (const OptimizerSpec& spec : optimizers()) {
    const Explanation answer = of_parabola(spec.name);
    const bool spelled = answer.runs[1].reason.find("1 - 0.8 x 2 = -0.6") != std::string::npos;
    EXPECT_EQ(spelled, is_plain(spec)) << spec.name << ": " << answer.runs[1].reason;
  }
}

}  // namespace
}  // namespace etamax
