#include "opponents.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>

#include "etamax/problem/batches.h"
#include "etamax/problem/rule_run.h"

using namespace etamax;

namespace {

constexpr double kLowestRate = 1e-5, kHighestRate = 10;  // of the searches

/// Log-uniform; from the engine's own numbers, which are the same everywhere.
class RandomRates {
 public:
  explicit RandomRates(std::uint64_t seed) : engine_(seed) {}
  double next() {
    const double u = std::ldexp(static_cast<double>(engine_() >> 11), -53);
    return kLowestRate * std::pow(kHighestRate / kLowestRate, u);
  }

 private:
  std::mt19937_64 engine_;
};

/// As numpy.gradient: central differences, one-sided at the ends.
std::vector<double> slopes(const std::vector<double>& y) {
  const std::size_t last = y.size() - 1;
  std::vector<double> g(y.size());
  for (std::size_t i = 0; i <= last; ++i) {
    const std::size_t a = i == 0 ? 0 : i - 1, b = i == last ? last : i + 1;
    g[i] = (y[b] - y[a]) / static_cast<double>(b - a);
  }
  return g;
}

/// The rules look at neither the first tenth nor the last five.
void cut_ends(RangeTest& test, std::size_t first, std::size_t last) {
  for (std::vector<double>* x : {&test.rates, &test.losses}) {
    x->resize(x->size() > last ? x->size() - last : 0);
    x->erase(x->begin(), x->begin() + static_cast<std::ptrdiff_t>(std::min(first, x->size())));
  }
}

double loss_or_infinity(const RunRecord& t) { return t.loss ? *t.loss : INFINITY; }

}  // namespace

RangeTest range_test(TaskRuns& task, std::uint64_t seed) {
  constexpr int kSteps = 100;
  constexpr double kFrom = 1e-7, kTo = 10, kBeta = 0.98, kTooHigh = 4;
  RangeTest test;
  Objective& f = task.problem().objective();
  Vector x = task.problem().start(seed);
  RuleStepper optimizer(task.problem().optimizer(), x);
  Batches batches(f, task.options().batch_size, seed);
  double average = 0, best = INFINITY;
  f.set_parameters(x);
  for (int i = 0; i < kSteps; ++i) {
    const double lr = kFrom * std::pow(kTo / kFrom, static_cast<double>(i) / kSteps);
    const auto [loss, gradient, examples] = batches.next_gradient();
    test.units += Budget::kGradient * examples;
    average = kBeta * average + (1 - kBeta) * loss;
    const double smoothed = average / (1 - std::pow(kBeta, i + 1));
    if (!std::isfinite(smoothed)) break;
    test.rates.push_back(lr);
    test.losses.push_back(smoothed);
    best = std::min(best, smoothed);
    if (smoothed > kTooHigh * best) break;
    optimizer.step(lr, x, gradient);
    f.set_parameters(x);
  }
  cut_ends(test, kSteps / 10, 5);
  return test;
}

std::optional<double> steepest(const RangeTest& test) {
  std::optional<double> rate;
  double lowest = INFINITY;
  for (std::size_t i = 0; i + 1 < test.rates.size(); ++i) {
    const double slope = (test.losses[i + 1] - test.losses[i]) / std::log(test.rates[i + 1] / test.rates[i]);
    if (slope < lowest) lowest = slope, rate = test.rates[i];
  }
  return rate;
}

std::optional<double> valley(const RangeTest& test) {
  if (test.rates.empty()) return std::nullopt;
  // The longest falling subsequence; it need not be of neighbors, yet is taken to end where it ends and to be as wide
  // as long.
  std::vector<int> length(test.losses.size(), 1);
  std::size_t end = 0;
  for (std::size_t i = 1; i < length.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j)
      if (test.losses[i] < test.losses[j]) length[i] = std::max(length[i], length[j] + 1);
    if (length[i] > length[end]) end = i;
  }
  if (end == 0) return test.rates.front();
  const double third = length[end] / 3.0;
  const int at = static_cast<int>(end) - length[end] + static_cast<int>(third) + static_cast<int>(third / 2);
  return test.rates[static_cast<std::size_t>(std::max(at, 0))];
}

