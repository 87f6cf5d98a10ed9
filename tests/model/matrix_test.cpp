// Gauss-Newton and Fisher matrices of every network and loss against dense ones, made of the outputs' Jacobian row by
// row.
#include <gtest/gtest.h>

#include "../refusal.h"
#include "cases.h"
#include "dense.h"
#include "etamax/core/error.h"
#include "etamax/problem/matrix_objective.h"

namespace etamax {
namespace {

using testing::all_cases;
using testing::Case;
using testing::data_for;
using testing::dense_hessian;
using testing::distance;
using testing::fits;
using testing::kLosses;
using testing::parameters;
using testing::product;
using testing::random_normal;

using torch::Tensor;

Tensor dense_matrix(Objective& f, MatrixKind kind, std::uint64_t seed = 0) {
  MatrixObjective m(f, {kind, seed});
  return dense_hessian(m);
}

/// The gradients of numbers by all parameters of the network, a row for each.
Tensor jacobian(const Tensor& numbers, const Network& network) {
  std::vector<Tensor> tensors, rows;
  for (const NamedTensor& p : network.parameters) tensors.push_back(p.tensor);
  const Tensor flat = numbers.reshape({-1});
  for (int64_t i = 0; i < flat.numel(); ++i) {
    std::vector<Tensor> row;
    const auto parts = torch::autograd::grad({flat[i]}, tensors, {}, true, false, true);
    for (std::size_t k = 0; k < parts.size(); ++k)
      row.push_back((parts[k].defined() ? parts[k] : torch::zeros_like(tensors[k])).reshape({-1}));
    rows.push_back(torch::cat(row));
  }
  return torch::stack(rows);
}

/// J' (the loss's Hessian by the outputs) J, by closed forms.
Tensor gauss_newton(ModelObjective& f, const Case& c, const std::string& loss, const Dataset& data) {
  const torch::AutoGradMode with_gradients(true);
  Tensor z = f.network().forward(data.inputs);
  if (loss == "cross_entropy") z = z.reshape({-1, z.size(-1)});
  const Tensor j = jacobian(z, f.network());
  z = z.detach();
  const int64_t n = z.size(0);
  Tensor m = torch::zeros({z.numel(), z.numel()}, torch::kDouble);
  if (loss == "cross_entropy") {
    const int64_t k = z.size(1);
    const Tensor p = z.softmax(1);
    for (int64_t i = 0; i < n; ++i)
      m.slice(0, i * k, (i + 1) * k).slice(1, i * k, (i + 1) * k).copy_(p[i].diag() - p[i].outer(p[i]));
  } else {
    const Tensor y = z.reshape({-1}), s = y.sigmoid(), error = (y - data.targets.reshape({-1})).abs();
    if (loss == "mse") m = 2 * torch::eye(y.numel(), torch::kDouble);
    if (loss == "bce") m = (s * (1 - s)).diag();
    if (loss == "huber") m = (error < 1).to(torch::kDouble).diag();
  }
  (void)c;
  return j.t().mm(m).mm(j) / static_cast<double>(n);
}

TEST(Matrices, GaussNewtonIsThatOfTheOutputsJacobian) {
  for (const Case& c : all_cases())
    for (const std::string& loss : kLosses) {
      if (!fits(c, loss)) continue;
      const Dataset data = data_for(c, loss);
      for (const auto method : {ProductMethod::double_backward, ProductMethod::forward_over_reverse}) {
        const auto f = testing::objective(c, loss, data, method);
        const Tensor expected = gauss_newton(*f, c, loss, data), found = dense_matrix(*f, MatrixKind::gauss_newton);
        EXPECT_LT((found - expected).norm().item<double>(), 1e-10 * (1e-3 + expected.norm().item<double>()))
            << c.model << ", " << loss;
      }
    }
}

TEST(Matrices, TheEmpiricalFisherIsTheMeanOfTheGradientsSquares) {
  for (const Case& c : all_cases())
    for (const std::string& loss : kLosses) {
      if (!fits(c, loss)) continue;
      const Dataset data = data_for(c, loss);
      for (const auto method : {ProductMethod::double_backward, ProductMethod::forward_over_reverse}) {
        const auto f = testing::objective(c, loss, data, method);
        const torch::AutoGradMode with_gradients(true);
        const LossSpec& spec = find_loss(loss);
        Tensor z = f->network().forward(data.inputs);
        if (loss != "cross_entropy" && z.dim() == 3) z = z.squeeze(-1);
        const Tensor each = spec.each(z, spec.prepare(data.targets, torch::kDouble));
        const Tensor g = jacobian(each, f->network());
        const Tensor expected = g.t().mm(g) / static_cast<double>(g.size(0));
        EXPECT_LT(distance(dense_matrix(*f, MatrixKind::fisher), expected), 1e-10) << c.model << ", " << loss;
      }
    }
}

TEST(Matrices, TheSampledFisherIsOnAverageTheGaussNewtonMatrix) {
  for (const Case& c : all_cases()) {
    if (c.model.find("layers=2") != std::string::npos || c.model.find("resnet") == 0) continue;  // the same, slower
    for (const std::string loss : {"cross_entropy", "mse", "bce"}) {
      if (!fits(c, loss) || c.model.find("batch_norm") != std::string::npos) continue;  // ties examples together
      const Dataset data = data_for(c, loss);
      const auto f = testing::objective(c, loss, data, {});
      const Tensor v = random_normal(*f, 1);
      MatrixObjective ggn(*f, {MatrixKind::gauss_newton});
      const double expected = v.dot(product(ggn, v)).item<double>();
      double sum = 0, squares = 0;
      constexpr int kDraws = 400;
      for (std::uint64_t seed = 0; seed < kDraws; ++seed) {
        MatrixObjective drawn(*f, {MatrixKind::sampled_fisher, seed});
        const double along = v.dot(product(drawn, v)).item<double>();
        sum += along, squares += along * along;
      }
      const double mean = sum / kDraws, error = std::sqrt((squares / kDraws - mean * mean) / kDraws);
      EXPECT_NEAR(mean, expected, 4 * error) << c.model << ", " << loss;
      EXPECT_LT(error, 0.1 * expected) << c.model << ", " << loss;
    }
  }
}

TEST(Matrices, ChunksAddUpToTheWhole) {
  for (const std::string loss : {"cross_entropy", "mse"}) {
    const Case c = {"mlp:5-4-3:tanh", {5}};
    const Dataset data = data_for(c, loss);
    for (const auto kind : {MatrixKind::gauss_newton, MatrixKind::fisher, MatrixKind::sampled_fisher}) {
      const auto whole = testing::objective(c, loss, data, {}), parts = testing::objective(c, loss, data, {}, 4);
      EXPECT_LT(distance(dense_matrix(*parts, kind, 3), dense_matrix(*whole, kind, 3)), 1e-12) << loss;
    }
  }
}

TEST(Matrices, TargetsAreDrawnAnewWhereTheParametersMoved) {
  const Case c = {"mlp:5-4-3:tanh", {5}};
  const Dataset data = data_for(c, "cross_entropy");
  const auto f = testing::objective(c, "cross_entropy", data, {}), g = testing::objective(c, "cross_entropy", data, {});
  dense_matrix(*f, MatrixKind::sampled_fisher);
  const Tensor there = parameters(*f) * 3;
  testing::set_parameters(*f, there);
  testing::set_parameters(*g, there);
  EXPECT_EQ(distance(dense_matrix(*f, MatrixKind::sampled_fisher), dense_matrix(*g, MatrixKind::sampled_fisher)), 0);
}

TEST(Matrices, ALossThatIsNoLikelihoodHasNoSampledFisher) {
  const Case c = {"linear", {5}};
  const Dataset data = data_for(c, "huber");
  const auto f = testing::objective(c, "huber", data, {});
  testing::expect_refused("matrix", "huber is not", [&] { dense_matrix(*f, MatrixKind::sampled_fisher); });
}

}  // namespace
}  // namespace etamax
