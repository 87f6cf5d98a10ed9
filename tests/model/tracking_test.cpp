// The tracked sharpness of a network in training against the certified one.
#include <gtest/gtest.h>

#include "etamax/model/model_objective.h"
#include "etamax/model/tensor_space.h"
#include "etamax/spectrum/track.h"

namespace etamax {
namespace {

using torch::Tensor;

TEST(Tracking, StaysNearTheCertifiedValueDuringTraining) {
  Dataset data = load_data("digits");
  standardize(data);
  data.targets = (data.targets - data.targets.mean()) / data.targets.std();
  for (const auto& [products, share] : {std::pair(1, 0.95), std::pair(2, 0.98)}) {
    ModelObjective f(make_network("mlp:64-32-32-1:tanh", {64}, 1, 0), data, find_loss("mse"), {});
    EigenvalueTracker<Tensor> tracker({static_cast<std::size_t>(products)});
    Tensor w = f.parameters();
    int in_full = 0;
    for (int step = 0; step <= 600; ++step) {
      if (step % 50 == 0) {
        const auto look = tracker.look(f);
        const auto top = certify_spectrum<Tensor>(f, {0.02, 0.999, 200, 1, {}}).extremes.largest;
        EXPECT_LE(look.value, top.upper * (1 + 1e-5)) << products << " products, step " << step;
        EXPECT_GE(look.value, share * top.lower) << products << " products, step " << step;
        if (step > 100) in_full += look.in_full;
      }
      w = w - 0.1 * f.gradient();
      f.set_parameters(w);
    }
    EXPECT_LE(in_full, 1) << products << " products: settled by step 100, a look in full is an exception";
  }
}

TEST(Tracking, TheGradientAfterALookIsTheGradient) {
  const Dataset data = load_data("digits");
  ModelObjective f(make_network("mlp:64-16-10:tanh", {64}, 10, 0), data, find_loss("cross_entropy"), {});
  const Tensor before = f.gradient();
  EigenvalueTracker<Tensor> tracker;
  tracker.look(f);
  const Tensor after = f.gradient();
  EXPECT_FALSE(after.requires_grad());
  EXPECT_LT((after - before).abs().max().item<double>(), 1e-6);
}

}  // namespace
}  // namespace etamax
