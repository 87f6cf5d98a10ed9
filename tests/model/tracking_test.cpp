// The tracked sharpness of a network in training against the certified one.
#include <gtest/gtest.h>

#include "etamax/curvature/vector_space.h"
#include "etamax/model/objective.h"
#include "etamax/spectrum/track.h"
#include "tensors.h"

namespace etamax {
namespace {

using testing::gradient;
using testing::parameters;
using testing::set_parameters;

using torch::Tensor;

TEST(Tracking, StaysNearTheCertifiedValueDuringTraining) {
  Dataset data = load_data("digits");
  standardize(data);
  data.targets = (data.targets - data.targets.mean()) / data.targets.std();
  for (const auto& [products, share] : {std::pair(1, 0.95), std::pair(2, 0.98)}) {
    ModelObjective f(make_network("mlp:64-32-32-1:tanh", {64}, 1, 0), data, find_loss("mse"), {});
    EigenvalueTracker<Vector> tracker({static_cast<std::size_t>(products)});
    Tensor w = parameters(f);
    int in_full = 0;
    for (int step = 0; step <= 600; ++step) {
      if (step % 50 == 0) {
        const auto look = tracker.look(f);
        const auto top = certify_spectrum<Vector>(f, {0.02, 0.999, 200, 1, {}}).extremes.largest;
        EXPECT_LE(look.value, top.upper * (1 + 1e-5)) << products << " products, step " << step;
        EXPECT_GE(look.value, share * top.lower) << products << " products, step " << step;
        if (step > 100) in_full += look.in_full;
      }
      // Below the edge, 50, all the way: beyond it roundoff grows, and the number of threads would choose the path.
      w = w - 0.04 * gradient(f);
      set_parameters(f, w);
    }
    EXPECT_LE(in_full, 1) << products << " products: settled by step 100, a look in full is an exception";
  }
}

TEST(Tracking, TheGradientAfterALookIsTheGradient) {
  const Dataset data = load_data("digits");
  ModelObjective f(make_network("mlp:64-16-10:tanh", {64}, 10, 0), data, find_loss("cross_entropy"), {});
  const Tensor before = gradient(f);
  EigenvalueTracker<Vector> tracker;
  tracker.look(f);
  const Tensor after = gradient(f);
  EXPECT_FALSE(after.requires_grad());
  EXPECT_LT((after - before).abs().max().item<double>(), 1e-6);
}

}  // namespace
}  // namespace etamax
