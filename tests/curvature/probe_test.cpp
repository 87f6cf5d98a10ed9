// The edge at given parameters, for every rule of the table, against dense eigenvalues.
#include "etamax/curvature/probe.h"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <cmath>
#include <random>

#include "../problem/least_squares.h"
#include "etamax/core/format.h"
#include "etamax/curvature/attribution.h"
#include "etamax/curvature/mini_batch.h"
#include "etamax/curvature/sampling.h"
#include "etamax/curvature/starting_position.h"
#include "etamax/problem/rule_run.h"

namespace etamax {
namespace {

double largest(const Eigen::MatrixXd& symmetric) {
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(symmetric).eigenvalues().maxCoeff();
}

ProbeOptions narrow(bool direction = false) { return {.confidence = 0.999, .gap = 1e-9, .direction = direction}; }

TEST(Probe, FindsTheEdgeOfEveryRuleAtAnyPosition) {
  for (const OptimizerSpec& spec : optimizers())
    for (const Settings& settings : spec.examples) {
      SCOPED_TRACE(spec.name);
      testing::LeastSquares f(30, 6, 4);
      const Optimizer optimizer = make_optimizer(spec.name, settings);
      DenseProblem problem(f, optimizer);
      const std::unique_ptr<etamax::Run> run = problem.run({});
      for (int i = 0; i < 7; ++i) run->step(1e-3);
      Probe probe(f, optimizer, OptimizerPosition::of(*run, optimizer));
      const Probe::Finding found = probe.look(narrow(true));
      const double decay = optimizer.gradient_decay();
      Eigen::MatrixXd h = f.hessian() + decay * Eigen::MatrixXd::Identity(6, 6);
      if (spec.preconditioner && spec.recurrence) {
        const Eigen::VectorXd d = entries(*run->preconditioner()).array().rsqrt();
        h = d.asDiagonal() * h * d.asDiagonal();
      }
      if (!spec.recurrence) {
        EXPECT_FALSE(found.edge.lr.upper.has_value());
        EXPECT_EQ(found.edge.reason, spec.no_recurrence_reason);
        continue;
      }
      // The rule's own schedule divides the edge: adagrad's lr_decay after seven steps.
      const double scale = spec.lr_scale ? spec.lr_scale(optimizer.values, 7) : 1;
      const double edge = *stability_edge(spec, optimizer.values, largest(h)) / scale;
      EXPECT_NEAR(*found.edge.lr.lower / edge, 1, 1e-8);
      EXPECT_NEAR(*found.edge.lr.upper / edge, 1, 1e-8);
      const Eigen::VectorXd v = entries(found.direction);
      const bool decay_inside = spec.preconditioner != nullptr;
      const double lambda = largest(h) - (decay_inside ? 0 : decay);
      EXPECT_LT((h * v - largest(h) * v).norm(), 1e-4 * largest(h));
      EXPECT_NEAR(*found.curvature.lambda_max.lower / lambda, 1, 1e-8);
    }
}

/// Parameters with learning rates of their own, as groups of parameters have.
class Grouped final : public Problem {
 public:
  Grouped(Objective& f, Optimizer optimizer, Eigen::VectorXd shares)
      : f_(f), optimizer_(std::move(optimizer)), shares_(dense(std::move(shares))) {}
  Objective& objective() override { return f_; }
  const Optimizer& optimizer() const override { return optimizer_; }
  const Vector* lr_shares() override { return &shares_; }

