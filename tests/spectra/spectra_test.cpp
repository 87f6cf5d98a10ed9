// The spectra of problems whose eigenvalues are known: dense matrices, Wishart ones, closed forms.
#include "etamax/spectra/spectra.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "../refusal.h"
#include "../spectrum/dense.h"
#include "../temporary_folder.h"
#include "etamax/core/error.h"
#include "etamax/curvature/probe.h"
#include "etamax/files/npy.h"
#include "etamax/problem/dense.h"
#include "etamax/spectra/words.h"

namespace etamax {
namespace {

/// x' A x / 2 at x = 1.
class Quadratic final : public DenseObjective {
 public:
  explicit Quadratic(Eigen::MatrixXd a) : DenseObjective(Eigen::VectorXd::Ones(a.rows())), matrix(std::move(a)) {}
  Eigen::MatrixXd matrix;
  double value(const Eigen::VectorXd& x) override { return 0.5 * x.dot(matrix * x); }
  Eigen::VectorXd gradient_at(const Eigen::VectorXd& x) override { return matrix * x; }
  Eigen::VectorXd product(const Eigen::VectorXd&, const Eigen::VectorXd& v) override { return matrix * v; }
};

Spectra spectra_of(const Eigen::MatrixXd& a, const SpectrumOptions& options, const std::string& optimizer = "gd") {
  Quadratic f(a);
  DenseProblem problem(f, make_optimizer(optimizer, {}));
  return find_spectra(problem, options);
}

Eigen::VectorXd eigenvalues(const Eigen::MatrixXd& a) {
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(a).eigenvalues();
}

bool holds(const Interval& x, double truth) {
  const double slack = 1e-9 * (1 + std::abs(truth));
  return (!x.lower || *x.lower <= truth + slack) && (!x.upper || truth <= *x.upper + slack);
}

TEST(Spectra, BothEndsOfEverySpectrumAreHeldByTheirBounds) {
  for (const std::string& name : kSpectra) {
    const Eigen::MatrixXd a = rotated(spectrum_named(name, 120), 3).matrix;
    const Eigen::VectorXd truth = eigenvalues(a);
    const Spectra s = spectra_of(a, {.top = 4, .bottom = 3});
    ASSERT_EQ(s.top->values.size(), 4u) << name;
    ASSERT_EQ(s.bottom->values.size(), 3u) << name;
    for (int k = 0; k < 4; ++k) EXPECT_TRUE(holds(s.top->values[k].bounds, truth[119 - k])) << name << " top " << k;
    for (int k = 0; k < 3; ++k) EXPECT_TRUE(holds(s.bottom->values[k].bounds, truth[k])) << name << " bottom " << k;
    EXPECT_TRUE(s.top->reached_tolerance) << name;
    if (s.top->others) {
      EXPECT_GE(*s.top->others, truth[115] - 1e-9) << name;
    }
    if (s.bottom->others) {
      EXPECT_LE(*s.bottom->others, truth[3] + 1e-9) << name;
    }
  }
}

TEST(Spectra, TheTopOnesIntervalIsThatOfAnAnalysis) {
  const Eigen::MatrixXd a = rotated(spectrum_named("power law", 300), 5).matrix;
  Quadratic f(a);
  const Optimizer gd = make_optimizer("gd", {});
  const Probe::Finding found = Probe(f, gd).look({});
  const Spectra s = spectra_of(a, {});
  EXPECT_EQ(s.lambda_max.lower, found.curvature.lambda_max.lower);
  EXPECT_EQ(s.lambda_max.upper, found.curvature.lambda_max.upper);
  EXPECT_EQ(s.top->values[0].bounds.lower, found.curvature.lambda_max.lower);
  EXPECT_EQ(s.top->values[0].bounds.upper, found.curvature.lambda_max.upper);
}

TEST(Spectra, OfASmallerMatrixAllEigenvaluesAreFound) {
  const Eigen::MatrixXd a = Eigen::Vector3d(3, -1, 2).asDiagonal();
  const Spectra s = spectra_of(a, {.top = 10, .bottom = 10, .density = true});
  ASSERT_EQ(s.top->values.size(), 3u);
  EXPECT_NEAR(s.top->values[0].value, 3, 1e-9);
  EXPECT_NEAR(s.top->values[1].value, 2, 1e-9);
  EXPECT_NEAR(s.top->values[2].value, -1, 1e-9);
  EXPECT_NEAR(s.bottom->values[0].value, -1, 1e-9);
  EXPECT_FALSE(s.top->others) << "there are no others";
  EXPECT_NE(std::find(s.answer.begin(), s.answer.end(), "The matrix has 3 eigenvalues: all are here."), s.answer.end());
  EXPECT_TRUE(s.density);
  for (const std::string& sentence : s.answer)
    EXPECT_EQ(sentence.find("standard error"), std::string::npos) << "an estimate beside what is known: " << sentence;
}

TEST(Spectra, AnEndNextToZeroIsFoundToo) {
  Eigen::VectorXd lambda = Eigen::VectorXd::Zero(60);
  for (int i = 0; i < 12; ++i) lambda[i] = std::pow(0.2, i);
  const Eigen::MatrixXd a = rotated(lambda, 6).matrix;
  const Spectra s = spectra_of(a, {.top = 1, .bottom = 2});
  EXPECT_TRUE(s.bottom->reached_tolerance);
  ASSERT_TRUE(s.bottom->values[0].bounds.lower);
  EXPECT_LE(*s.bottom->values[0].bounds.lower, 1e-12);
  EXPECT_NEAR(s.bottom->values[0].value, 0, 1e-4);
  EXPECT_LT(s.cost.hvps, 200);
}

TEST(Spectra, AClusterIsToldAsOne) {
  Eigen::VectorXd lambda = Eigen::VectorXd::LinSpaced(80, 0, 1);
  lambda[77] = 4, lambda[78] = 4 + 1e-7, lambda[79] = 9;
  const Spectra s = spectra_of(rotated(lambda, 1).matrix, {.top = 3});
  EXPECT_FALSE(s.top->values[0].cluster);
  EXPECT_TRUE(s.top->values[1].cluster);
  EXPECT_EQ(s.top->values[1].cluster, s.top->values[2].cluster);
  bool told = false;
  for (const std::string& sentence : s.answer)
    told |= sentence.find("2nd to 3rd of the largest are a cluster") != std::string::npos;
  EXPECT_TRUE(told) << s.answer.back();
}

TEST(Spectra, ManyClustersAreToldInOneSentence) {
  Eigen::VectorXd lambda(40);
  for (int i = 0; i < 40; ++i) lambda[i] = 1 + i / 2 + 1e-9 * i;
  const Spectra s = spectra_of(rotated(lambda, 1).matrix, {.top = 12});
  int told = 0;
  for (const std::string& sentence : s.answer) told += sentence.find("cluster") != std::string::npos;
  EXPECT_EQ(told, 1);
  const std::string all = fmt::format("{}", fmt::join(s.answer, " "));
  EXPECT_NE(all.find("The 1st to 2nd, 3rd to 4th, 5th to 6th, ... of the largest are clusters:"), std::string::npos)
      << all;
}

TEST(Spectra, TheSameEigenvaluesFarApartAreNoCluster) {
  const Spectra s = spectra_of(rotated(spectrum_named("outliers", 80), 1).matrix, {.top = 4});
  for (const SpectralEnd& e : s.top->values) EXPECT_FALSE(e.cluster);
}

/// Marchenko and Pastur, 1967: the share of eigenvalues of X'X / n below x, by the midpoint rule.
double marchenko_pastur(double ratio, double x) {
  const double a = std::pow(1 - std::sqrt(ratio), 2), b = std::pow(1 + std::sqrt(ratio), 2);
  double share = 0;
  constexpr int kParts = 20000;
  for (int i = 0; i < kParts; ++i) {
    const double at = a + (b - a) * (i + 0.5) / kParts;
    if (at <= x) share += std::sqrt((b - at) * (at - a)) / (2 * M_PI * ratio * at) * (b - a) / kParts;
  }
  return share;
}

TEST(Spectra, TheDensityOfAWishartMatrixIsMarchenkoAndPasturs) {
  constexpr int kN = 1200, kP = 300;
  const Eigen::MatrixXd x = gaussian(kN, kP, 7);
  const Spectra s = spectra_of(x.transpose() * x / kN, {.top = 1, .density = true, .starts = 8, .density_steps = 40});
  ASSERT_EQ(s.density->starts.size(), 8u);
  for (const double at : {0.5, 0.8, 1.2, 1.7}) {
    double share = 0;
    for (const SpectralMass::Start& start : s.density->starts)
      for (std::size_t i = 0; i < start.nodes.size(); ++i)
        if (start.nodes[i] <= at) share += start.weights[i] / 8;
    EXPECT_NEAR(share, marchenko_pastur(0.25, at), 0.05) << at;
  }
  EXPECT_LT(s.density->share_near, 1e-6) << "none is near zero";
}

TEST(Spectra, TheMassNearZeroIsThatOfTheNullSpace) {
  Eigen::VectorXd lambda = Eigen::VectorXd::Zero(400);
  for (int i = 0; i < 40; ++i) lambda[i] = 1 + 0.1 * i;
  const Spectra s = spectra_of(rotated(lambda, 2).matrix, {.top = 1, .density = true, .starts = 20});
  EXPECT_NEAR(s.density->share_near, 0.9, 4 * s.density->share_near_error + 1e-3);
  EXPECT_GT(s.density->share_near_error, 0);
  EXPECT_NEAR(s.density->count_outer, 40, 4 * s.density->count_outer_error + 0.4) << "all 40 are beyond 0.49";
  const std::string all = fmt::format("{}", fmt::join(s.answer, " "));
  EXPECT_NE(all.find("of the 400 eigenvalues (standard error"), std::string::npos) << all;
}

TEST(Spectra, TheTracesAreThoseOfTheMatrixAndOfItsBlocks) {
  const Eigen::MatrixXd a = rotated(spectrum_named("indefinite", 200), 9).matrix;
  const Spectra s = spectra_of(a, {.top = 0, .trace = true, .trace_products = 300});
  EXPECT_FALSE(s.top);
  EXPECT_NEAR(s.traces->trace.value, a.trace(), 2 * s.traces->trace.half_width.value_or(1e-9));
  EXPECT_NEAR(s.traces->square.value, (a * a).trace(), 2 * s.traces->square.half_width.value_or(1e-9));
  ASSERT_EQ(s.traces->layers.size(), 1u);
  EXPECT_NEAR(s.traces->layers[0].trace.value, a.trace(), 2 * *s.traces->layers[0].trace.half_width);
}

class Diagonal : public testing::WithFolder {};
TEST_F(Diagonal, IsWithinItsErrorsOfThatOfTheMatrix) {
  int within = 0, all = 0;
  for (const std::string& name : kSpectra) {
    const Eigen::MatrixXd a = rotated(spectrum_named(name, 120), 8).matrix;
    for (const std::uint64_t seed : {0u, 1u, 2u}) {
      const std::string path = this->path("diagonal.npz");
      SpectrumOptions options{.top = 0, .diagonal = path, .diagonal_products = 60};
      options.seed = seed;
      const Spectra s = spectra_of(a, options);
      const NumberArray rows = open_npz(path, content("diagonal.npz")).read("x");
      ASSERT_EQ(rows.shape, (std::vector<std::size_t>{2, 120}));
      for (std::size_t i = 0; i < 120; ++i) {
        const auto at = static_cast<Eigen::Index>(i);
        const double slack = 1e-12 * a.norm();
        within += std::abs(rows.at(i) - a(at, at)) <= 2.001 * rows.at(120 + i) + slack;
        ++all;
      }
      const LayerDiagonal& layer = s.diagonal->layers.at(0);
      EXPECT_NEAR(layer.mean.value, a.trace() / 120, 2.5 * *layer.mean.half_width + 1e-12 * a.norm()) << name;
    }
  }
  // 95% are expected, by Student's t of 59 degrees; the entries of one run depend on each other.
  EXPECT_GT(within, 0.93 * all);
  EXPECT_LT(within, 0.98 * all);
}

TEST_F(Diagonal, OfADiagonalMatrixIsExactAndIsWrittenAsATable) {
  const Eigen::MatrixXd a = Eigen::Vector3d(3, -1, 0.25).asDiagonal();
  const Spectra s = spectra_of(a, {.top = 0, .diagonal = path("d.csv"), .diagonal_products = 4});
  EXPECT_EQ(content("d.csv"), "layer,index,value,standard_error\r\nx,0,3,0\r\nx,1,-1,0\r\nx,2,0.25,0\r\n");
  const LayerDiagonal& layer = s.diagonal->layers.at(0);
  EXPECT_EQ(layer.lowest, -1);
  EXPECT_EQ(layer.highest, 3);
  EXPECT_EQ(layer.standard_error, 0);
}

class Vectors : public testing::WithFolder {};
TEST_F(Vectors, AreWrittenForNumPy) {
  const std::string path = this->path("top.npz");
  const Eigen::MatrixXd a = rotated(spectrum_named("outliers", 30), 4).matrix;
  const Spectra s = spectra_of(a, {.top = 3, .tolerance = 1e-8, .vectors = path});
  EXPECT_EQ(s.vectors, path);
  const ArrayFile file = open_npz(path, content("top.npz"));
  const NumberArray values = file.read("eigenvalues"), vectors = file.read("x");
  ASSERT_EQ(vectors.shape, (std::vector<std::size_t>{3, 30}));
  for (int k = 0; k < 3; ++k) {
    Eigen::VectorXd v(30);
    for (int i = 0; i < 30; ++i) v[i] = vectors.at(static_cast<std::size_t>(30 * k + i));
    EXPECT_NEAR(v.norm(), 1, 1e-6);
    EXPECT_LT((a * v - values.at(static_cast<std::size_t>(k)) * v).norm(), 1e-5);
  }
}

TEST(Spectra, WhatCannotBeAnsweredIsRefused) {
  const Eigen::MatrixXd a = Eigen::Vector3d(3, 1, 2).asDiagonal();
  testing::expect_refused("matrix", "gd divides its steps by nothing",
                          [&] { spectra_of(a, {.matrix = "preconditioned"}); });
  testing::expect_refused("matrix", "needs a loss that is a function of", [&] { spectra_of(a, {.matrix = "ggn"}); });
  testing::expect_refused("vectors", "name of an .npz file", [&] { spectra_of(a, {.vectors = "top.txt"}); });
  testing::expect_refused("vectors", "there are none", [&] { spectra_of(a, {.top = 0, .vectors = "top.npz"}); });
  testing::expect_refused("diagonal", "name of an .npz or .csv file", [&] { spectra_of(a, {.diagonal = "d.txt"}); });
  testing::expect_refused("starts", "", [&] { spectra_of(a, {.density = true, .starts = 1}); });
}

TEST(Spectra, AMatrixWithoutAPositivePartIsAnsweredAsItIs) {
  const Spectra s = spectra_of(rotated(spectrum_named("negative", 60), 2).matrix, {.top = 2});
  EXPECT_LT(*s.lambda_max.upper, 0);
  EXPECT_LT(s.top->values[0].value, 0);
}

TEST(Spectra, ThePreconditionedMatrixIsThatOfTheOptimizersState) {
  // Adam's P after many gradients at one place is |g| + eps; at x = 1, g = A 1.
  Eigen::MatrixXd a = Eigen::VectorXd::LinSpaced(20, 1, 5).asDiagonal();
  const Spectra s = spectra_of(a, {.matrix = "preconditioned", .top = 1, .preconditioner_steps = 2000}, "adam");
  EXPECT_NEAR(s.top->values[0].value, 1, 1e-3);  // a_i / |a_i x_i|
  EXPECT_FALSE(s.preconditioner.empty());
}

TEST(Spectra, AnInterruptedDensityKeepsWhatIsWhole) {
  SpectrumOptions options{.top = 1, .density = true, .starts = 6, .density_steps = 20};
  std::string at;
  int asked = 0;
  options.stage = [&](const std::string& stage) { at = stage; };
  options.progress = [&](const WorkDone&) { return at != "density" || ++asked < 50; };
  const Spectra s = spectra_of(rotated(spectrum_named("flat", 200), 1).matrix, options);
  EXPECT_TRUE(s.partial);
  ASSERT_TRUE(s.density);
  EXPECT_EQ(s.density->starts.size(), 2u);
}

}  // namespace
}  // namespace etamax
