#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tasks.h"

/// What people use to find a learning rate, written from the published rules.

struct Suggestion {
  std::string method;
  std::optional<double> lr;  ///< none where the method gives no answer
  std::int64_t units = 0;    ///< spent, as etamax::Budget counts
  long warmup = 0;           ///< steps, where the method gives some
};

/// The learning rate range test: the rate grows from step to step. L. N. Smith, Cyclical learning rates for training
/// neural networks, WACV 2017; from 1e-7 to 10 in 100 steps, with the smoothing, the stop and the cut ends of fastai's
/// lr_find (J. Howard and S. Gugger, fastai: a layered API for deep learning, 2020).
struct RangeTest {
  std::vector<double> rates, losses;  ///< losses smoothed
  std::int64_t units = 0;
};
RangeTest range_test(TaskRuns& task, std::uint64_t seed);

/// The suggestion rules that go with it: where the loss falls fastest; in the middle of the longest valley; where the
/// slope still holds, seen in a sliding interval from the right; a tenth of the rate of the lowest loss. None where too
/// few points are left.
std::optional<double> steepest(const RangeTest& test);
std::optional<double> valley(const RangeTest& test);
std::optional<double> slide(const RangeTest& test);
std::optional<double> minimum_over_ten(const RangeTest& test);

/// All four of them, from one test.
std::vector<Suggestion> range_test_suggestions(TaskRuns& task, std::uint64_t seed);

/// What nobody pays for: whole runs of one seed, and of three, at all these rates; the lowest mean validation loss
/// wins. No limit: it shows how near to the best rate a sweep comes at all.
std::vector<Suggestion> sweeps(TaskRuns& task, const std::vector<double>& rates, std::uint64_t seed);

struct SearchSeeds {
  std::uint64_t run, rates;  ///< of the start and the order of examples; of the rates that are drawn
};

/// Whole runs at rates log-uniform in [1e-5, 10], as many as the budget pays for; the lowest validation loss wins. J.
/// Bergstra and Y. Bengio, Random search for hyper-parameter optimization, JMLR 2012.
Suggestion random_search(TaskRuns& task, SearchSeeds seeds, std::int64_t limit);

/// Twelve such rates, all for a short run, the best third for one three times as long, the best of these for one nine
/// times as long, each run carried on. K. Jamieson and A. Talwalkar, Non-stochastic best arm identification and
/// hyperparameter optimization, AISTATS 2016.
Suggestion successive_halving(TaskRuns& task, SearchSeeds seeds, std::int64_t limit);
