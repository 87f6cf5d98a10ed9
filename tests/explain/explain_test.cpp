// The stages of an explanation: what each fills in, and what is left where there is nothing to say.
#include "etamax/explain/explain.h"

#include <gtest/gtest.h>

#include <cmath>

#include "etamax/core/error.h"

namespace etamax {
namespace {

ExplainOptions options_of(const std::string& objective, std::vector<std::pair<std::string, double>> start,
                          std::vector<double> rates) {
  ExplainOptions options;
  options.expression = objective;
  options.start = std::move(start);
  options.lr = std::move(rates);
  return options;
}

TEST(Explain, WritesTheFormulas) {
  const Explanation answer = explain(options_of("x^2 + 3*y^2", {{"y", 2}, {"x", 1}}, {0.1}));
  EXPECT_EQ(answer.variables, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(answer.start, (std::vector<double>{1, 2}));
  EXPECT_EQ(answer.expression, answer.objective.text);
  ASSERT_EQ(answer.gradient.size(), 2u);
  EXPECT_EQ(answer.gradient[0].text, "2*x");
  EXPECT_EQ(answer.update.size(), 2u);
  EXPECT_EQ(answer.optimizer, "gd");
  EXPECT_FALSE(answer.partial);
}

TEST(Explain, TakesALeftSide) {
  EXPECT_EQ(explain(options_of("y = x^2", {{"x", 1}}, {0.1})).expression, "x^2");
  EXPECT_EQ(explain(options_of("L(w) = w^2", {{"w", 1}}, {0.1})).expression, "w^2");
  EXPECT_EQ(explain(options_of("f = quadratic(condition=9)", {{"", 1}}, {0.1})).expression,
            explain(options_of("quadratic(condition=9)", {{"", 1}}, {0.1})).expression);
  EXPECT_EQ(explain(options_of("y = rosenbrock", {{"", 1}}, {1e-3})).variables, (std::vector<std::string>{"x", "y"}));
  // Its arguments are the variables, in their order.
  const Explanation answer = explain(options_of("f(y, x) = x^2 + 3*y^2", {{"", 2}, {"", 1}}, {0.1}));
  EXPECT_EQ(answer.variables, (std::vector<std::string>{"y", "x"}));
  EXPECT_EQ(answer.start, (std::vector<double>{2, 1}));
  EXPECT_EQ(answer.gradient[0].text, "6*y");
}

TEST(Explain, TakesAStartForEveryVariableOrInTheirOrder) {
  const auto start = [](std::vector<std::pair<std::string, double>> given) {
    return explain(options_of("x^2 + y^2 + z^2", std::move(given), {0.1})).start;
  };
  EXPECT_EQ(start({{"", 2}}), (std::vector<double>{2, 2, 2}));
  EXPECT_EQ(start({{"y", 1}, {"", 2}}), (std::vector<double>{2, 1, 2}));
  EXPECT_EQ(start({{"", 3}, {"", 1}, {"", 2}}), (std::vector<double>{3, 1, 2}));
}

TEST(Explain, CallsOnlyThatDivergingWhereAllRunsBeyondTheLimitDid) {
  const auto last_band = [](const std::string& objective, std::vector<double> rates) {
    return explain(options_of(objective, {{"", 0.5}}, std::move(rates))).ruler.bands.back().name;
  };
  EXPECT_EQ(last_band("x^2", {0.5, 1.2}), "diverge");
  EXPECT_EQ(last_band("x^2", {0.5}), "no convergence");
  EXPECT_EQ(last_band("double_well", {0.5, 1.1, 3}), "no convergence");
}

TEST(Explain, MarksEveryRateThatWasAsked) {
  const Explanation answer = explain(options_of("x^2", {{"", -1}}, {0.3, 1.2}));
  std::vector<double> yours;
  for (const Ruler::Mark& mark : answer.ruler.marks)
    if (mark.name == "yours") yours.push_back(mark.lr);
  EXPECT_EQ(yours, (std::vector<double>{0.3, 1.2}));
  ASSERT_EQ(answer.ruler.dots.size(), 2u);
  EXPECT_EQ(answer.ruler.dots[1].verdict, Verdict::diverges);
}

/// Far beyond arrival iterates underflow, and hop by rounding for ever: -0.6 x 5e-324 is -5e-324.
TEST(Explain, AVerdictStandsHoweverManyStepsAreShown) {
  std::vector<double> rates;
  for (int k = 1; k < 100; ++k) rates.push_back(k / 100.0);
  struct Case {
    const char *objective, *optimizer;
    double from;
    Settings settings;
  };
  const Case cases[] = {{"x^2", "gd", -1, {}},        {"x^2", "sgd", -1, {{"momentum", 0.5}}},
                        {"x^2", "adam", -1, {}},      {"x^4-3*x^2+x", "gd", 2, {}},
                        {"cosh(x)-1", "gd", 1.5, {}}, {"(x-3)^2", "gd", 0, {}}};
  for (const Case& c : cases) {
    std::vector<std::vector<Verdict>> verdicts;
    for (const int steps : {3, 600, 2000, 10000}) {
      ExplainOptions options = options_of(c.objective, {{"", c.from}}, rates);
      options.optimizer = c.optimizer;
      options.settings = c.settings;
      options.follow.shown_steps = steps;
      verdicts.emplace_back();
      for (const Explanation answer = explain(options); const FunctionRun& run : answer.runs)
        verdicts.back().push_back(run.verdict);
    }
    for (const auto& later : verdicts) EXPECT_EQ(later, verdicts.front()) << c.objective << " " << c.optimizer;
  }
}

TEST(Explain, SamplesAPictureOfOneOrTwoVariables) {
  const Explanation one = explain(options_of("x^2", {{"", -1}}, {0.8}));
  ASSERT_TRUE(one.curve);
  EXPECT_FALSE(one.grid);
  EXPECT_LT(one.curve->x.front(), -1);  // the start, and as far on the other side of the minimum
  EXPECT_GT(one.curve->x.back(), 1);
  const Explanation two = explain(options_of("x^2 + y^2", {{"x", 1}, {"y", 2}}, {0.1}));
  ASSERT_TRUE(two.grid);
  EXPECT_FALSE(two.curve);
  EXPECT_EQ(two.grid->value.size(), static_cast<std::size_t>(two.grid->columns * two.grid->rows));
  const Explanation three = explain(options_of("x^2 + y^2 + z^2", {{"x", 1}, {"y", 2}, {"z", 3}}, {0.1}));
  EXPECT_FALSE(three.curve || three.grid);
}

TEST(Explain, LeavesAFarFlungIterateOutOfThePicture) {
  const Explanation answer = explain(options_of("x^2", {{"", 1}}, {100}));
  EXPECT_LT(answer.curve->x.back(), 10);
}

TEST(Explain, AnInterruptedAnswerHoldsWhatWasKnown) {
  ExplainOptions options = options_of("x^2", {{"", -1}}, {0.8, 0.9, 1.2});
  int asked = 0;
  options.follow.progress = [&](double) { return ++asked < 2; };
  const Explanation answer = explain(options);
  EXPECT_TRUE(answer.partial);
  EXPECT_EQ(answer.runs.size(), 1u);
  EXPECT_FALSE(answer.stability.lr_edge);
  EXPECT_TRUE(answer.curve);
}

TEST(Explain, NamesTheFirstMistake) {
  const auto refused = [](const ExplainOptions& options) {
    try {
      explain(options);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const auto expect_in = [](const std::string& part, const std::string& text) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  expect_in("has no variable", refused(options_of("3", {}, {0.1})));
  expect_in("0 is not a positive finite number", refused(options_of("3", {}, {0})));
  expect_in("has no variable 'y'", refused(options_of("x^2", {{"y", 1}}, {0.1})));
  expect_in("no start for 'y'", refused(options_of("x^2 + y", {{"x", 1}}, {0.1})));
  expect_in("3 numbers for 2 variables, x, y", refused(options_of("x*y", {{"", 1}, {"", 2}, {"", 3}}, {0.1})));
  expect_in("3 numbers for 2 variables", refused(options_of("x*y", {{"", 1}, {"", 2}, {"x", 3}}, {0.1})));
  expect_in("x appears on both sides", refused(options_of("x = x^2", {{"", 1}}, {0.1})));
  expect_in("y is not an argument of f", refused(options_of("f(x) = x*y", {{"", 1}}, {0.1})));
  expect_in("f does not depend on y", refused(options_of("f(x, y) = x^2", {{"", 1}}, {0.1})));
  expect_in("an argument of f twice", refused(options_of("f(x, x) = x^2", {{"", 1}}, {0.1})));
  expect_in("has no '='", refused(options_of("exp(x) = x^2", {{"", 1}}, {0.1})));
  expect_in("has no '='", refused(options_of("2*y = x^2", {{"", 1}}, {0.1})));
  ExplainOptions options = options_of("x^2", {{"", 1}}, {0.1});
  options.optimizer = "sdg";
  expect_in("did you mean 'sgd'", refused(options));
}

}  // namespace
}  // namespace etamax
