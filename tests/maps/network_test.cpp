// Trainings on vectors against the network's definition, on every instruction set that this processor has.
#include "etamax/maps/network.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/maps/detail_network.h"

namespace etamax {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

class OnEveryTarget : public testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override { detail::use_network_target(GetParam()); }
  void TearDown() override { detail::use_network_target(0); }
};
INSTANTIATE_TEST_SUITE_P(network, OnEveryTarget, testing::Range(std::size_t{0}, detail::network_targets().size()),
                         [](const auto& target) { return detail::network_targets()[target.param].name; });

/// The loss as network_task.h defines it.
double loss_by_definition(const NetworkTask& task, const std::vector<double>& w0, const std::vector<double>& w1) {
  const std::size_t n = task.width;
  double sum = 0;
  for (std::size_t e = 0; e < task.examples(); ++e) {
    double output = 0;
    for (std::size_t j = 0; j < n; ++j) {
      double z = 0;
      for (std::size_t i = 0; i < n; ++i) z += task.inputs[e * n + i] * w0[i * n + j];
      output += w1[j] * std::tanh(std::sqrt(2.0 / static_cast<double>(n)) * z);
    }
    const double residual = output / static_cast<double>(n) - task.targets[e];
    sum += residual * residual;
  }
  return sum / static_cast<double>(task.examples());
}

/// By central differences, so to some ten digits.
std::vector<double> gradient(const NetworkTask& task, std::vector<double> w0, std::vector<double> w1, bool inner) {
  std::vector<double> found, &w = inner ? w0 : w1;
  for (double& weight : w) {
    const double at = weight, h = 1e-5;
    weight = at + h;
    const double above = loss_by_definition(task, w0, w1);
    weight = at - h;
    const double below = loss_by_definition(task, w0, w1);
    weight = at;
    found.push_back((above - below) / (2 * h));
  }
  return found;
}

TEST_P(OnEveryTarget, tanh_is_right_and_keeps_what_is_no_number) {
  const detail::NetworkTarget& target = detail::network_target_in_use();
  std::vector<double> y(detail::kMostLanes), result(detail::kMostLanes);
  const auto tanh = [&](double x) {
    std::fill(y.begin(), y.end(), x);
    target.tanh(y.data(), result.data());
    return result[target.lanes - 1];
  };
  for (double x = -60; x <= 60; x += 0.00731) EXPECT_NEAR(tanh(x), std::tanh(x * std::numbers::ln2 / 2), 4e-16) << x;
  for (double x = 1e-300; x < 1e300; x *= 3) {
    EXPECT_NEAR(tanh(x), std::tanh(x * std::numbers::ln2 / 2), 4e-16) << x;
    EXPECT_NEAR(tanh(-x), std::tanh(-x * std::numbers::ln2 / 2), 4e-16) << x;
  }
  EXPECT_EQ(tanh(kInfinity), 1);
  EXPECT_EQ(tanh(-kInfinity), -1);
  EXPECT_TRUE(std::isnan(tanh(std::numeric_limits<double>::quiet_NaN())));
}

/// Widths that fill the blocks of units and examples, and some that do not.
TEST_P(OnEveryTarget, steps_are_gradient_descent_on_the_loss_of_the_definition) {
  for (const std::size_t width : {2, 3, 5, 8}) {
    const NetworkTask task = published_network_task(width);
    for (const auto& [input_rate, output_rate] : {std::pair{0.7, 0.3}, {4.0, 0.0}, {0.0, 9.0}, {2.0, 8.0}}) {
      const std::vector<double> losses = NetworkTrainings(task, 6).losses(input_rate, output_rate);
      ASSERT_EQ(losses.size(), 7u);
      std::vector<double> w0 = task.input_weights, w1 = task.output_weights;
      for (const double loss : losses) {
        EXPECT_NEAR(loss, loss_by_definition(task, w0, w1), 1e-8 * std::fmax(loss, losses[0]))
            << "width " << width << ", rates " << input_rate << " " << output_rate;
        const std::vector<double> g0 = gradient(task, w0, w1, true), g1 = gradient(task, w0, w1, false);
        for (std::size_t k = 0; k < w0.size(); ++k) w0[k] -= input_rate * g0[k];
        for (std::size_t k = 0; k < w1.size(); ++k) w1[k] -= output_rate * g1[k];
      }
    }
  }
}

/// Rates from hardly moving to overflowing at once, 200 of them.
struct Rates {
  std::vector<double> input, output;
  Rates() {
    for (int k = 0; k < 200; ++k) {
      input.push_back(std::pow(10, -3 + 9 * std::fmod(k * 0.618, 1)));
      output.push_back(std::pow(10, -3 + 9 * std::fmod(k * 0.414, 1)));
    }
  }
};

