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
constexpr double kBelowBaseline = 0.95;       // of it: who starts below that already knows more than a constant
constexpr double kClearlyBelow = 0.85;        // of the baseline: what a run that has learnt something ends at
constexpr double kAtBaseline[] = {0.9, 1.2};  // times the baseline
constexpr double kFlat = 0.1;                 // of the baseline, between the run's quarters
constexpr double kRising = 1.5;               // times, between the run's quarters
constexpr double kPeak = 3;                   // times the start or the baseline: far above either

/// The median of the quarter q (0 to 3) of a run's losses.
double quarter(const std::vector<double>& losses, std::size_t q) {
  const std::size_t n = losses.size(), from = q * n / 4, to = std::max(from + 1, (q + 1) * n / 4);
  return upper_median({losses.begin() + static_cast<long>(from), losses.begin() + static_cast<long>(std::min(to, n))});
}

struct Judgment {
  Verdict verdict = Verdict::unclear;
  std::string reason;
  bool slow = false;
};

Judgment alone(const RunRecord& run) {
  return {*run.training_loss < run.start_loss ? Verdict::trains : Verdict::unclear, ""};
}

/// The loss that a run must end at or below to be one that trains; none where no run known has learnt anything.
std::optional<double> target(double start, const RunReference& reference) {
  const double best = *reference.best, baseline = reference.baseline.value_or(start);
  if (!(best < start)) return {};
  if (reference.baseline && start < kHasLearnt * baseline) return start;
  const double level = std::min(start, baseline), halfway = level - kProgress * (level - best);
  if (!reference.baseline || start < kBelowBaseline * baseline) return halfway;
  if (best > kClearlyBelow * baseline) return {};
  return std::min(halfway, kClearlyBelow * baseline);
}

Judgment beside_others(const RunRecord& run, const RunReference& reference) {
  const double end = *run.loss, start = run.start_loss;
  const double baseline = reference.baseline.value_or(start), high = std::max(start, baseline);
  const std::string from_to = fmt::format("from {} to {}", format_number(start, 3), format_number(end, 3));
  const std::optional<double> wanted = target(start, reference);
  if (wanted && end <= *wanted && end < start) return {Verdict::trains, "The loss falls " + from_to + "."};

  double quarters[4], lowest = INFINITY;
  for (std::size_t q = 0; q < 4; ++q) quarters[q] = quarter(run.losses, q);
  for (std::size_t q = 0; q < 3; ++q) lowest = std::min(lowest, quarters[q]);
  const bool peaked = std::any_of(run.losses.begin(), run.losses.end(), [&](double x) { return x > kPeak * high; });
  const bool lower_trains = reference.trains_at > 0 && run.lr > reference.trains_at;
  if (end > kAtBaseline[1] * high && quarters[3] > kRising * quarters[1])
    return {Verdict::diverges, "The loss rises " + from_to + " and keeps rising."};
  if (wanted && lowest <= *wanted)
    return {Verdict::unclear, fmt::format("The loss had fallen to {} and did not stay there: it went {}.",
                                          format_number(lowest, 3), from_to)};
  const bool at_baseline = reference.baseline && end >= kAtBaseline[0] * baseline && end <= kAtBaseline[1] * baseline &&
                           std::abs(quarters[3] - quarters[1]) < kFlat * baseline;
  if (at_baseline && (lower_trains || peaked))
    return {Verdict::collapses,
            fmt::format("The loss is stuck at {}, that of the best constant predictor.", format_number(end, 3))};
  const bool falls = end < start && !peaked && quarters[3] <= quarters[0];
  if (falls && !lower_trains) {
    if (reference.baseline && start >= kBelowBaseline * baseline && end > kClearlyBelow * baseline)
      return {Verdict::unclear,
              fmt::format("The loss falls slowly, {}: not clearly below the {} of the best constant predictor.",
                          from_to, format_number(baseline, 3)),
              true};
    return {Verdict::unclear,
            fmt::format("The loss falls slowly, {}: less than half of what another rate reaches.", from_to), true};
  }
  if (end >= start) return {Verdict::unclear, "The loss stays finite, but went " + from_to + "."};
  return {Verdict::unclear, fmt::format("The loss went {} in {} steps: {}.", from_to, run.steps,
                                        wanted ? "less than half of what another rate reaches"
                                               : fmt::format("not clearly below the {} of the best constant predictor",
                                                             format_number(baseline, 3)))};
}

}  // namespace

void judge(RunRecord& run, const RunReference& reference) {
  if (!run.loss || run.verdict == Verdict::collapses) return;
  const Judgment judgment = reference.best ? beside_others(run, reference) : alone(run);
  run.verdict = judgment.verdict;
  run.reason = judgment.reason;
  run.slow = judgment.slow;
}

bool fails(const RunRecord& run) { return run.verdict != Verdict::trains && !run.slow; }

RunReference reference_of(const std::vector<const std::vector<RunRecord>*>& runs, std::optional<double> baseline) {
  RunReference all{baseline, INFINITY, 0};
  for (const auto* some : runs)
    for (const RunRecord& run : *some) {
      if (run.loss && run.verdict != Verdict::collapses) all.best = std::min(*all.best, *run.loss);
      if (run.verdict == Verdict::trains) all.trains_at = std::max(all.trains_at, run.lr);
    }
  return all;
}

void judge_all(const std::vector<std::vector<RunRecord>*>& runs, std::optional<double> baseline) {
  RunReference all = reference_of({runs.begin(), runs.end()}, baseline);
  all.trains_at = 0;                    // by verdicts that may not stand
  for (int pass = 0; pass < 2; ++pass)  // whether slow is slow depends on a faster one that trains
    for (auto* some : runs)
      for (RunRecord& run : *some) {
        judge(run, all);
        if (run.verdict == Verdict::trains) all.trains_at = std::max(all.trains_at, run.lr);
      }
}

}  // namespace etamax
