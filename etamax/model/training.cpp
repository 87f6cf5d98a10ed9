#include "etamax/model/training.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "etamax/core/format.h"

namespace etamax {
namespace {

using torch::Tensor;

constexpr std::size_t kMostLosses = 2000;
/// Outputs whose spread over the examples is below this part of their size are the same for all inputs.
constexpr double kSameOutputs = 1e-3;

void add_loss(TrainingRun& run, std::vector<double>& losses, double loss) {
  if (run.steps % run.stride == 0) losses.push_back(loss);
  if (losses.size() <= kMostLosses) return;
  for (std::size_t i = 1; 2 * i < losses.size(); ++i) losses[i] = losses[2 * i];
  losses.resize((losses.size() + 1) / 2);
  run.stride *= 2;
}

double median_of(std::vector<double> x) {
  std::nth_element(x.begin(), x.begin() + static_cast<long>(x.size() / 2), x.end());
  return x[x.size() / 2];
}

/// The median of the quarter q (0 to 3) of a run's losses.
double quarter(const std::vector<double>& losses, std::size_t q) {
  const std::size_t n = losses.size(), from = q * n / 4, to = std::max(from + 1, (q + 1) * n / 4);
  return median_of({losses.begin() + static_cast<long>(from), losses.begin() + static_cast<long>(std::min(to, n))});
}

}  // namespace

bool outputs_are_all_the_same(ModelObjective& f) {
  if (f.examples() < 2) return false;
  const Tensor outputs = f.outputs().to(torch::kDouble);
  const double spread = outputs.std(0, false).max().item<double>();
  return spread <= kSameOutputs * (1e-6 + outputs.abs().max().item<double>());
}

Batches::Batches(int64_t examples, int64_t size, std::uint64_t seed)
    : examples_(examples), size_(size <= 0 ? examples : size), seed_(seed) {}

Tensor Batches::next() {
  if (whole()) return torch::arange(examples_, torch::kLong);
  if (!order_.defined() || at_ >= examples_) {
    order_ = torch::randperm(examples_, at::detail::createCPUGenerator(seed_++), torch::kLong);
    at_ = 0;
  }
  const int64_t from = at_;
  at_ = std::min(at_ + size_, examples_);
  return order_.slice(0, from, at_);
}

Batches::Gradient Batches::next_gradient(ModelObjective& f) {
  if (whole()) {
    const auto [loss, gradient] = f.loss_and_gradient();
    return {loss, gradient, examples_};
  }
  const Tensor rows = next();
  const auto [loss, gradient] = f.batch_gradient(rows);
  return {loss, gradient, rows.size(0)};
}

double loss_beyond_return(double start_loss, double chance_loss) {
  constexpr double kTimes = 1e8;
  return kTimes * std::max({start_loss, chance_loss, 1e-12});
}

TrainingRun train(ModelObjective& f, double lr, const TrainingOptions& options) {
  const KeepParameters keep(f);
  TrainingRun run;
  run.lr = lr;
  Tensor x = keep.parameters().clone();
  TensorOptimizer optimizer = options.state ? *options.state : TensorOptimizer(options.optimizer, options.values, x);
  Batches batches(f.examples(), options.batch_size, options.seed);
  const double ceiling = loss_beyond_return(options.start_loss, options.chance_loss);
  const auto diverged = [&](const std::string& what) {
    run.verdict = Verdict::diverges;
    run.first_bad_step = run.steps;
    run.reason = fmt::format("After {} {}.", counted(run.steps, "step"), what);
  };
  for (; run.steps <= options.steps; ++run.steps) {
    const bool last = run.steps == options.steps;
    // After the last step only the loss is of interest, and that on all the data.
    const auto [loss, gradient, examples] = last ? Batches::Gradient{f.loss(), {}, 0} : batches.next_gradient(f);
    if (!last || batches.whole()) add_loss(run, run.losses, loss);
    if (!std::isfinite(loss)) {
      diverged("the loss is no longer a finite number");
      break;
    }
    if (loss > ceiling) {
      diverged(fmt::format("the loss is {}, beyond return", format_number(loss, 3)));
      break;
    }
    if (last) {
      run.final_loss = loss;
      break;
    }
    optimizer.step(lr, x, gradient);
    f.set_parameters(x);
    report_progress(options.progress, static_cast<double>(run.steps) / static_cast<double>(options.steps));
    if (options.observer && !options.observer(run.steps + 1, optimizer)) return run;
  }
  if (run.final_loss && outputs_are_all_the_same(f)) {
    run.verdict = Verdict::collapses;
    run.reason = fmt::format("The loss is finite but stuck at {}: the outputs are the same for all inputs.",
                             format_number(*run.final_loss, 3));
  }
  return run;
}

void judge(TrainingRun& run, const TrainingOptions& options, double best, double trains_at) {
  if (!run.final_loss) return;
  const double final_loss = *run.final_loss;
  const double start = options.start_loss, chance = options.chance_loss;
  const std::string from_to = fmt::format("from {} to {}", format_number(start, 3), format_number(final_loss, 3));
  const double middle = quarter(run.losses, 1), end = quarter(run.losses, 3);
  const bool at_chance =
      final_loss >= 0.9 * chance && final_loss <= 1.2 * chance && std::abs(end - middle) < 0.1 * chance;
  // A network that has learnt already must not get worse; one that has not must make half of the progress that the best
  // run makes: from chance level on, or, where no run has come below that yet, from the start.
  const bool below_chance = best < chance;
  const double level = below_chance ? std::min(start, chance) : start;
  const double target = start < 0.5 * chance ? start : level - 0.5 * (level - best);
  if (run.verdict == Verdict::collapses) return;
  if (final_loss <= target && final_loss < start && (below_chance || !at_chance)) {
    run.verdict = Verdict::converges;
    run.reason = "The loss falls " + from_to + ".";
    return;
  }
  if (final_loss < start && run.lr <= trains_at) {
    run.verdict = Verdict::converges;
    run.reason = "The loss falls slowly, " + from_to + ".";
    return;
  }
  if (at_chance) {
    run.verdict = Verdict::collapses;
    run.reason = fmt::format("The loss is stuck at {}, chance level.", format_number(final_loss, 3));
  } else if (final_loss > 1.2 * std::max(start, chance) && end > 1.5 * middle) {
    run.verdict = Verdict::diverges;
    run.reason = "The loss rises " + from_to + " and keeps rising.";
  } else if (final_loss >= start) {
    run.verdict = Verdict::cycles;
    run.reason = "The loss stays finite, but went " + from_to + ".";
  } else {
    run.verdict = Verdict::unclear;
    run.reason =
        fmt::format("The loss went {} in {} steps: less than half of what another rate reaches.", from_to, run.steps);
  }
}

LargestTrainable find_largest_trainable(ModelObjective& f, double around, const std::vector<double>& also,
                                        const TrainingOptions& options, std::vector<TrainingRun>& runs) {
  constexpr int kMostOctaves = 14;
  LargestTrainable found;
  found.steps = options.steps;
  const auto judge_all = [&] {
    double best = options.start_loss, trains_at = 0;
    for (const TrainingRun& run : runs)
      if (run.final_loss && run.verdict != Verdict::collapses) best = std::min(best, *run.final_loss);
    for (int pass = 0; pass < 2; ++pass)  // whether slow is slow depends on a faster one that trains
      for (TrainingRun& run : runs) {
        judge(run, options, best, trains_at);
        if (run.verdict == Verdict::converges) trains_at = std::max(trains_at, run.lr);
      }
  };
  const auto trains = [&](double lr) {
    TrainingRun run = train(f, lr, options);
    runs.insert(std::upper_bound(runs.begin(), runs.end(), lr, [](double a, const auto& b) { return a < b.lr; }),
                std::move(run));
    judge_all();
    return std::find_if(runs.begin(), runs.end(), [&](const auto& r) { return r.lr == lr; })->verdict ==
           Verdict::converges;
  };
  for (const double lr : also) trains(lr);
  // The first run below the edge is the measure that the others are held to.
  double good = around / 2, bad = 0;
  if (trains(good)) {
    for (int i = 0; i < kMostOctaves && bad == 0; ++i) {
      const double next = good * 2;
      (trains(next) ? good : bad) = next;
    }
  } else {
    bad = good;
    good = 0;
    for (int i = 0; i < kMostOctaves && good == 0; ++i) {
      const double next = bad / 2;
      (trains(next) ? good : bad) = next;
    }
  }
  // A later run may show that an earlier one was no training at all.
  const auto bracket = [&] {
    good = bad = 0;
    for (const TrainingRun& run : runs) {
      if (run.verdict == Verdict::converges && bad == 0) good = run.lr;
      if (run.verdict != Verdict::converges && good > 0 && bad == 0) bad = run.lr;
    }
  };
  bracket();
  while (good > 0 && bad > good * std::sqrt(2.0) * 1.0001) {
    trains(std::sqrt(good * bad));
    bracket();
  }
  // What one would rather use: with an octave or two to spare, for the limit moves with the seed.
  for (const double lr : {good / 2, good / 4})
    if (lr > 0 &&
        std::none_of(runs.begin(), runs.end(), [&](const auto& r) { return r.lr > lr / 1.1 && r.lr < lr * 1.0001; }))
      trains(lr);
  if (good > 0) found.lr.lower = good;
  if (bad > 0) found.lr.upper = bad;
  if (good == 0)
    found.reason = fmt::format("no run trained, down to {}", format_number(runs.front().lr, 3));
  else if (bad == 0)
    found.reason = fmt::format("every rate up to {} trains", format_number(good, 3));
  return found;
}

}  // namespace etamax