 private:
  Objective& f_;
  Optimizer optimizer_;
  Vector shares_;
};

/// A step at the share s of the rate is one at the whole rate that divides by 1 / s besides.
TEST(Probe, FindsTheEdgeOfTheRateThatOthersAreSharesOf) {
  Eigen::VectorXd shares(6);
  shares << 1, 1, 0.1, 3, 3, 0;
  for (const OptimizerSpec& spec : optimizers()) {
    if (!spec.recurrence) continue;
    for (const Settings& settings : spec.examples) {
      SCOPED_TRACE(spec.name);
      testing::LeastSquares f(30, 6, 4);
      const Optimizer optimizer = make_optimizer(spec.name, settings);
      Grouped problem(f, optimizer, shares);
      DenseProblem alike(f, optimizer);
      const WarmupSettings few{.steps = 7};
      const OptimizerPosition plain = starting_position(alike, few);
      Probe probe(f, optimizer, starting_position(problem, few));
      const Probe::Finding found = probe.look(narrow());
      Eigen::VectorXd d = shares.array().sqrt();
      if (plain.preconditioner) d.array() *= entries(*plain.preconditioner).array().rsqrt();
      const Eigen::MatrixXd h = f.hessian() + optimizer.gradient_decay() * Eigen::MatrixXd::Identity(6, 6);
      const double edge =
          *stability_edge(spec, optimizer.values, largest(d.asDiagonal() * h * d.asDiagonal())) / plain.lr_scale;
      EXPECT_NEAR(*found.edge.lr.lower / edge, 1, 1e-8);
      EXPECT_NEAR(*found.edge.lr.upper / edge, 1, 1e-8);
      EXPECT_EQ(found.curvature.left_out, 1);
    }
  }
}

/// An objective whose products are off by a known matrix, as those of 32 bit are by an unknown one.
class Rounded final : public DenseObjective {
 public:
  Rounded(Eigen::MatrixXd h, Eigen::MatrixXd error)
      : DenseObjective(Eigen::VectorXd::Zero(h.cols())), h_(std::move(h)), error_(std::move(error)) {}
  double value(const Eigen::VectorXd& x) override { return x.dot(h_ * x) / 2; }
  Eigen::VectorXd gradient_at(const Eigen::VectorXd& x) override { return h_ * x; }
  Eigen::VectorXd product(const Eigen::VectorXd&, const Eigen::VectorXd& v) override { return h_ * v + error_ * v; }
  double roundoff() const override { return error_.isZero() ? 0x1p-53 : 0x1p-24; }
  std::unique_ptr<Objective> in_64_bit() override {
    return std::make_unique<Rounded>(h_, Eigen::MatrixXd::Zero(h_.rows(), h_.cols()));
  }

