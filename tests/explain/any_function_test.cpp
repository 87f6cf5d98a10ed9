// Whatever a person types, with every optimizer: an answer in bounded time that does not contradict itself.
#include <gtest/gtest.h>

#include <cmath>
#include <ctime>

#include "etamax/explain/explain.h"
#include "etamax/expr/function.h"
#include "etamax/expr/objective_table.h"

namespace etamax {
namespace {

struct Subject {
  std::string text;
  std::vector<double> start;
};

const std::vector<Subject>& subjects() {
  static const std::vector<Subject> all = {
      {"x^2", {3}},
      {"-x^2", {1}},
      {"x^3", {2}},
      {"x^4 - 3x^2 + x", {2}},
      {"x^100", {1.1}},
      {"abs(x)^1.5", {1}},
      {"abs(x)^0.5", {1}},
      {"cbrt(x)^2", {1}},
      {"1/x", {1}},
      {"1/x^2", {-1}},
      {"x + 1/x", {3}},
      {"log(x)^2", {5}},
      {"x*log(x)", {1}},
      {"sqrt(1 - x^2)", {0.5}},
      {"-sqrt(x)", {1}},
      {"asin(x)^2", {0.9}},
      {"tan(x)^2", {1}},
      {"exp(x^2)", {3}},
      {"exp(-x^2)", {1}},
      {"exp(exp(x))", {1}},
      {"sin(x)/x", {1}},
      {"sin(1/x)", {0.3}},
      {"x^2*sin(1/x)", {0.5}},
      {"x^x", {2}},
      {"sign(x)", {1}},
      {"step(x)", {1}},
      {"relu(x - 1) + relu(-x)", {3}},
      {"max(x, x^2)", {0.4}},
      {"min(x^2, 1)", {3}},
      {"min(x^2, 1)", {0.5}},
      {"erf(x)^2", {2}},
      {"softplus(x) - x/2", {4}},
      {"1e300*x^2", {1}},
      {"1e-300*x^2", {1}},
      {"(x - 1e8)^2", {0}},
      {"x^2 + 1e16", {1}},
      {"0*x", {1}},
      {"x - x", {1}},
      {"x*y", {1, 1}},
      {"x^2*y^2", {1, 2}},
      {"x^2 - y^4", {1, 1e-3}},
      {"(x + y)^2", {1, 2}},
      {"exp(x) + exp(-x - y) + y^2", {1, 1}},
      {"rosenbrock", {-1.2, 1}},
      {"beale", {4, 0}},
      {"himmelblau", {0, 0}},
      {"logcosh", {1e6}},
      {"x^2/(1 + x^2)", {30}},
      {"tanh(x)", {0}},
      {"sigmoid(x)", {800}},
      {"log(1 + x^2)", {100}},
  };
  return all;
}

/// Of the processor: other programs on the machine do not count.
double seconds_since(std::clock_t begin) { return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC; }

TEST(AnyFunction, IsAnsweredInBoundedTimeAndWithoutContradiction) {
  for (const Subject& subject : subjects()) {
    const NamedExpression parsed = parse_objective(subject.text);
    ASSERT_EQ(parsed.variables.size(), subject.start.size()) << subject.text;
    const Function f(parsed.expression, parsed.variables);
    for (const OptimizerSpec& optimizer : optimizers()) {
      ExplainOptions options;
      options.expression = subject.text;
      for (std::size_t i = 0; i < subject.start.size(); ++i)
        options.start.emplace_back(parsed.variables[i], subject.start[i]);
      options.lr = {1e-12, 0.01, 0.5, 3, 1e12};
      options.optimizer = optimizer.name;
      options.follow.max_steps = 2000;
      const std::clock_t begin = std::clock();
      const Explanation answer = explain(options);
      const double seconds = seconds_since(begin);
      const std::string where = subject.text + " with " + optimizer.name;
      EXPECT_LT(seconds, 3) << where;
      for (const etamax::FunctionRun& run : answer.runs) {
        const std::string at =
            where + " at " + std::to_string(run.lr) + ": " + to_string(run.verdict) + ", " + run.reason;
        EXPECT_FALSE(run.reason.empty()) << at;
        EXPECT_EQ(run.reason.find("nan"), std::string::npos) << at;
        EXPECT_EQ(run.iterates.size(), run.losses.size()) << at;
        EXPECT_EQ(run.cause.has_value() && run.verdict == Verdict::converges, false) << at;
        if (run.verdict == Verdict::diverges) {
          EXPECT_TRUE(run.cause) << at;
        }
        if (run.verdict == Verdict::undefined) {
          EXPECT_TRUE(run.bad_step) << at;
        }
        if (run.verdict == Verdict::chaotic) {
          EXPECT_GT(*run.lyapunov, 0) << at;
        }
        if (run.rate && run.verdict == Verdict::converges) {
          EXPECT_LT(std::abs(*run.rate), 1) << at;
        }
        if (run.rate && run.verdict == Verdict::diverges) {
          EXPECT_GT(std::abs(*run.rate), 1) << at;
        }
        if (run.verdict == Verdict::converges) {
          ASSERT_TRUE(run.limit) << at;
          // No worse a place than the start, unless it was thrown to a flat one.
          if (run.kind == PointKind::minimum && optimizer.name == "gd") {
            EXPECT_LE(f.value(*run.limit), f.value(subject.start) + 1e-9 * std::abs(f.value(subject.start))) << at;
          }
        }
      }
      const Stability& s = answer.stability;
      EXPECT_TRUE(s.lr_edge || !s.lr_edge_reason.empty()) << where;
      EXPECT_TRUE(s.lr_max_from_start || !s.lr_max_from_start_reason.empty()) << where;
      EXPECT_TRUE(s.lr_fastest || !s.lr_fastest_reason.empty()) << where;
      if (s.lr_max_from_start_bracket) {
        EXPECT_LT((*s.lr_max_from_start_bracket)[0], (*s.lr_max_from_start_bracket)[1]) << where;
      }
    }
  }
}

// Of each rate that is tried, a run of a few points, thrown far out, was followed downhill over all waves on the way.
TEST(AnyFunction, FewStepsCostLittle) {
  ExplainOptions options;
  options.expression = "sin(x)*cos(y)";
  options.start = {{"x", 1.19}, {"y", 2.79}};
  options.lr = {0.00257};
  options.optimizer = "sgd";
  options.settings = {{"weight_decay", 0.01}};
  for (const long steps : {1L, 2L, 3L, 8L}) {
    options.follow.max_steps = steps;
    EXPECT_LT(explain(options).cost.gradients, 100'000) << steps;
  }
}

TEST(AnyFunction, AdaptiveOptimizersNearAMinimum) {
  const auto verdict = [](const std::string& optimizer, const std::string& objective, double start, double lr,
                          const Settings& settings = {}) {
    ExplainOptions options;
    options.settings = settings;
    options.expression = objective;
    options.start = {{"", start}};
    options.lr = {lr};
    options.optimizer = optimizer;
    return to_string(explain(options).runs.front().verdict);
  };
  // RMSProp's steps tend to lr in length whatever the slope: it hops. Adagrad's shrink: it settles. Adam
  // comes within 1e-100 of the minimum, forgets the slopes, and is thrown out again.
  EXPECT_EQ(verdict("rmsprop", "x^2", -1, 0.1), "cycles");
  EXPECT_EQ(verdict("adagrad", "x^2", -1, 0.1), "converges");
  EXPECT_EQ(verdict("adagrad", "x^2", -1, 10), "converges");
  EXPECT_EQ(verdict("adam", "x^2", -1, 0.1), "cycles");
  EXPECT_EQ(verdict("lion", "x^2", -1, 0.1), "cycles");
  for (const std::string optimizer : {"adam", "adamw", "rmsprop", "adagrad", "lion"}) {
    const Settings no_decay = {{"weight_decay", 0}};
    EXPECT_EQ(verdict(optimizer, "exp(x)", 0, 0.1, no_decay), "drifts") << optimizer;
    EXPECT_EQ(verdict(optimizer, "-x^2", 1, 0.1, no_decay), "diverges") << optimizer;
  }
  // AdamW's own decay, 0.01, holds every run within 100, where a full step is taken back: neither drifts nor diverges.
  EXPECT_EQ(verdict("adamw", "exp(x)", 0, 0.1), "unclear");
  EXPECT_EQ(verdict("adamw", "-x^2", 1, 0.1), "unclear");
  EXPECT_EQ(verdict("adamw", "x", 1, 1), "converges");
}

}  // namespace
}  // namespace etamax
