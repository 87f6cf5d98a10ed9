#include "etamax/training/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "etamax/core/format.h"

namespace etamax {

double Schedule::factor(long step) const {
  const double done = static_cast<double>(step) / static_cast<double>(horizon);
  const double factor = name == "cosine"   ? 0.5 * (1 + std::cos(std::numbers::pi * done))
                        : name == "linear" ? 1 - done
                                           : 1;
  return step < warmup ? factor * static_cast<double>(step + 1) / static_cast<double>(warmup) : factor;
}

void LossTrace::add(long step, double loss) {
  constexpr std::size_t kMost = 2000;
  if (step % stride == 0) losses.push_back(loss);
  if (losses.size() <= kMost) return;
  for (std::size_t i = 1; 2 * i < losses.size(); ++i) losses[i] = losses[2 * i];
  losses.resize((losses.size() + 1) / 2);
  stride *= 2;
}

Training::Training(std::unique_ptr<Run> run, TrainingSettings settings)
    : run_(std::move(run)), settings_(std::move(settings)) {}

void Training::train_to(long steps, const Watcher& watcher) {
  examples_seen_ = 0;
  if (lost_) return;
  run_->resume();
  while (steps_ < steps) {
    double lr = settings_.lr * settings_.schedule.factor(steps_);
    if (settings_.steering) lr = settings_.steering->rate(*run_, lr);
    const auto [loss, examples] = run_->step(lr);
    if (settings_.steering) settings_.steering->stepped(*run_);
    examples_seen_ += examples;
    trace_.add(steps_, loss);
    if (steps_ == 0) first_loss_ = loss;
    if (!(loss <= settings_.divergence_threshold) || !std::isfinite(loss)) {
      lost_ = loss;
      return;
    }
    ++steps_;
    if (watcher && !watcher({steps_, loss, *run_})) return;
    const long all = std::max(settings_.schedule.horizon, steps);
    report_progress(settings_.progress, static_cast<double>(steps_) / static_cast<double>(all), [&, loss = loss] {
      return fmt::format("lr {}, step {} of {}, loss {}", format_number(lr, 3), steps_, all, format_number(loss, 3));
    });
  }
}

double divergence_threshold(double start_loss, std::optional<double> baseline) {
  constexpr double kTimes = 1e8;
  return kTimes * std::max({std::abs(start_loss), baseline.value_or(0), 1e-12});
}

}  // namespace etamax