 private:
  Eigen::MatrixXd h_, error_;
};

TEST(Probe, TellsWhoeverWaitsTheEdgeSoFar) {
  testing::LeastSquares f(30, 6, 4);
  for (const char* name : {"sgd", "signsgd"}) {
    const Optimizer optimizer = make_optimizer(name, {});
    Probe probe(f, optimizer);
    std::string words;
    ProbeOptions options = narrow();
    options.progress = [&](const WorkDone& done) { return words = done.in_words ? done.in_words() : words, true; };
    const Probe::Finding found = probe.look(options);
    const std::string told = optimizer.spec->recurrence
                                 ? "edge so far " + rounded_out(found.edge.lr, 3)
                                 : "top eigenvalue " + format_number(*found.curvature.lambda_max.lower, 3);
    EXPECT_NE(words.find(" products, " + told), std::string::npos) << words;
  }
}

TEST(Probe, WidensEachEndByWhatProductsLoseThere) {
  // One direction with little error at the top, one with much at the bottom, and nothing else of interest.
  Eigen::VectorXd spectrum = Eigen::VectorXd::LinSpaced(30, -1, 1), error = Eigen::VectorXd::Zero(30);
  spectrum[29] = 10, spectrum[0] = -40;
  error[29] = 1e-3, error[0] = -0.5;
  Rounded f(spectrum.asDiagonal(), error.asDiagonal());
  const Optimizer gd = make_optimizer("gd", {});
  const Probe::Finding found = Probe(f, gd).look(narrow());
  EXPECT_EQ(found.products_64, 2);
  EXPECT_NEAR(found.roundoff, 4 * 1e-3, 1e-3);
  EXPECT_NEAR(*found.curvature.lambda_max.lower, 10 + 1e-3 - found.roundoff, 1e-9);
  EXPECT_NEAR(*found.curvature.lambda_min.upper, -40 - 0.5 + 4 * 0.5, 1e-3);
  EXPECT_LE(*found.edge.lr.lower, 2.0 / 10);
  EXPECT_GE(*found.edge.lr.upper, 2.0 / 10);
  // Unmeasured it is a part of the operator's size.
  ProbeOptions options = narrow();
  options.roundoff = false;
  EXPECT_EQ(Probe(f, gd).look(options).roundoff, 0);
  EXPECT_GT(unmeasured_roundoff(f), 1e-4);
}

TEST(Probe, AdagradsScheduleRaisesTheEdge) {
  testing::LeastSquares f(30, 6, 4);
  const auto edge_after = [&](double lr_decay, int steps) {
    const Optimizer optimizer = make_optimizer("adagrad", {{"lr_decay", lr_decay}});
    DenseProblem problem(f, optimizer);
    const KeepParameters keep(f);
    const std::unique_ptr<etamax::Run> run = problem.run({});
    for (int i = 0; i < steps; ++i) run->step(0);
    return *Probe(f, optimizer, OptimizerPosition::of(*run, optimizer)).look(narrow()).edge.lr.lower;
  };
  EXPECT_NEAR(edge_after(0.5, 5) / edge_after(0, 5), 1 + 4 * 0.5, 1e-9);
}

TEST(StartingPosition, IsTheSavedStatesOrThatAfterStepsThatHardlyMove) {
  testing::LeastSquares f(30, 6, 4);
  const Eigen::VectorXd before = entries(f.parameters());
  DenseProblem problem(f, make_optimizer("adam", {}));
  const OptimizerPosition at = starting_position(problem, {.steps = 4});
  EXPECT_EQ(entries(f.parameters()), before);
  // The gradient is the same in every step, so the root of its average square is its size.
  const Eigen::VectorXd g = entries(f.gradient());
  EXPECT_LT((entries(*at.preconditioner) - g.cwiseAbs()).norm(), 1e-6 * g.norm());
  EXPECT_FALSE(starting_position(problem, {.steps = 4}).origin.empty());
  DenseProblem plain(f, make_optimizer("sgd", {}));
  EXPECT_FALSE(starting_position(plain, {}).preconditioner.has_value());
}

TEST(StartingPosition, WhereEveryGradientIsZeroNothingIsSaid) {
  Rounded f(Eigen::Vector3d(1, 2, 3).asDiagonal(), Eigen::MatrixXd::Zero(3, 3));  // at its minimum
  for (const char* name : {"adam", "adamw", "rmsprop", "adagrad"}) {
    DenseProblem problem(f, make_optimizer(name, {}));
    Probe probe(f, problem.optimizer(), starting_position(problem, {}));
    const Probe::Finding found = probe.look(narrow(true));
    EXPECT_EQ(found.curvature.left_out, 3);
    EXPECT_FALSE(found.curvature.lambda_max.upper || found.edge.lr.upper || found.edge.lr.lower);
    EXPECT_FALSE(found.edge.reason.empty());
  }
  // One coordinate seen: the operator is that on it alone.
  f.set_parameters(dense(Eigen::Vector3d(0, 5, 0)));
  DenseProblem problem(f, make_optimizer("adam", {}));
  const Probe::Finding found = Probe(f, problem.optimizer(), starting_position(problem, {})).look(narrow(true));
  EXPECT_EQ(found.curvature.left_out, 2);
  EXPECT_NEAR(*found.curvature.lambda_max.lower, 2.0 / 10, 1e-8);
  EXPECT_NEAR(*found.curvature.lambda_max.upper, 2.0 / 10, 1e-8);
  EXPECT_NEAR(*found.curvature.lambda_min.lower, 2.0 / 10, 1e-8) << "what is left out has no eigenvalue";
}

TEST(Attribution, SharesAreThoseOfTheDenseEigenvector) {
  class Blocks final : public DenseObjective {
   public:
    explicit Blocks(Eigen::MatrixXd h)
        : DenseObjective(Eigen::VectorXd::Zero(h.cols()), {"a", "b", "c"}), h_(std::move(h)) {}
    double value(const Eigen::VectorXd& x) override { return x.dot(h_ * x) / 2; }
    Eigen::VectorXd gradient_at(const Eigen::VectorXd& x) override { return h_ * x; }
    Eigen::VectorXd product(const Eigen::VectorXd&, const Eigen::VectorXd& v) override { return h_ * v; }

   private:
    Eigen::MatrixXd h_;
  };
  const Eigen::Matrix3d h{{4, 1, 0}, {1, 3, 0.5}, {0, 0.5, 1}};
  Blocks f(h);
  const Optimizer gd = make_optimizer("gd", {});
  Probe probe(f, gd);
  const Probe::Finding found = probe.look(narrow(true));
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(h);
  const Eigen::Vector3d v = solver.eigenvectors().col(2);
  const std::vector<LayerShare> shares = layer_shares(f, found.direction);
  ASSERT_EQ(shares.size(), 3u);
  EXPECT_EQ(shares[0].name, "a");
  EXPECT_NEAR(shares[0].share, v[0] * v[0], 1e-9);
  EXPECT_NEAR(shares[1].share, v[1] * v[1], 1e-9);
  const std::vector<LayerShare> layers = attribute_layers(f, probe.hessian(), found.direction, 0, 0, {});
  EXPECT_NEAR(*layers[0].lambda_max, 4, 1e-12);
  EXPECT_NEAR(*layers[1].lambda_max, 3, 1e-12);
}

TEST(Attribution, OfInputsAndExamplesOnlyWhereFewMakeUpMuch) {
  EXPECT_TRUE(attribute_inputs({{"a", 1}, {"b", 1.1}, {"c", 0.9}}).empty());
  const auto inputs = attribute_inputs({{"small", 1}, {"large", 1000}, {"c", 0.9}, {"d", 1}, {"e", 1}, {"f", 1}});
  ASSERT_EQ(inputs.size(), 1u);
  EXPECT_EQ(inputs[0].name, "large");
  EXPECT_NEAR(inputs[0].share, 1000 / 1004.9, 1e-12);
  Culprits culprits;
  std::vector<double> curvatures(100, 1.0), losses(100, 0.5);
  attribute_examples(culprits, curvatures, losses);
  EXPECT_TRUE(culprits.examples.empty());
  curvatures[41] = 500;
  losses[41] = 9;
  attribute_examples(culprits, curvatures, losses);
  ASSERT_EQ(culprits.examples.size(), 5u);
  EXPECT_EQ(culprits.examples[0].example, 41);
  EXPECT_EQ(culprits.examples[0].loss, 9);
  EXPECT_NEAR(culprits.examples_share, 504.0 / 599, 1e-12);
}

TEST(MiniBatchEdge, OfBatchesOfAllIsTheEdgeAndSmallerOnesHaveLess) {
  testing::LeastSquares f(40, 3, 6);
  const Optimizer gd = make_optimizer("gd", {});
  Probe probe(f, gd);
  const Probe::Finding found = probe.look(narrow(true));
  const std::vector<double> curvatures = f.examples()->curvatures(found.direction);
  double before = 0;
  for (const std::int64_t size : {1, 5, 20, 39}) {
    const MiniBatchEdge edge = mini_batch_edge(f, curvatures, {gd, size});
    ASSERT_TRUE(edge.lr.has_value());
    EXPECT_GT(*edge.lr, before);
    EXPECT_LT(*edge.lr, *found.edge.lr.upper * (1 + 1e-9));
    EXPECT_EQ(edge.batches, 16);
    before = *edge.lr;
  }
}

TEST(SamplingError, HoldsTheEigenvalueOfAllData) {
  int held = 0;
  constexpr int kTries = 40;
  for (unsigned seed = 0; seed < kTries; ++seed) {
    testing::LeastSquares f(200, 4, 100 + seed);
    Cost cost;
    const SamplingError found = sampling_error(*f.examples(), 30, seed, {}, cost);
    const double lambda = largest(f.hessian());
    held += *found.lambda_max.lower <= lambda && lambda <= *found.lambda_max.upper;
    EXPECT_GT(cost.hvps, 5);
  }
  EXPECT_GE(held, kTries * 9 / 10);
}

}  // namespace
}  // namespace etamax
