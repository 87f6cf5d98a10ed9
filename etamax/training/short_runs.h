#pragma once

#include <string>
#include <vector>

#include "etamax/answers/analysis.h"
#include "etamax/problem/problem.h"
#include "etamax/training/training.h"
#include "etamax/training/verdict.h"

namespace etamax {

/// Where a run begins.
struct RunStart {
  std::uint64_t seed = 0;  ///< of the order of the examples
  Vector parameters = {};
  double loss = 0;            ///< there, on all the data
  bool outputs_same = false;  ///< the outputs are all the same there, before any step
};

struct ShortRunSettings {
  std::int64_t batch_size = 0;     ///< 0: all examples
  long steps = 200;                ///< at least 1
  std::optional<double> baseline;  ///< the loss of the best constant predictor
  Progress progress = {};
  Schedule schedule = {};           ///< of the rate, which is its peak
  std::optional<double> clip = {};  ///< RunSettings::clip
};

/// Trains from `start` at one learning rate, and puts the objective's parameters back. Stops as soon as the loss
/// is lost. Gives everything of a run but its verdict where that needs other runs: `verdict` is `diverges`, `collapses`
/// where the outputs have come to depend on the inputs no longer, else `unclear`. Where the watcher ends it, the run
/// has no loss.
RunRecord short_run(Problem& problem, double lr, const RunStart& start, const ShortRunSettings& settings,
                    const Training::Watcher& watcher = {}, Steering* steering = nullptr);

/// The starts that runs can be made from: the objective's present parameters first, then others: other weights, where
/// the problem has others to begin with, and another order of the examples, where steps are on batches. Where neither
/// changes anything there is one.
struct Starts {
  std::vector<RunStart> all;
  std::size_t usual = 1;  ///< the first so many; the best rates are tried from the others, too
  std::string about;      ///< in what they differ, for a reader; "" where there is one
};
/// `count` usual ones, and where that is more than one as many again.
Starts starts_of(Problem& problem, std::uint64_t seed, long count, const ShortRunSettings& settings);

/// Finds the largest learning rate at which training works: from the first start by a search (search.h), then by asking
/// the other usual ones at both ends, until all train at the lower and none at the upper; and the rate to use, at which
/// all starts train.
class TrainableSearch {
 public:
  /// `problem` and `starts`, which has one at least, must outlive it.
  TrainableSearch(Problem& problem, const Starts& starts, ShortRunSettings settings);

  /// `around`: where to begin, usually the edge. `also`: rates that are run from every start in any case. Adds every
  /// run to the answer's `runs` and `other_starts`, and sets its `trainable` and `recommended`. Throws Interrupted; the
  /// answer then holds the runs made.
  void search(double around, const std::vector<double>& also, Analysis& answer);

 private:
  const RunRecord& run(double lr, std::size_t start, Analysis& answer);
  const RunRecord* made(double lr, std::size_t start, const Analysis& answer) const;
  bool all(double lr, bool train, Analysis& answer, bool with_further = false);
  std::optional<double> first_where_all(double lr, double factor, bool train, Analysis& answer);
  void ask_other_starts(Analysis& answer);
  void recommend(Analysis& answer);
  std::optional<Recommended> outcome(double lr, Analysis& answer);
  std::vector<double> candidates(double most, Analysis& answer);
  std::string why_none_trains(const Analysis& answer) const;

  Problem& problem_;
  const Starts& starts_;
  ShortRunSettings settings_;
};

}  // namespace etamax
