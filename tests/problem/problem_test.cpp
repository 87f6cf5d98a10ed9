// Every implementation of the problem interface keeps its invariants; batches and runs are those of PyTorch's loops.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "../refusal.h"
#include "etamax/expr/function.h"
#include "etamax/expr/objective_table.h"
#include "etamax/problem/function_problem.h"
#include "etamax/problem/rule_run.h"
#include "least_squares.h"

namespace etamax {
namespace {

Eigen::VectorXd random_vector(Eigen::Index n, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  return Eigen::VectorXd::NullaryExpr(n, [&] { return normal(random); });
}

/// |f(x + h v) - f(x - h v)| / 2h against g'v, and the same for the gradient against H v.
void expect_derivatives(Objective& f, double tolerance) {
  const Eigen::VectorXd x = entries(f.parameters());
  const double h = 1e-5;
  for (unsigned seed = 1; seed <= 3; ++seed) {
    const Eigen::VectorXd v = random_vector(x.size(), seed), w = random_vector(x.size(), seed + 10);
    f.set_parameters(dense(x + h * v));
    const auto above = f.loss_and_gradient();
    f.set_parameters(dense(x - h * v));
    const auto below = f.loss_and_gradient();
    f.set_parameters(dense(x));
    EXPECT_NEAR(f.loss(), f.loss_and_gradient().loss, 1e-12 * (1 + std::abs(f.loss())));
    const double slope = entries(f.gradient()).dot(v);
    EXPECT_NEAR((above.loss - below.loss) / (2 * h), slope, tolerance * (1 + std::abs(slope)));
    Vector product, other;
    f.apply(dense(v), product);
    const Eigen::VectorXd difference = (entries(above.gradient) - entries(below.gradient)) / (2 * h);
    EXPECT_LT((difference - entries(product)).norm(), tolerance * (1 + difference.norm()));
    f.apply(dense(w), other);
    EXPECT_NEAR(entries(product).dot(w), entries(other).dot(v), 1e-10 * (1 + std::abs(entries(product).dot(w))));
  }
}

TEST(FunctionObjective, KeepsTheInvariantsForEveryNamedObjective) {
  for (const ObjectiveSpec& spec : named_objectives()) {
    SCOPED_TRACE(spec.name);
    const NamedExpression named = parse_objective(spec.name);
    const Function function(named.expression, named.variables);
    std::vector<double> start;
    for (int i = 0; i < function.dimension(); ++i) start.push_back(0.3 + 0.17 * i);
    FunctionObjective f(function, start, function.variables());
    ASSERT_EQ(f.dim(), start.size());
    EXPECT_EQ(f.blocks().front().name, function.variables().front());
    EXPECT_EQ(f.examples(), nullptr);
    expect_derivatives(f, 1e-6);
  }
}

TEST(ExamplesOfAnObjective, AverageToTheWhole) {
  testing::LeastSquares f(37, 5, 3);
  expect_derivatives(f, 1e-8);
  Examples& examples = *f.examples();
  const std::vector<double> losses = examples.losses();
  EXPECT_NEAR(std::accumulate(losses.begin(), losses.end(), 0.0) / 37, f.loss(), 1e-12);
  const Vector v = dense(random_vector(5, 4));
  const std::vector<double> curvatures = examples.curvatures(v);
  Vector product;
  f.apply(v, product);
  EXPECT_NEAR(std::accumulate(curvatures.begin(), curvatures.end(), 0.0) / 37, v.dot(product), 1e-12);
  const auto whole = f.loss_and_gradient();
  const auto batch = examples.batch_gradient(examples.sample(0, 0));
  EXPECT_NEAR(whole.loss, batch.loss, 1e-12);
  const std::unique_ptr<Objective> few = examples.objective_on({3, 7});
  EXPECT_NEAR(few->loss(), (losses[3] + losses[7]) / 2, 1e-12);
}

/// Of which no batch may be made of one example alone.
struct NeedsTwo : testing::LeastSquares {
  using LeastSquares::LeastSquares;
  std::int64_t least_batch() const override { return 2; }
};

// As torch.nn.utils.clip_grad_norm_: the norm is shortened to the clip, never lengthened.
TEST(Runs, ClipTheNormOfTheGradient) {
  testing::LeastSquares f(10, 2, 1);
  DenseProblem problem(f, make_optimizer("gd", {}));
  const Eigen::VectorXd x = entries(f.parameters()), g = entries(f.gradient());
  for (const double share : {0.25, 4.0}) {
    f.set_parameters(dense(x));
    RunSettings settings;
    settings.clip = share * g.norm();
    problem.run(settings)->step(0.1);
    const double kept = std::min(1.0, *settings.clip / (g.norm() + 1e-6));
    EXPECT_LT((entries(f.parameters()) - (x - 0.1 * kept * g)).norm(), 1e-14 * g.norm());
  }
}

TEST(Batches, ARestTooSmallJoinsTheLast) {
  const auto sizes = [](Objective& f, std::int64_t size) {
    Batches batches(f, size, 5);
    std::vector<std::size_t> found;
    std::set<std::int64_t> seen;
    while (seen.size() < static_cast<std::size_t>(f.examples()->count())) {
      const Rows rows = batches.next();
      found.push_back(rows.size());
      seen.insert(rows.begin(), rows.end());
    }
    EXPECT_EQ(*std::max_element(found.begin(), found.end()), static_cast<std::size_t>(most_in_batch(f, size)));
    EXPECT_EQ(found.size(),
              static_cast<std::size_t>(batches_in(f.examples()->count(), size, f.examples()->least_batch())));
    return found;
  };
  testing::LeastSquares one(9, 2, 1);
  NeedsTwo two(9, 2, 1);
  EXPECT_EQ(sizes(one, 4), (std::vector<std::size_t>{4, 4, 1}));
  EXPECT_EQ(sizes(two, 4), (std::vector<std::size_t>{4, 5}));
  EXPECT_EQ(sizes(two, 7), (std::vector<std::size_t>{7, 2}));
  EXPECT_EQ(sizes(two, 8), (std::vector<std::size_t>{9}));
  EXPECT_NO_THROW(check_batch_size(one, 1));
  testing::expect_refused("batch_size", "of at least 2 examples", [&] { check_batch_size(two, 1); });
}

TEST(Batches, EveryExampleOnceAnEpochTheLastOneSmaller) {
  testing::LeastSquares f(10, 2, 1);
  Batches batches(f, 4, 5);
  for (int epoch = 0; epoch < 3; ++epoch) {
    std::set<std::int64_t> seen;
    for (const std::size_t size : {4u, 4u, 2u}) {
      const Rows rows = batches.next();
      EXPECT_EQ(rows.size(), size);
      seen.insert(rows.begin(), rows.end());
    }
    EXPECT_EQ(seen.size(), 10u);
  }
  Batches same(f, 4, 5), other(f, 4, 6);
  Batches again(f, 4, 5);
  const Rows first = again.next();
  EXPECT_EQ(first, same.next());
  EXPECT_NE(first, other.next());
  EXPECT_TRUE(Batches(f, 10, 0).full_batch());
  EXPECT_TRUE(Batches(f, 0, 0).full_batch());
}

TEST(RuleRun, MakesTheRulesStepsAndCanBePaused) {
  for (const OptimizerSpec& spec : optimizers()) {
    SCOPED_TRACE(spec.name);
    const Optimizer optimizer = make_optimizer(spec.name, spec.examples.empty() ? Settings{} : spec.examples.back());
    testing::LeastSquares f(12, 4, 2);
    DenseProblem problem(f, optimizer);
    const std::unique_ptr<etamax::Run> run = problem.run({5, 3}), other = problem.run({5, 3});
    // By hand, over the same batches.
    testing::LeastSquares g(12, 4, 2);
    Batches batches(g, 5, 3);
    std::vector<double> x(4), state(4 * static_cast<std::size_t>(spec.state_vectors));
    for (long step = 1; step <= 9; ++step) {
      const etamax::Run::Step made = run->step(0.01);
      if (step % 3 == 0) {  // another run uses the objective in between
        other->resume();
        other->step(0.5);
        run->resume();
      }
      const auto [loss, gradient, examples] = batches.next_gradient();
      EXPECT_EQ(made.loss, loss);
      EXPECT_EQ(made.examples, examples);
      const Eigen::VectorXd slope = entries(gradient);
      spec.step(optimizer.values, 0.01, step, {slope.data(), 4}, x, state);
      g.set_parameters(dense(Eigen::Map<Eigen::VectorXd>(x.data(), 4)));
      for (Eigen::Index i = 0; i < 4; ++i)
        ASSERT_EQ(entries(run->parameters())[i], x[static_cast<std::size_t>(i)]) << step;
    }
    EXPECT_EQ(run->steps(), 9);
    ASSERT_EQ(run->preconditioner().has_value(), spec.preconditioner != nullptr);
    if (!spec.preconditioner) continue;
    std::vector<double> p(4);
    spec.preconditioner(optimizer.values, 9, state, p);
    for (Eigen::Index i = 0; i < 4; ++i) EXPECT_EQ(entries(*run->preconditioner())[i], p[static_cast<std::size_t>(i)]);
  }
}

TEST(Vector, IsAValue) {
  Vector a = dense(Eigen::Vector3d(1, 2, 3)), b = a;
  b.scale(2);
  EXPECT_EQ(entries(a)[0], 1);
  EXPECT_EQ(entries(b)[0], 2);
  b.add_scaled(-2, b);
  EXPECT_EQ(b.dot(b), (Eigen::Vector3d(-2, -4, -6).squaredNorm()));
  Vector c = a;
  c.multiply(a).inverse_root();
  EXPECT_NEAR(entries(c)[2], 1.0 / 3, 1e-15);
  c.set_part(1, a.part(0, 2));
  EXPECT_EQ(entries(c)[2], 2);
  EXPECT_EQ(entries(a)[1], 2);
}

}  // namespace
}  // namespace etamax