std::optional<double> slide(const RangeTest& test) {
  constexpr std::size_t kWidth = 15;
  constexpr double kThreshold = 0.005;
  if (test.rates.size() <= kWidth) return std::nullopt;
  const std::vector<double> g = slopes(test.losses);
  std::size_t left = test.rates.size() - 1 - kWidth;
  double rate = test.rates[left];
  while (std::abs(g[left + kWidth] - g[left]) > kThreshold) {
    rate = test.rates[left];
    if (left-- == 0) break;
  }
  return rate;
}

std::optional<double> minimum_over_ten(const RangeTest& test) {
  if (test.rates.empty()) return std::nullopt;
  const auto lowest = std::min_element(test.losses.begin(), test.losses.end()) - test.losses.begin();
  return test.rates[static_cast<std::size_t>(lowest)] / 10;
}

std::vector<Suggestion> range_test_suggestions(TaskRuns& task, std::uint64_t seed) {
  const RangeTest test = range_test(task, seed);
  return {{"range_steepest", steepest(test), test.units},
          {"range_valley", valley(test), test.units},
          {"range_slide", slide(test), test.units},
          {"range_minimum", minimum_over_ten(test), test.units}};
}

std::vector<Suggestion> sweeps(TaskRuns& task, const std::vector<double>& rates, std::uint64_t seed) {
  std::vector<Suggestion> all;
  std::vector<double> sums(rates.size(), 0);
  std::int64_t units = 0;
  for (const std::uint64_t count : {1, 2, 3}) {
    for (std::size_t i = 0; i < rates.size(); ++i) {
      const RunRecord trial = task.whole_run(rates[i], seed + count - 1);
      units += trial.units;
      sums[i] += loss_or_infinity(trial);
    }
    const auto lowest = std::min_element(sums.begin(), sums.end());
    if (count != 2)
      all.push_back({fmt::format("sweep_{}", count), rates[static_cast<std::size_t>(lowest - sums.begin())], units});
  }
  return all;
}

Suggestion random_search(TaskRuns& task, SearchSeeds seeds, std::int64_t limit) {
  Suggestion s{"random", std::nullopt, 0};
  RandomRates rates(seeds.rates);
  const std::int64_t run = task.terms().run_cost();
  double best = INFINITY;
  for (std::int64_t i = 0; i < limit / run; ++i) {
    const RunRecord trial = task.whole_run(rates.next(), seeds.run);
    s.units += trial.units;
    if (loss_or_infinity(trial) < best) best = *trial.loss, s.lr = trial.lr;
  }
  return s;
}

Suggestion successive_halving(TaskRuns& task, SearchSeeds seeds, std::int64_t limit) {
  constexpr std::int64_t kFirst = 12, kSecond = 4;
  // So many steps in the first round that the whole is paid for: 12 runs of s, 4 carried on to 3 s, one to 9 s.
  const std::int64_t judging = (kFirst + kSecond + 1) * task.terms().judging_cost();
  const std::int64_t a_step = task.terms().steps_cost(1) * (kFirst + 2 * kSecond + 6);
  const long shortest = std::min(task.options().steps / 9, static_cast<long>((limit - judging) / a_step));
  struct Arm {
    std::unique_ptr<TrialRun> run;
    RunRecord last;
  };
  Suggestion s{"halving", std::nullopt, 0};
  RandomRates rates(seeds.rates);
  std::vector<Arm> arms(kFirst);
  for (Arm& arm : arms) arm.run = task.run(rates.next(), seeds.run);
  long steps = shortest;
  for (const std::int64_t stay : {kSecond, std::int64_t{1}, std::int64_t{0}}) {
    for (Arm& arm : arms) {
      arm.last = arm.run->train_to(steps);
      s.units += arm.last.units;
    }
    std::stable_sort(arms.begin(), arms.end(),
                     [](const Arm& a, const Arm& b) { return loss_or_infinity(a.last) < loss_or_infinity(b.last); });
    if (stay > 0) arms.resize(static_cast<std::size_t>(stay));
    steps *= 3;
  }
  if (arms.front().last.loss) s.lr = arms.front().last.lr;
  return s;
}
