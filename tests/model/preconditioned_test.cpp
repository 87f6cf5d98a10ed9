// Adam's edge where P is held fixed, on a quadratic, by running it.
#include "etamax/curvature/preconditioned.h"

#include <gtest/gtest.h>

#include "etamax/model/objective.h"
#include "etamax/optim/optimizer.h"
#include "etamax/spectrum/lanczos.h"
#include "tensors.h"

namespace etamax {
namespace {

using testing::gradient;
using testing::parameters;
using testing::set_parameters;

using torch::Tensor;

Dataset regression(std::uint64_t seed) {
  torch::manual_seed(seed);
  Dataset data;
  data.name = "regression";
  data.inputs = torch::randn({80, 6}, torch::kDouble) * torch::logspace(0, 1, 6, 10, torch::kDouble);
  data.targets = torch::randn({80}, torch::kDouble);
  return data;
}

/// Steps of Adam whose P does not move: m = beta1 m + (1 - beta1) g, w -= lr m / P. Ends with the gradient's length.
double gradient_after(ModelObjective& f, const Tensor& p, double beta1, double lr, int steps) {
  Tensor w = parameters(f), m = torch::zeros_like(w);
  for (int step = 0; step < steps; ++step) {
    m = beta1 * m + (1 - beta1) * gradient(f);
    w = w - lr * m / p;
    set_parameters(f, w);
  }
  return gradient(f).norm().item<double>();
}

TEST(Preconditioned, AdamAtAFixedPIsStableUpToItsEdge) {
  const OptimizerSpec& adam = find_optimizer("adam");
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    for (const double beta1 : {0.0, 0.5, 0.9}) {
      const HyperparameterValues values = hyperparameter_values(adam, {{"beta1", beta1}});
      const Dataset data = regression(seed);
      const LossSpec& mse = find_loss("mse");
      ModelObjective f(make_network("linear", {6}, 1, seed), data, mse, {4096, torch::kDouble, torch::kCPU, {}});
      const Tensor start = parameters(f), p = torch::exp(torch::randn_like(start));
      PreconditionedHessian hessian(f, vector_of(p), 0);
      const LanczosResult top = certify_spectrum<Vector>(hessian, {1e-6, 0.999, 200, 0, {}});
      const double edge = stability_edge(adam, values, top.extremes.largest.lower).value();
      EXPECT_NEAR(edge * top.extremes.largest.lower, (2 + 2 * beta1) / (1 - beta1), 1e-9);
      const double early = gradient_after(f, p, beta1, 0.99 * edge, 500);
      EXPECT_LT(gradient_after(f, p, beta1, 0.99 * edge, 2500), early) << seed << " " << beta1;
      set_parameters(f, start);
      const double grown = gradient_after(f, p, beta1, 1.01 * edge, 300);
      EXPECT_GT(gradient_after(f, p, beta1, 1.01 * edge, 100), 3 * grown) << seed << " " << beta1;
    }
  }
}

}  // namespace
}  // namespace etamax
