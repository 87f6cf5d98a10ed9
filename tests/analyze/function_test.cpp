// One engine, many hosts: what analyze says of a typed function is what explain says of it.
#include "etamax/expr/function.h"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <cmath>

#include "../problem/least_squares.h"
#include "etamax/analyze/analyze.h"
#include "etamax/core/error.h"
#include "etamax/explain/explain.h"
#include "etamax/expr/objective_table.h"
#include "etamax/problem/function_problem.h"

namespace etamax {
namespace {

struct Typed {
  explicit Typed(const std::string& text) : named(parse_objective(text)), function(named.expression, named.variables) {}
  NamedExpression named;
  Function function;
};

/// What both verbs say of this function under this rule, from a start near a minimum.
void expect_the_same_edge(const std::string& text, const std::vector<double>& start, const OptimizerSpec& spec,
                          const Settings& settings) {
  SCOPED_TRACE(text + ", " + spec.name);
  const Typed typed(text);
  ExplainOptions question;
  question.expression = text;
  for (std::size_t i = 0; i < start.size(); ++i) question.start.push_back({typed.named.variables[i], start[i]});
  question.lr = {1e-3};
  question.optimizer = spec.name;
  question.settings = settings;
  const Stability said = explain(question).stability;
  if (!said.minimizer || !said.lr_edge) return;

  FunctionObjective f(typed.function, *said.minimizer, typed.named.variables);
  DenseProblem problem(f, make_optimizer(spec.name, settings));
  AnalyzeOptions options;
  options.steps = 0;
  options.gap = 1e-12;
  const Analysis a = analyze(problem, options);
  ASSERT_TRUE(a.edge.lr.lower && a.edge.lr.upper) << a.edge.reason;
  EXPECT_NEAR(*a.edge.lr.lower / *said.lr_edge, 1, 1e-9);
  EXPECT_NEAR(*a.edge.lr.upper / *said.lr_edge, 1, 1e-9);
}

TEST(AnalyzeOfAFunction, GivesTheEdgeThatExplainGives) {
  int rules = 0;
  for (const OptimizerSpec& spec : optimizers()) {
    if (!spec.recurrence || spec.preconditioner) continue;
    ++rules;
    for (const Settings& settings : spec.examples) {
      expect_the_same_edge("0.5*(x^2 + 100*y^2)", {1, 1}, spec, settings);
      for (const ObjectiveSpec& objective : named_objectives()) {
        const Typed typed(objective.name);
        expect_the_same_edge(objective.name, std::vector<double>(typed.named.variables.size(), 0.9), spec, settings);
      }
    }
  }
  EXPECT_GE(rules, 2);
}

TEST(AnalyzeOfAFunction, OfRosenbrockAndTheQuadraticIsTheClosedForm) {
  const struct {
    const char* text;
    std::vector<double> minimizer;
    double lambda;
  } cases[] = {{"0.5*(x^2 + 100*y^2)", {0, 0}, 100},
               {"rosenbrock", {1, 1}, 0.5 * (1002 + std::sqrt(1002.0 * 1002 - 4 * 400))}};
  for (const auto& c : cases) {
    const Typed typed(c.text);
    FunctionObjective f(typed.function, c.minimizer, typed.named.variables);
    DenseProblem problem(f, make_optimizer("sgd", {{"momentum", 0.9}}), {.model = c.text});
    AnalyzeOptions options;
    options.steps = 0;
    options.lr = 1e-3;
    const Analysis a = analyze(problem, options);
    EXPECT_NEAR(*a.edge.lr.lower, 3.8 / c.lambda, 1e-9);
    EXPECT_NEAR(*a.edge.lr.upper, 3.8 / c.lambda, 1e-9);
    EXPECT_EQ(a.model, c.text);
    EXPECT_EQ(a.yours->stable, true);
    EXPECT_EQ(a.curvature->confidence, 0.999);
    EXPECT_FALSE(a.chance_loss.has_value());
    EXPECT_FALSE(a.culprits.layers.empty());
    EXPECT_FALSE(to_json(a).empty());
  }
}

TEST(AnalyzeOfAFunction, RunsBracketTheEdgeOfAQuadratic) {
  const Typed typed("0.5*(x^2 + 100*y^2)");
  FunctionObjective f(typed.function, std::vector<double>{1, 1}, typed.named.variables);
  DenseProblem problem(f, make_optimizer("gd", {}));
  const Analysis a = analyze(problem, {});
  ASSERT_TRUE(a.trainable.lr.lower && a.trainable.lr.upper) << a.trainable.reason;
  EXPECT_LE(*a.trainable.lr.lower, 0.02 * (1 + 1e-9));
  EXPECT_GE(*a.trainable.lr.upper, 0.02 * (1 - 1e-9));
  EXPECT_LE(*a.trainable.lr.upper / *a.trainable.lr.lower, 1.5);
  for (const RunRecord& run : a.runs)
    EXPECT_TRUE(run.verdict == Verdict::trains || run.verdict == Verdict::diverges || run.verdict == Verdict::unclear);
  EXPECT_EQ(entries(f.parameters()), Eigen::Vector2d(1, 1));
}

TEST(AnalyzeOfAnOperator, WithExamplesHasItsMiniBatchEdgeAndAnInterruptionIsPartial) {
  testing::LeastSquares f(50, 4, 7);
  DenseProblem problem(f, make_optimizer("sgd", {{"weight_decay", 0.3}}));
  AnalyzeOptions options;
  options.batch_size = 5;
  options.steps = 20;
  const Analysis a = analyze(problem, options);
  const double lambda = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(f.hessian()).eigenvalues().maxCoeff();
  EXPECT_LE(*a.edge.lr.lower, 2 / (lambda + 0.3) * (1 + 1e-12));
  EXPECT_GE(*a.edge.lr.upper, 2 / (lambda + 0.3) * (1 - 1e-12));
  ASSERT_TRUE(a.mini_batch && a.mini_batch->lr);
  EXPECT_LT(*a.mini_batch->lr, *a.edge.lr.upper);
  EXPECT_EQ(a.examples, 50);
  EXPECT_FALSE(a.partial);
  int asked = 0;
  options.progress = [&](double) { return ++asked < 30; };
  const Analysis part = analyze(problem, options);
  EXPECT_TRUE(part.partial);
  EXPECT_EQ(entries(f.parameters()), Eigen::VectorXd::Zero(4));
}

TEST(AnalyzeOfAFunction, RefusesWhatItCannotAnswerByField) {
  const Typed typed("log(x)");
  FunctionObjective f(typed.function, std::vector<double>{-1}, typed.named.variables);
  DenseProblem problem(f, make_optimizer("gd", {}));
  const auto refused = [&](const AnalyzeOptions& options) {
    try {
      analyze(problem, options);
    } catch (const InputError& e) {
      return e.field();
    }
    return std::string("accepted");
  };
  EXPECT_EQ(refused({}), "model");
  EXPECT_EQ(refused({.lr = -1}), "lr");
  EXPECT_EQ(refused({.confidence = 2}), "confidence");
  EXPECT_EQ(refused({.gap = 0}), "gap");
  EXPECT_EQ(refused({.batch_size = 3}), "batch_size");
  EXPECT_EQ(refused({.steps = 2}), "steps");
}

TEST(Analyze, SaysHowItsRunsWereMade) {
  testing::LeastSquares f(20, 3, 1);
  DenseProblem problem(f, make_optimizer("gd", {}));
  AnalyzeOptions options;
  options.steps = 20;
  options.starts = 1;
  const Analysis plain = analyze(problem, options);
  options.schedule = "linear";
  options.warmup = 4;
  options.clip = 0.25;
  const Analysis a = analyze(problem, options);
  const auto says = [](const Analysis& answer, const std::string& part) {
    for (const std::string& sentence : answer.answer)
      if (sentence.find(part) != std::string::npos) return true;
    return false;
  };
  EXPECT_TRUE(says(a,
                   "The runs were made with a linear schedule to 0, 4 steps of warmup and gradients clipped to norm "
                   "0.25; a run's rate is that of its peak."));
  EXPECT_FALSE(says(plain, "The runs were made with"));
  ASSERT_TRUE(a.trainable.lr.lower && plain.trainable.lr.upper);
  // Where no step is longer than rate times clip, no rate diverges as they do without it.
  EXPECT_GT(*a.trainable.lr.lower, *plain.trainable.lr.upper);
  options.warmup = 21;
  EXPECT_THROW(analyze(problem, options), InputError);
}

}  // namespace
}  // namespace etamax
