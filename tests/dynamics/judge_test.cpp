// Every rule of the verdict decides a run, and the first that holds decides.
#include "etamax/dynamics/judge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "made_up.h"
#include "scene.h"

namespace etamax {
namespace {

using End = Iteration::End;

/// Of a real run.
Judgment judgment(const Scene& scene, double lr, long max_steps) {
  Stepper stepper = scene.stepper(lr);
  const Iteration iteration = iterate(scene.experiment, stepper, {max_steps, false, {}}, scene.cost);
  return judge(scene.experiment, iteration, stepper, scene.cost);
}

/// Of points that are made up. The stepper stands at the last of them.
template <typename X>
Judgment judgment_of(const Scene& scene, End end, std::size_t points, X x, double lr = 0.1) {
  Iteration iteration{end, made_up(points, x, &scene.function), {}, true, {}, {}};
  Stepper stepper = scene.stepper(lr);
  stepper.x.assign(iteration.path.back().begin(), iteration.path.back().end());
  return judge(scene.experiment, iteration, stepper, scene.cost);
}

struct Sample {
  std::string rule, verdict;
  std::string objective;
  std::vector<double> start;
  double lr;
  long max_steps = 10000;
  std::string optimizer = "gd";
  Settings settings = {};
};

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = {
      {"it rests on a flat place that was skipped ahead to", "unclear", "min(x^2+1e-6*x^4, 1e4)", {1}, 1.00005},
      {"it leaves the domain", "undefined", "log(x)^2", {5}, 3},
      {"its steps are bounded, and the function overflows", "unclear", "cosh(x)", {0.5}, 1e8, 10000, "signsgd"},
      {"it overflows", "diverges", "x^4", {1}, 1},
      {"the linear law carries it beyond all numbers", "diverges", "x^2", {-1}, 1.0001},
      {"it stays at the minimum", "converges", "x^2", {-1}, 0.3},
      {"the linear law carries it to the minimum", "converges", "x^2", {-1}, 0.9999},
      {"it hops in the last digits of a point that attracts", "converges", "x^4 - 3x^2 + x", {2}, 0.1},
      {"it stays in the last digits of a point that attracts",
       "converges",
       "x^4 - 3x^2 + x",
       {2},
       0.08,
       4000,
       "sgd",
       {{"momentum", 0.5}}},
      {"it hops among the smallest numbers", "converges", "x^2", {1e-320}, 0.9},
      {"its step is no number", "undefined", "x^2", {0}, 0.1, 10000, "adam", {{"eps", 0}}},
      {"it is near a minimum where it cannot stay", "unclear", "x^2", {-1}, 0.01, 10000, "adam"},
      {"it repeats exactly", "cycles", "x^2", {-1}, 1},
      {"decay balances its steps", "converges", "x", {1}, 1, 10000, "lion", {{"weight_decay", 0.1}}},
      {"decay balances its steps, in the long run", "converges", "x", {1}, 1, 10000, "adamw"},
      {"it underflows", "converges", "x^2", {1e-320}, 0.8, 10000, "adam", {{"eps", 1}, {"beta1", 0}}},
      {"it rests at the minimum", "converges", "x^2", {1}, 0.5, 10000, "signsgd"},
      {"it rests where small rates fall for ever", "drifts", "1/x", {1}, 1e12},
      {"its slope vanishes on the way to what no point attains",
       "drifts",
       "tanh(5*x)^3",
       {0.1},
       0.01,
       10000,
       "signsgd"},
      {"it stands where decay drives away what is beside it",
       "unclear",
       "x",
       {-0.1},
       3.795,
       10000,
       "lion",
       {{"weight_decay", 10}}},
      {"it is stuck on a slope", "unclear", "x^2", {1}, 1e-20},
      {"it rests elsewhere", "converges", "tanh(x)^2", {3}, 1e4},
      {"it falls where small rates fall for ever", "drifts", "exp(x)", {0}, 0.3},
      {"it repeats", "cycles", "logcosh", {1}, 5, 1000, "sgd", {{"momentum", 0.9}}},
      {"it repeats, a little wider each time",
       "unclear",
       "min(x^2, 1e4)",
       {1},
       1.900000001,
       10000,
       "sgd",
       {{"momentum", 0.9}}},
      {"it falls without bound", "diverges", "x", {1}, 0.1},
      {"it falls toward what no point attains", "drifts", "x^2*exp(-x)", {0.5}, 3},
      {"it rests near a stationary point", "converges", "x*y", {1, 1}, 0.01},
      {"it approaches a stationary point", "converges", "x^4", {1}, 0.1},
      {"it makes way downhill", "unclear", "x^2", {1}, 1e-6, 1000, "adam"},
      {"it grows", "diverges", "abs(x)^0.5", {1}, 50},
      // The steps lead from 2 to -1 and back; every point above 0 is led to -1, so neighbors meet. In six points no
      // period of 2 is seen.
      {"it meets its neighbors", "cycles", "max(x^2/2 + x, -3*x)", {1}, 1, 5},
      {"it parts from its neighbors", "chaotic", "double_well", {0.5}, 1.4},
      {"it wanders", "cycles", "x^2", {1}, 0.1, 1000, "rmsprop"},
  };
  return all;
}

TEST(Judge, EveryRuleDecidesARun) {
  std::vector<std::string_view> rules = verdict_rules();
  for (const Sample& s : samples()) {
    const Scene scene(s.objective, s.start, s.optimizer, s.settings);
    const Judgment judged = judgment(scene, s.lr, s.max_steps);
    const std::string at = s.objective + " at " + std::to_string(s.lr);
    EXPECT_EQ(judged.rule, s.rule) << at;
    EXPECT_EQ(to_string(judged.run.verdict), s.verdict) << at;
    EXPECT_EQ(judged.run.lr, s.lr) << at;
    std::erase(rules, s.rule);
  }
  EXPECT_EQ(rules, std::vector<std::string_view>{"nothing is found"});
  const Judgment stuck = judgment_of(Scene("x^2", {1}), End::used_up, 100, [](double) { return 1.0; });
  EXPECT_EQ(stuck.rule, "nothing is found");
  EXPECT_EQ(stuck.run.verdict, Verdict::unclear);
}

TEST(Judge, PointsAloneDecideBeforeGradients) {
  const Scene s("x^2", {1});
  s.cost = {};
  const Judgment cycle = judgment_of(s, End::used_up, 400, [](double k) { return 5 + std::fmod(k, 3); });
  EXPECT_EQ(cycle.rule, "it repeats");
  EXPECT_EQ(cycle.run.period, 3);
  EXPECT_EQ(cycle.run.extent, 2);
  EXPECT_EQ(s.cost.gradients + s.cost.forwards + s.cost.hvps, 0);
}

TEST(Judge, TheFirstRuleThatHoldsDecides) {
  const auto hops = [](double k) { return side(k); };
  const auto outward = [](double k) { return side(k) * std::pow(1.01, k); };
  const auto ahead = [](double k) { return 1 + 0.01 * k; };
  // Small rates fall for ever, and that comes before the cycle; where the loss has not fallen, the cycle is what is
  // left.
  EXPECT_EQ(judgment_of(Scene("exp(x)", {1}), End::used_up, 400, hops).rule,
            "it falls where small rates fall for ever");
  EXPECT_EQ(judgment_of(Scene("exp(x)", {-1}), End::used_up, 400, [&](double k) { return -hops(k); }).rule,
            "it repeats");
  // Way downhill is not a growth; back and forth it is.
  EXPECT_EQ(judgment_of(Scene("(x - 1e9)^2", {1}), End::used_up, 400, [](double k) { return std::pow(1.01, k); }).rule,
            "it makes way downhill");
  EXPECT_EQ(judgment_of(Scene("x^2", {1}), End::used_up, 400, outward).rule, "it grows");
  // Downhill for ever comes before both.
  EXPECT_EQ(judgment_of(Scene("-x^2", {1}), End::used_up, 400, outward).rule, "it falls without bound");
  EXPECT_EQ(judgment_of(Scene("-x", {1}), End::used_up, 400, ahead).rule, "it falls without bound");
  EXPECT_EQ(judgment_of(Scene("1e6 - x", {1}), End::used_up, 400, ahead).run.cause, Cause::unbounded_below);
}

TEST(Judge, AMinimumThatRepelsIsNotApproached) {
  const auto inward = [](double k) { return side(k) * std::pow(0.99, k); };
  EXPECT_EQ(judgment_of(Scene("x^2", {1}), End::used_up, 400, inward, 0.9).rule, "it approaches a stationary point");
  EXPECT_NE(judgment_of(Scene("x^2", {1}), End::used_up, 400, inward, 1.1).rule, "it approaches a stationary point");
}

TEST(Judge, ARestIsOfTheMinimumOrElsewhere) {
  const auto rest_at = [](double x) {
    return judgment_of(Scene("double_well", {0.5}), End::stands_still, 20, [&](double k) { return k < 10 ? 0.5 : x; });
  };
  EXPECT_EQ(rest_at(1).rule, "it rests at the minimum");
  // The way is 0.5.
  EXPECT_EQ(rest_at(1 + 0.99 * kTolerance).rule, "it rests at the minimum");
  EXPECT_EQ(rest_at(1 + 1.01 * kTolerance).rule, "it rests elsewhere");
  EXPECT_EQ(rest_at(-1).rule, "it rests elsewhere");
  EXPECT_EQ(rest_at(-1).run.kind, PointKind::minimum);
  EXPECT_EQ(rest_at(0).run.kind, PointKind::maximum);
  const Judgment flat = judgment_of(Scene("exp(x)", {0}), End::stands_still, 20, [](double k) { return -50 * k; });
  EXPECT_EQ(flat.rule, "it rests where small rates fall for ever");
  EXPECT_EQ(flat.run.verdict, Verdict::drifts);
}

}  // namespace
}  // namespace etamax