TEST_P(OnEveryTarget, a_run_is_the_same_alone_and_among_others) {
  const Rates rates;
  const NetworkTrainings trainings(published_network_task(5), 60);
  std::vector<NetworkRun> together(rates.input.size());
  trainings.run(rates.input, rates.output, together);
  std::size_t trains = 0, diverges = 0;
  for (std::size_t k = 0; k < together.size(); ++k) {
    std::vector<NetworkRun> alone(1);
    trainings.run({&rates.input[k], 1}, {&rates.output[k], 1}, alone);
    const NetworkRun judged = judge_network_losses(trainings.losses(rates.input[k], rates.output[k]), 60);
    for (const NetworkRun& other : {alone[0], judged}) {
      EXPECT_EQ(together[k].fate, other.fate) << k;
      EXPECT_EQ(together[k].measure, other.measure) << k;
      EXPECT_EQ(together[k].tail, other.tail) << k;
      EXPECT_EQ(together[k].steps, other.steps) << k;
    }
    EXPECT_TRUE(together[k].done) << k;
    trains += together[k].fate == Verdict::trains;
    diverges += together[k].fate == Verdict::diverges;
  }
  EXPECT_GT(trains, 20u);
  EXPECT_GT(diverges, 20u);
}

/// The reason why a run may be given up there: whatever the rates, no later loss is a number again.
TEST_P(OnEveryTarget, weights_that_overflowed_never_come_back) {
  const NetworkTask task = published_network_task(4);
  for (const double rate : {1e3, 1e5, 1e6}) {
    const std::vector<double> losses = NetworkTrainings(task, 2000).losses(rate, rate);
    ASSERT_LT(losses.size(), 2000u);
    EXPECT_FALSE(std::isfinite(losses.back()));
  }
}

TEST(network, the_measure_is_the_published_one) {
  std::vector<double> losses(101, 2.0);
  for (std::size_t k = 1; k < losses.size(); ++k) losses[k] = 1.0;
  NetworkRun run = judge_network_losses(losses, 100);
  EXPECT_EQ(run.fate, Verdict::trains);
  EXPECT_DOUBLE_EQ(run.measure, -(1 + 99 * 0.5));
  EXPECT_DOUBLE_EQ(run.tail, 0.5);

  // Ten losses, then what is no number: 10^6 over the first each.
  losses = {2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, kInfinity};
  run = judge_network_losses(losses, 100);
  EXPECT_EQ(run.fate, Verdict::diverges);
  EXPECT_EQ(run.steps, 10u);
  EXPECT_DOUBLE_EQ(run.measure, 2 - 1 / 512.0 + 90 / 5e5);
  EXPECT_DOUBLE_EQ(run.tail, 5e5);

  // A loss that swings about its start, and one that has risen to the limit in finite numbers.
  losses.assign(101, 1);
  EXPECT_EQ(judge_network_losses(losses, 100).fate, Verdict::unclear);
  for (std::size_t k = 1; k < losses.size(); ++k) losses[k] = 1e9;
  EXPECT_EQ(judge_network_losses(losses, 100).fate, Verdict::diverges);
  // All that overflow at once have one measure, to the bit, whenever the weights did.
  const double at_once = 1 + 99 / kNetworkLossLimit;
  EXPECT_EQ(judge_network_losses(std::vector<double>{0.5, 1e9, kInfinity}, 100).measure, at_once);
  EXPECT_EQ(judge_network_losses(std::vector<double>{0.5, 1e9, 1e18, 1e27, kInfinity}, 100).measure, at_once);
  // Fewer steps than the tail: all of them.
  EXPECT_DOUBLE_EQ(judge_network_losses(std::vector<double>{4, 2, 1, 8}, 3).tail, 1.75 / 3);
}

TEST(network, refuses_what_cannot_be_run) {
  NetworkTask task = published_network_task(4);
  EXPECT_THROW(NetworkTrainings(task, 0), InputError);
  task.inputs.pop_back();
  EXPECT_THROW(NetworkTrainings(task, 1), InputError);
}

TEST(network, stops_when_asked_and_says_which_runs_are_done) {
  const NetworkTrainings trainings(published_network_task(4), 50);
  const std::vector<double> rates(100, 1.0);
  std::vector<NetworkRun> runs(100);
  EXPECT_THROW(trainings.run(rates, rates, runs, [](const WorkDone& done) { return done < 0.3; }), Interrupted);
  std::size_t open = 0;
  for (const NetworkRun& run : runs) open += !run.done;
  EXPECT_GT(open, 0u);
  EXPECT_LE(open, 70u);
}

}  // namespace
}  // namespace etamax
