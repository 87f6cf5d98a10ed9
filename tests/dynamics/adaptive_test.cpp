// Runs of optimizers that divide their steps by a running size of the slopes, or whose steps keep their length: what is
// said of them holds however many steps follow. Held against iterations of its own, a few lines each.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "scene.h"

namespace etamax {
namespace {

/// The largest |x - center| over the last `tail` of `steps` steps of Adam from `x`; rmsprop is its beta1 = 0, without
/// the correction of the bias.
template <typename Slope>
double farthest(Slope slope, double x, double center, double lr, double beta1, double beta2, double eps, bool corrected,
                long steps, long tail) {
  double m = 0, v = 0, far = 0;
  for (long t = 1; t <= steps; ++t) {
    const double g = slope(x);
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const double first = corrected ? 1 - std::pow(beta1, t) : 1, second = corrected ? 1 - std::pow(beta2, t) : 1;
    x -= lr * (m / first) / (std::sqrt(v / second) + eps);
    if (t > steps - tail) far = std::max(far, std::abs(x - center));
  }
  return far;
}

// PyTorch's rule for `centered`, step by step: v - a^2 comes out below 0 where the slopes are all but equal, or all but
// 0.
TEST(Adaptive, ACenteredRunMayEndByRounding) {
  const double lr = 1e-4, eps = 0.1, alpha = 0.99;
  double x = 1, v = 0, a = 0;
  long steps = 0;
  for (; steps < 400000 && !std::isnan(x); ++steps) {
    const double g = 2 * x;
    v = alpha * v + (1 - alpha) * g * g;
    a = alpha * a + (1 - alpha) * g;
    x -= lr * g / (std::sqrt(v - a * a) + eps);
  }
  ASSERT_TRUE(std::isnan(x));
  EXPECT_GT(steps, 100000);  // far beyond where the verdict is clear
  const std::string centered = Scene("x^2", {1}, "rmsprop", {{"eps", eps}, {"centered", 1}}).run(lr).reason;
  EXPECT_NE(centered.find("the root of v - a^2"), std::string::npos) << centered;
  const std::string not_centered = Scene("x^2", {1}, "rmsprop", {{"eps", eps}}).run(lr).reason;
  EXPECT_EQ(not_centered.find("root"), std::string::npos) << not_centered;
}

TEST(Adaptive, WhoForgetsTheSlopesDoesNotSettle) {
  struct Case {
    std::string optimizer;
    Settings settings;
    double beta1, beta2;
    bool corrected;
  };
  int thrown_out = 0;
  for (const Case& c : {Case{"adam", {}, 0.9, 0.999, true}, Case{"adam", {{"beta1", 0}}, 0, 0.999, true},
                        Case{"adamw", {{"weight_decay", 0}}, 0.9, 0.999, true}, Case{"rmsprop", {}, 0, 0.99, false}})
    for (const double lr : {0.01, 0.003, 0.001})
      for (const double from : {-1.0, 0.8}) {
        const etamax::FunctionRun run = Scene("x^2", {from}, c.optimizer, c.settings).run(lr);
        SCOPED_TRACE(fmt::format("{} from {} at {}: {}", c.optimizer, from, lr, run.reason));
        const double far =
            farthest([](double x) { return 2 * x; }, from, 0, lr, c.beta1, c.beta2, 1e-8, c.corrected, 100000, 50000);
        EXPECT_NE(run.verdict, Verdict::diverges);
        if (far < 1e-300) continue;  // it fell to 0 by underflow, where nothing moves it any more
        ++thrown_out;
        EXPECT_GT(far, 1e-3 * lr);
        EXPECT_NE(run.verdict, Verdict::converges);
      }
  EXPECT_GE(thrown_out, 16);  // of 24
}

TEST(Adaptive, TheRateThatSettlesIsTold) {
  const etamax::FunctionRun run = Scene("x^2", {-1}, "adam").run(0.01);
  EXPECT_EQ(run.verdict, Verdict::unclear);
  EXPECT_TRUE(run.passes_by) << run.reason;
  ASSERT_TRUE(run.lr_edge_at_limit);
  EXPECT_NEAR(*run.lr_edge_at_limit, 38 * 1e-8 / 2, 1e-12);  // 2 (1 + beta1) / (1 - beta1) eps / f''
  EXPECT_NE(run.reason.find("below 1.9e-7"), std::string::npos) << run.reason;
  // An eps that is no trifle keeps the steps short: the same edge, above and below.
  for (const double eps : {0.1, 1.0})
    for (const double share : {0.02, 0.5, 0.9}) {
      const double lr = share * 38 * eps / 2;
      const etamax::FunctionRun settles = Scene("x^2", {-1}, "adam", {{"eps", eps}}).run(lr);
      EXPECT_EQ(settles.verdict, Verdict::converges) << eps << " at " << lr << ": " << settles.reason;
      const double far = farthest([](double x) { return 2 * x; }, -1, 0, lr, 0.9, 0.999, eps, true, 200000, 100000);
      EXPECT_LT(far, 1e-9) << eps << " at " << lr;
    }
}

TEST(Adaptive, SumsOfSlopesLetARunSettle) {
  for (const double lr : {0.1, 1.0, 1.774, 3.0})
    for (const char* text : {"x^2", "logcosh"})
      EXPECT_EQ(Scene(text, {1}, "adagrad").run(lr).verdict, Verdict::converges) << text << " at " << lr;
}

/// Where adagrad with lr / (1 + (t - 1) decay) stands after so many steps.
template <typename Slope>
double adagrad(Slope slope, double x, double lr, double decay, long steps) {
  double sum = 0;
  for (long t = 1; t <= steps; ++t) {
    const double g = slope(x);
    sum += g * g;
    x -= lr / (1 + static_cast<double>(t - 1) * decay) * g / (std::sqrt(sum) + 1e-10);
  }
  return x;
}

TEST(Adaptive, StepsThatAddUpLeadNowhereFar) {
  const auto slope = [](double x) { return 2 * x; };
  for (const double decay : {1.0, 0.1})
    for (const double lr : {0.01, 0.001, 10.0, 30.0}) {
      const etamax::FunctionRun run = Scene("x^2", {1}, "adagrad", {{"lr_decay", decay}}).run(lr);
      SCOPED_TRACE(fmt::format("{} with {}: {}", lr, decay, run.reason));
      const double late = adagrad(slope, 1, lr, decay, 300000), later = adagrad(slope, 1, lr, decay, 3000000);
      const bool stops = std::abs(later) > 0.9 * std::abs(late) && later != 0;
      EXPECT_EQ(run.verdict, stops ? Verdict::unclear : Verdict::converges) << late << ", " << later;
    }
  for (const char* text : {"x", "-x^2", "exp(-x)", "1/x"})
    for (const double decay : {1.0, 0.01})
      for (const double lr : {0.01, 0.1})
        EXPECT_EQ(Scene(text, {1}, "adagrad", {{"lr_decay", decay}}).run(lr).verdict, Verdict::unclear)
            << text << " at " << lr << " with " << decay;
}

TEST(Adaptive, NoFallIsClaimedOfAnotherWay) {
  // Gradient flow falls along y to minus infinity; adagrad, which takes equal steps along x, is led to (0, 0).
  const double lr = 0.00386;
  double x[2] = {1.14, 1.14}, sum[2] = {0, 0};
  for (int t = 0; t < 3000000; ++t) {
    const double g[2] = {2 * x[0] * x[1] + 0.1 * x[0], x[0] * x[0] + 2 * x[1] + 0.1 * x[1]};
    for (int i = 0; i < 2; ++i) sum[i] += g[i] * g[i], x[i] -= lr * g[i] / (std::sqrt(sum[i]) + 1e-10);
  }
  ASSERT_LT(std::abs(x[0]) + std::abs(x[1]), 1e-3);
  const etamax::FunctionRun run = Scene("x^2*y + y^2", {1.14, 1.14}, "adagrad", {{"weight_decay", 0.1}}).run(lr);
  EXPECT_NE(run.verdict, Verdict::diverges) << run.reason;
}

TEST(Adaptive, DivisionByNothingIsNoStep) {
  struct Case {
    const char* optimizer;
    Settings settings;
    double start;
  };
  for (const Case& c : {Case{"adam", {{"eps", 0}}, 0}, Case{"adamw", {{"eps", 0}}, 0}, Case{"rmsprop", {{"eps", 0}}, 0},
                        Case{"adagrad", {{"eps", 0}}, 0}, Case{"rmsprop", {{"eps", 0}, {"alpha", 1}}, 1}})
    for (const double lr : {0.1, 1e-9}) {
      const etamax::FunctionRun run = Scene("x^2", {c.start}, c.optimizer, c.settings).run(lr);
      EXPECT_EQ(run.verdict, Verdict::undefined) << c.optimizer << ": " << run.reason;
      EXPECT_EQ(run.bad_step, 1);
      EXPECT_FALSE(run.cause);
      EXPECT_NE(run.reason.find("running size of the slopes"), std::string::npos) << run.reason;
    }
  EXPECT_EQ(Scene("x^2", {0}, "adam").run(0.1).verdict, Verdict::stationary);
}

TEST(Adaptive, StepsOfOneLengthApproachNothing) {
  for (const char* text : {"x^2", "x^4", "logcosh"})
    for (const double from : {1.4, 3.0})
      for (const double lr : {1e-4, 3e-4, 6.15e-3}) {
        const etamax::FunctionRun run = Scene(text, {from}, "lion", {{"weight_decay", 2}}).run(lr);
        EXPECT_TRUE(run.verdict == Verdict::cycles || run.verdict == Verdict::unclear)
            << text << " from " << from << " at " << lr << ": " << run.reason;
      }
  // Nor do they stop at an inflection, beyond which it falls.
  const etamax::FunctionRun run = Scene("x^3", {10}, "lion").run(0.0086);
  EXPECT_EQ(run.verdict, Verdict::diverges);
  EXPECT_EQ(run.cause, Cause::unbounded_below);
  EXPECT_FALSE(run.rate) << *run.rate;  // steps of one length have no factor
}

/// A period is what the run has kept to, not what two of its rounds happen to show: the last quarter repeats.
TEST(Adaptive, APeriodHasBeenKept) {
  struct Case {
    const char* text;
    std::vector<double> start;
    double lr;
  };
  for (const Case& c : {Case{"0.01*x^2 + y^2", {3, 3}, 0.8389}, Case{"0.05*x^2 + y^2", {2, 3}, 0.3},
                        Case{"x^2*y^2", {0.316, 0.316}, 1.7}, Case{"(x-3)^2", {-1}, 0.0211}, Case{"x^2", {1}, 0.3}}) {
    const Scene scene(c.text, c.start, "lion");
    const etamax::FunctionRun run = scene.run(c.lr);
    EXPECT_EQ(run.verdict, Verdict::cycles) << c.text;
    EXPECT_EQ(run.reason.find("forever"), std::string::npos) << run.reason;
    if (!run.period) continue;
    Stepper stepper = scene.stepper(c.lr);
    Cost cost;
    std::vector<std::vector<double>> path;
    for (int k = 0; k < 10000; ++k) {
      stepper.advance(cost);
      if (k >= 7500) path.push_back(stepper.x);
    }
    for (std::size_t k = static_cast<std::size_t>(*run.period); k < path.size(); ++k)
      ASSERT_LT(distance(path[k], path[k - static_cast<std::size_t>(*run.period)]), 1e-3 * c.lr)
          << c.text << " at " << k;
  }
}

}  // namespace
}  // namespace etamax
