#include "etamax/training/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/core/statistics.h"

namespace etamax {
namespace {

constexpr double kProgress = 0.5;             // of the best run's
constexpr double kHasLearnt = 0.5;            // of the baseline: who starts below it must not get worse
constexpr double kAtBaseline[] = {0.9, 1.2};  // times the baseline
constexpr double kFlat = 0.1;                 // of the baseline, between the run's quarters
constexpr double kRising = 1.5;               // times, between the run's quarters

/// The median of the quarter q (0 to 3) of a run's losses.
double quarter(const std::vector<double>& losses, std::size_t q) {
  const std::size_t n = losses.size(), from = q * n / 4, to = std::max(from + 1, (q + 1) * n / 4);
  return upper_median({losses.begin() + static_cast<long>(from), losses.begin() + static_cast<long>(std::min(to, n))});
}

struct Judgment {
  Verdict verdict = Verdict::unclear;
  std::string reason;
};

Judgment alone(const RunRecord& run, const RunReference& reference) {
  return {*run.training_loss < reference.start_loss ? Verdict::trains : Verdict::unclear, ""};
}

Judgment beside_others(const RunRecord& run, const RunReference& reference) {
  const double end = *run.loss, start = reference.start_loss, best = *reference.best;
  const double baseline = reference.baseline.value_or(start);
  const std::string from_to = fmt::format("from {} to {}", format_number(start, 3), format_number(end, 3));
  const double middle = quarter(run.losses, 1), last = quarter(run.losses, 3);
  const bool at_baseline = reference.baseline && end >= kAtBaseline[0] * baseline && end <= kAtBaseline[1] * baseline &&
                           std::abs(last - middle) < kFlat * baseline;
  // Progress counts from the baseline on, or, where no run has come below that yet, from the start.
  const bool below_baseline = !reference.baseline || best < baseline;
  const double level = below_baseline ? std::min(start, baseline) : start;
  const double target = start < kHasLearnt * baseline ? start : level - kProgress * (level - best);
  if (end <= target && end < start && (below_baseline || !at_baseline))
    return {Verdict::trains, "The loss falls " + from_to + "."};
  if (end < start && run.lr <= reference.trains_at) return {Verdict::trains, "The loss falls slowly, " + from_to + "."};
  if (at_baseline)
    return {Verdict::collapses,
            fmt::format("The loss is stuck at {}, that of the best constant predictor.", format_number(end, 3))};
  if (end > kAtBaseline[1] * std::max(start, baseline) && last > kRising * middle)
    return {Verdict::diverges, "The loss rises " + from_to + " and keeps rising."};
  if (end >= start) return {Verdict::unclear, "The loss stays finite, but went " + from_to + "."};
  return {Verdict::unclear, fmt::format("The loss went {} in {} steps: less than half of what another rate reaches.",
                                        from_to, run.steps)};
}

}  // namespace

void judge(RunRecord& run, const RunReference& reference) {
  if (!run.loss || run.verdict == Verdict::collapses) return;
  const Judgment judgment = reference.best ? beside_others(run, reference) : alone(run, reference);
  run.verdict = judgment.verdict;
  run.reason = judgment.reason;
}

void judge_all(std::vector<RunRecord>& runs, const RunReference& reference) {
  RunReference all = reference;
  double best = reference.start_loss;
  for (const RunRecord& run : runs)
    if (run.loss && run.verdict != Verdict::collapses) best = std::min(best, *run.loss);
  all.best = best;
  for (int pass = 0; pass < 2; ++pass)  // whether slow is slow depends on a faster one that trains
    for (RunRecord& run : runs) {
      judge(run, all);
      if (run.verdict == Verdict::trains) all.trains_at = std::max(all.trains_at, run.lr);
    }
}

}  // namespace etamax
